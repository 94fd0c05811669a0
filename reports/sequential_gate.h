// The decision procedure of the gate: which pairs to measure next, when to stop, and what to say.
//
// Pure and deterministic: it is fed the values of pairs and neither runs nor times anything. The caller loops:
//
//   SequentialGate gate(scenarios, metrics, rules);
//   while (!gate.orders().empty()) {
//     measure one pair of each order, in random turn, and gate.add() it; a pair that was disturbed is not added,
//     and so is asked for again;
//     gate.withdraw(scenario, ...) what cannot be measured; gate.end() when the time is over;
//   }
//   gate.rows()
//
// The order within a pair is a coin flip, so where head equals base each pair's losses have either sign with equal chance,
// all metrics together: the null distribution is that of flipping signs (sign_flip.h), whatever the noise.
// - Of a scenario's metrics: step-down maxT (Westfall and Young 1993). Over the scenarios, with the geometric mean of all as
//   one more: Holm (1979), where a scenario counts until all its metrics are rejected. (Were it to count until the first one
//   is, its other metrics would err on top of what the next scenario is then allowed.) Metrics found unchanged, and
//   scenarios withdrawn, still count: to forget the harmless ones would be to choose the worst after seeing them.
// - Over looks: at each the level times the share of pairs that are new (Lan and DeMets 1983; Kim and DeMets 1987, rho = 1),
//   by the union bound (look_plan.h). The chance of calling anything regressed that is not worse than its margin is at most
//   the level over the whole run; the same holds of "improved", separately.
// - "Unchanged" is the end of a one-sided interval below the budget, which spends its 5 % over the looks likewise. That all
//   rows are unchanged needs no correction: it is wrong only if a row that is beyond its budget is called unchanged, and
//   each of those is by itself at most that often (intersection-union test, Berger 1982).
// - What is red is measured again on fresh pairs (Phase::confirm, for which the caller draws new layouts), as many as it
//   took, and must be red at 5 % there too.
// A scenario gets no more pairs once all its metrics are decided. The geometric mean is judged on the rounds that all
// scenarios have, at the looks at which there are more of them, with the signs of a round's scenarios flipped together; it
// asks for no pairs but those of its confirmation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/gate_verdict.h"

namespace crosstalk::reports {

struct GateScenario {
  std::string name;            // for the rows; any text, for instance "team, sharded/mcs"
  std::size_t pairs_max = 40;  // of the search
};

struct GateRules {
  double level = 0.01;                             // of all "regressed" together, and of all "improved"
  double acceptance = 0.05;                        // of each "unchanged"
  double confirmation = 0.05;                      // one-sided, of each red metric on fresh pairs
  std::vector<double> looks{0.3, 0.45, 0.675, 1};  // shares of pairs_max, rising, the last one 1
  std::uint64_t seed = 1;                          // of the sign patterns
};

enum class GatePhase : std::uint8_t { search, confirm };

struct PairOrder {
  std::size_t scenario = 0;  // index
  GatePhase phase = GatePhase::search;
  std::size_t pairs = 0;  // still to be added before the next look, above 0
};

class SequentialGate {
 public:
  // Throws std::invalid_argument, one sentence, where there is nothing to judge, a level or the looks make no sense, a margin
  // is not below its budget, or a scenario's pairs_max is so small that no look could ever call it regressed (the sentence
  // names the fewest).
  SequentialGate(std::vector<GateScenario> scenarios, std::vector<GateMetric> metrics, GateRules rules = {});
  ~SequentialGate();
  SequentialGate(SequentialGate&&) noexcept;
  SequentialGate& operator=(SequentialGate&&) noexcept;

  // What to measure before the next look, search and confirmation mixed: visit them in random turn. Empty: finished.
  [[nodiscard]] std::vector<PairOrder> orders() const;

  // One sound pair: a value per metric and side, in the order of the metrics. Empty, 0 or less, and not finite: not
  // measured, and the pair says nothing of that metric. The last pair ordered makes the look happen within the call.
  // False: nobody orders this pair any more, since a look has decided what it was for; it is not used. Throws
  // std::logic_error for a scenario that there is not and for spans of another length than the metrics.
  bool add(std::size_t scenario, GatePhase phase, std::span<const std::optional<double>> base,
           std::span<const std::optional<double>> head);

  // No more pairs of it: all its rows that are not decided bear this verdict. It still counts in the correction. The
  // geometric mean goes on over the others.
  void withdraw(std::size_t scenario, Verdict verdict, const std::string& reason);

  // The time is over. The first call ends the search: a last look at what is there, which spends the rest of the level, and
  // may ask for confirmations; orders() then holds nothing but those. The second call ends them: what is not confirmed
  // stays undecided.
  void end();

  // Scenarios in their order, metrics in theirs, then the geometric mean if there are two scenarios or more. Complete at
  // any time; final when orders() is empty. A metric that neither side has measured by the first look has no row; one that
  // only one side measures is not comparable.
  [[nodiscard]] std::vector<GateRow> rows() const;

  // Number of pairs at which a scenario is looked at, the first one enlarged where it could not have rejected.
  [[nodiscard]] std::vector<std::size_t> look_pairs(std::size_t scenario) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace crosstalk::reports
