// Head made slower on purpose, by what is known exactly, to see what a gate makes of it: --inject.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/gate/contest.h"
#include "harness/repeat.h"
#include "reports/csv_reader.h"

namespace crosstalk::harness::gate {

// One of the two, or neither.
struct Injection {
  double total_pct = 0;  // work between operations, of the time that one takes the base
  Repeat repeat{};       // operations done once more

  [[nodiscard]] bool any() const noexcept { return total_pct > 0 || repeat.of != RepeatOf::nothing; }
};

// "total=5%", "lock=5%", "map=0.05". Throws ValueError.
[[nodiscard]] Injection parse_injection(std::string_view text);

// Why a contest cannot be slowed down so; empty: it can.
[[nodiscard]] std::string obstacle_of(const Injection& injection, const Contest& contest);

// What head's plan is told beside the base's. `operation_ns`: processor time that an operation takes the base.
[[nodiscard]] std::vector<std::string> flags_of(const Injection& injection, double operation_ns);

// What it is told where work is counted: nothing where the injection works by the clock, or has no place in the contest.
[[nodiscard]] std::vector<std::string> counted_flags_of(const Injection& injection, const Contest& contest);

// What was injected into a contest, and what it cost: over all sound pairs, Hodges-Lehmann, head / base - 1.
struct InjectionCost {
  std::string injected{};           // as run was told: "--repeat lock=5%"
  std::optional<double> repeats{};  // an operation, as head counted them
  std::size_t pairs = 0;
  std::optional<double> throughput{}, cpu_per_op{};
};

// `base` and `head`: rows of the same pairs, in their order.
[[nodiscard]] InjectionCost cost_of(const std::vector<std::string>& flags,
                                    const std::vector<reports::RunRow>& base,
                                    const std::vector<reports::RunRow>& head);

// "head is slowed down on purpose, by --repeat lock=5%, 0.046 repeats an operation: throughput -2.1 %, ..."
[[nodiscard]] std::string cost_words(const InjectionCost& cost);

}  // namespace crosstalk::harness::gate
