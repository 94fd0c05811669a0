#include <string>

#include "harness/verify/clock_skew.h"
#include "harness/verify/container_cases.h"
#include "harness/verify/counter_monitor.h"
#include "harness/verify/crew.h"
#include "harness/verify/models.h"

namespace crosstalk::harness::verify {

namespace {

class CounterOwner {
 public:
  explicit CounterOwner(const AnyCounter& any) : any_(any), counter_(any.make()) {}
  ~CounterOwner() { any_.destroy(counter_); }
  CounterOwner(const CounterOwner&) = delete;
  CounterOwner& operator=(const CounterOwner&) = delete;
  [[nodiscard]] void* get() const noexcept { return counter_; }

 private:
  const AnyCounter& any_;
  void* const counter_;
};

void increments(CaseRun& run, const AnyCounter& any) {
  const std::size_t cell = run.cell(any.increment != nullptr ? "increment" : "add");
  const std::uint64_t skew = measure_clock_skew();
  Crew crew(run, 8, 2'048);
  run.rounds({2, 3, 4, 8}, 50, 1'000, [&](const Round& round) {
    const CounterOwner counter(any);
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        if (i % 8 == 0) member.injector().outside();
        member.begin(op::kIncrement, 0, 1);
        if (any.increment != nullptr) {
          member.end(any.increment(counter.get()));
        } else {
          any.add(counter.get());
          member.end(0);
        }
        run.count(cell);
      }
    });
    const auto sum = static_cast<std::int64_t>(round.threads * round.operations);
    if (any.get(counter.get()) != sum) {
      crew.fail("no lost update",
                std::to_string(sum) + " increments made it " + std::to_string(any.get(counter.get())));
    }
    if (any.increment == nullptr) return;
    const std::string wrong = check_counter_values(crew.events(), skew);
    if (!wrong.empty()) crew.fail("linearizability", wrong);
  });
}

void mixed(CaseRun& run, const AnyCounter& any) {
  const std::size_t cells[] = {run.cell("get"), run.cell("increment"), run.cell("exchange"),
                               run.cell("compare_and_swap = false"), run.cell("compare_and_swap = true")};
  const JudgedCells judged(run);
  const LinearizeOptions options{.configurations_most = 20'000, .skew_ticks = measure_clock_skew()};
  Crew crew(run, 4, 2'048);
  run.rounds({2, 3, 4, 2}, 20, 100, [&](const Round& round) {
    const CounterOwner counter(any);
    crew.round(round, [&](Member& member) {
      std::int64_t seen = 0;
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        const auto fresh = static_cast<std::int64_t>((member.id() + 1) * 1'000'000 + i * 1'000);
        std::size_t cell = member.random().below(4);
        if (cell == 0) {
          member.begin(op::kGet);
          member.end(seen = any.get(counter.get()));
        } else if (cell == 1) {
          member.begin(op::kIncrement, 0, 1);
          member.end(seen = any.increment(counter.get()));
        } else if (cell == 2) {
          member.begin(op::kExchange, 0, fresh);
          member.end(any.exchange(counter.get(), fresh));
        } else {
          member.begin(op::kCompareAndSwap, static_cast<std::uint64_t>(seen), fresh);
          const bool swapped = any.compare_and_swap(counter.get(), seen, fresh);
          member.end(swapped ? 1 : 0);
          if (swapped) cell = 4;
        }
        run.count(cells[cell]);
      }
    });
    const LinearizeResult result = linearize(crew.events(), 0, &counter_model, options);
    judged.count(run, result.verdict);
    if (result.verdict != Verdict::fail) return;
    run.fail("linearizability",
             std::string(result.culprit.what) + "() answered what no order of the operations explains",
             around(crew.events(), result.culprit, false));
  });
}

}  // namespace

std::vector<VerifyCase> counter_cases(const AnyCounter& one) {
  std::vector<VerifyCase> cases{{"increments", [one](CaseRun& run) { increments(run, one); }, 0.5}};
  if (one.compare_and_swap != nullptr)
    cases.push_back({"mixed", [one](CaseRun& run) { mixed(run, one); }, 0.5});
  return cases;
}

}  // namespace crosstalk::harness::verify
