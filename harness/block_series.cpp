#include "harness/block_series.h"

#include <algorithm>
#include <utility>

namespace crosstalk::harness {

namespace {

// The first block, which makes the traces, may be slow: some more are planned than it would let one hope for.
std::uint64_t affordable_blocks(double blocks, std::uint64_t most) {
  constexpr double kFewestPlanned = 6;
  const double planned = std::max(1.25 * blocks + 2, kFewestPlanned);
  return planned < static_cast<double>(most) ? static_cast<std::uint64_t>(planned) : most;
}

}  // namespace

BlockSeries::BlockSeries(Campaign& campaign, std::function<Plan(std::uint64_t)> make, BlockLimits limits,
                         std::uint64_t first_trial)
    : campaign_(campaign),
      make_(std::move(make)),
      limits_(limits),
      first_trial_(first_trial),
      begin_(std::chrono::steady_clock::now()) {}

double BlockSeries::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

Plan BlockSeries::plan_from(std::uint64_t first) const {
  Plan plan = make_(planned_);
  std::erase_if(plan, [&](const PlanRow& row) { return row.block < first; });
  for (PlanRow& row : plan) row.row += first_trial_;
  return plan;
}

std::uint64_t BlockSeries::begin() {
  begin_ = std::chrono::steady_clock::now();
  const Plan plan = plan_from(0);
  trials_of_block_ = plan.size();
  if (!campaign_.interrupted()) campaign_.run(plan);
  first_block_s_ = seconds();
  planned_ =
      limits_.budget_s ? affordable_blocks(*limits_.budget_s / first_block_s_, limits_.most) : limits_.most;
  return planned_;
}

void BlockSeries::finish(const std::function<bool(std::uint64_t)>& content) {
  if (campaign_.interrupted()) return;
  const Plan plan = plan_from(1);
  if (plan.empty()) return;
  std::uint64_t blocks = 0;
  const auto goes_on = [&] {
    ++blocks;
    const bool enough = content && content(blocks);
    const double with_another_s = seconds() * static_cast<double>(blocks + 1) / static_cast<double>(blocks);
    return !enough && (!limits_.budget_s || blocks < limits_.least || with_another_s <= *limits_.budget_s);
  };
  if (goes_on()) campaign_.run(plan, goes_on);
}

}  // namespace crosstalk::harness
