#include "harness/plan.h"

#include <algorithm>
#include <utility>

#include "harness/choices.h"
#include "harness/shuffle.h"
#include "workloads/random.h"

namespace crosstalk::harness {

namespace {

constexpr std::string_view kFloor = "null/null";

std::vector<PlanRow> block_of(const PlanRequest& request, const std::vector<std::string>& strategies) {
  std::vector<PlanRow> block;
  for (const std::string& strategy : strategies) {
    for (const std::uint32_t clients : request.clients) {
      for (const unsigned threads : request.threads) {
        for (const double rate : request.rates) {
          PlanRow row = request.base;
          row.strategy = strategy;
          row.floor = strategy == kFloor;
          row.clients = clients;
          row.threads = threads;
          row.rate_ops_s = rate;
          block.push_back(std::move(row));
        }
      }
    }
  }
  return block;
}

template <class Choice, std::size_t n>
std::string_view word(Choice choice, const std::array<std::string_view, n>& words) noexcept {
  return words[static_cast<std::size_t>(choice)];
}

}  // namespace

Plan make_plan(const PlanRequest& request) {
  std::vector<std::string> strategies = request.strategies;
  if (request.with_floor && std::find(strategies.begin(), strategies.end(), kFloor) == strategies.end()) {
    strategies.emplace_back(kFloor);
  }
  const std::vector<PlanRow> ordered = block_of(request, strategies);
  Plan plan;
  plan.reserve(ordered.size() * request.repetitions);
  for (std::uint64_t repetition = 0; repetition < request.repetitions; ++repetition) {
    std::vector<PlanRow> block = ordered;
    workloads::RandomStream random(request.base.seed, workloads::Purpose::plan, repetition);
    shuffle(block, random);
    if (repetition == 0) {
      std::stable_partition(block.begin(), block.end(), [](const PlanRow& row) { return row.floor; });
    }
    for (PlanRow& row : block) {
      row.row = plan.size();
      row.block = repetition;
      row.repetition = repetition;
      plan.push_back(std::move(row));
    }
  }
  return plan;
}

std::string_view to_string(LoadModel model) noexcept {
  return word(model, kLoadWords);
}
std::string_view to_string(Pin pin) noexcept {
  return word(pin, kPinWords);
}
std::string_view to_string(Path path) noexcept {
  return word(path, kPathWords);
}
std::string_view to_string(Checks checks) noexcept {
  return word(checks, kChecksWords);
}
std::string_view to_string(pool::QueuePolicy policy) noexcept {
  return word(policy, kQueuePolicyWords);
}
std::string_view to_string(pool::CounterKind kind) noexcept {
  return word(kind, kCounterWords);
}
std::string_view to_string(pool::Dispatch dispatch) noexcept {
  return word(dispatch, kDispatchWords);
}
std::string_view to_string(StoreKind store) noexcept {
  return word(store, kStoreWords);
}

}  // namespace crosstalk::harness
