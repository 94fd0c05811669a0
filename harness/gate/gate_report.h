// What a gate found: the value from which the table, the summary, the files and the exit code are made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/gate/contamination.h"
#include "harness/gate/contest.h"
#include "harness/gate/control.h"
#include "harness/gate/injection.h"
#include "harness/gate/instructions.h"
#include "harness/gate/op_counts.h"
#include "harness/gate/waivers.h"
#include "reports/gate_verdict.h"

namespace crosstalk::harness::gate {

struct ContestReport {
  Contest contest;
  double seconds = 0;                               // that its pairs took, repeated ones included
  std::vector<OpCount> counts{};                    // of the timed blocks
  std::vector<OpCount> replayed{};                  // of replays, where they were counted
  std::optional<InstructionChange> instructions{};  // where they were counted
  std::optional<InjectionCost> injection{};         // where head was slowed down on purpose
};

struct GateReport {
  std::string base, head;  // what the programs say of themselves, or the folders
  std::uint64_t seed = 0;
  double seconds = 0;
  std::vector<ContestReport> contests{};
  std::vector<reports::GateRow>
      rows{};  // contests in their order, metrics in theirs, then the geometric mean
  std::vector<std::optional<Waiver>> waived{};  // of each row: a regression that was accepted
  std::optional<ControlResult> control{};
  Repeats repeats{};
  std::vector<std::string> warnings{};  // for people
  std::string stopped{};                // why the gate ended before a verdict; empty: it did not
  std::string stop_page{};              // what to read about it, lines; may be empty
  int stop_code = 0;                    // then its exit code
  reports::UndecidedPolicy undecided = reports::UndecidedPolicy::fail;

  // The report of its scenario; null for the geometric mean.
  [[nodiscard]] const ContestReport* contest_of(const reports::GateRow& row) const noexcept;
};

// In some metric.
[[nodiscard]] bool has_regressed(const GateReport& report, const std::string& scenario);

// Takes the waivers whose limit holds: a row is waived that regressed, by no more than was allowed. The geometric mean may lose
// what its waived scenarios may, beside its margin. One that regressed by more, and a waiver that nothing needed, are told in `warnings`.
void apply_waivers(GateReport& report, const Waivers& waivers);

// All verdicts but "not comparable" and "broken" become "contaminated" where the control failed or too many pairs had to be repeated.
void apply_control(GateReport& report);

// Instructions up by more than the margin without time are a warning, both together are named in it.
void apply_instructions(GateReport& report, double margin);

// May the gate be undecided for this row? Not for the geometric mean, which asks for no pairs of its own, and not for scenarios
// with contention where there is one without: their pairs differ by so much that small changes are seldom decided.
[[nodiscard]] bool must_be_decided(const GateReport& report, const reports::GateRow& row) noexcept;

// The gravest verdict, without rows that are waived, and without undecided ones that need not be decided.
[[nodiscard]] reports::Verdict verdict_of(const GateReport& report);
[[nodiscard]] int exit_code_of(const GateReport& report);

// How much worse, as a share: 0.08 for a throughput of 0.926. Negative: better. Empty without pairs.
[[nodiscard]] std::optional<double> loss_of(const reports::GateRow& row) noexcept;

}  // namespace crosstalk::harness::gate
