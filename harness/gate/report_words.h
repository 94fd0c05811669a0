// How numbers and findings of a gate are put into words; the table, the summary and the files share it.
#pragma once

#include <string>

#include "harness/gate/gate_report.h"

namespace crosstalk::harness::gate {

// 0.0512 -> "5.1"
[[nodiscard]] std::string per_cent(double share);
// 0.0512 -> "+5.1"
[[nodiscard]] std::string signed_per_cent(double share);

// ", most of it in send (100 -> 120)"; empty where nothing grew that can be named.
[[nodiscard]] std::string growth_text(const InstructionChange& change);

// "throughput", "processor time an operation", "99 % of responses within", ...
[[nodiscard]] std::string metric_words(const std::string& metric);

// "solo_team got slower: throughput -7.9 % (95 % interval -8.6 to -7.1 %, 18 + 18 pairs, p = 0.0004)"
[[nodiscard]] std::string finding_words(const reports::GateRow& row);

// "REGRESSED", "no regression", "UNDECIDED", ..., or why the gate ended before.
[[nodiscard]] std::string headline(const GateReport& report);
// What was found, in one sentence or two: everything that regressed; where nothing did, what that is worth.
[[nodiscard]] std::string answer(const GateReport& report);
// What to do about an undecided or contaminated gate; empty: nothing.
[[nodiscard]] std::string advice(const GateReport& report);
// "six scenarios, 214 pairs in 176 s, seed 7"
[[nodiscard]] std::string effort(const GateReport& report);

// Verdict of a row, "waived" for one that was accepted.
[[nodiscard]] std::string verdict_words(const GateReport& report, std::size_t row);
// "18", or "18+18" where it was confirmed.
[[nodiscard]] std::string pairs_words(const reports::GateRow& row);
// "-8.6 -7.1"; empty: too few pairs.
[[nodiscard]] std::string interval_words(const reports::GateRow& row);

}  // namespace crosstalk::harness::gate
