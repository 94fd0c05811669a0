// Who wins, over blocks that hold every strategy once.
//
// One value per strategy and block; every comparison is between the values of the same blocks. Two strategies are told
// apart by the signed-rank test of their log-ratios (signed_rank.h), whose p-values are adjusted over all pairs of the
// field (Holm), since the leader is chosen from the same data. The number of blocks is fixed, or given by time, or comes
// from looks that share the error (looks.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/paired.h"

namespace crosstalk::reports {

// Of all comparisons of a field together: of 200 tournaments between equals at most 1 is expected to find a difference,
// and more than 2 in fewer than one of ten such series.
inline constexpr double kFieldLevel = 0.005;
inline constexpr double kConfidence = 0.95;

struct Contender {
  std::string name;
  std::map<std::uint64_t, double> values;  // by block, all above 0; blocks that cannot be used are missing
};

enum class Better : std::uint8_t { larger, smaller };

struct Rules {
  Better better = Better::larger;
  double level = kFieldLevel;       // of the field
  double confidence = kConfidence;  // of each interval by itself
  double share = 1;                 // of the error that this look may spend
};

// too_few: at the field's level so few blocks can show no difference at all.
enum class Outcome : std::uint8_t { better, worse, unresolved, too_few };
[[nodiscard]] std::string_view to_string(Outcome outcome) noexcept;

// The leader against another one.
struct Duel {
  std::size_t other = 0;               // index of the contender
  Outcome outcome = Outcome::too_few;  // of the leader
  double ratio = 1;                    // leader / other, Hodges-Lehmann
  std::optional<Span> interval;        // of the ratio
  double p = 1, p_holm = 1;            // p_holm: adjusted over all pairs and for the share of the look
  std::size_t blocks = 0;              // that both have
  double deviation = 0;                // of the log-ratios of the blocks
  std::optional<double> detectable;    // log-ratio that would have been found in 80 % of such tournaments
};

struct Tournament {
  std::vector<std::size_t> ranking;  // indices of the contenders, best first; the leader's stands first
  std::vector<Duel> duels;           // of the leader, in the order of the ranking
  bool resolved = false;             // the leader is better than every other one
  std::vector<std::size_t> tied;     // contenders that cannot be told from the leader, itself included
  std::size_t blocks = 0;            // of the duel that has fewest; of a single contender its own
  std::size_t blocks_needed = 0;     // fewer can show nothing
};

// Ranks by the mean of what each contender's log-ratios to all the others are estimated to be (Lehmann 1963), so that
// blocks that one of them lacks distort nothing.
[[nodiscard]] Tournament judge(const std::vector<Contender>& field, const Rules& rules = {});
// The same with a leader that was chosen by another figure.
[[nodiscard]] Tournament judge_against(std::size_t leader, const std::vector<Contender>& field,
                                       const Rules& rules = {});

// Is every interval of the tournament within -+ `precision` of its estimate (0.03: a factor of 1.03)? Not where one is
// missing.
[[nodiscard]] bool is_narrow(const Tournament& tournament, double precision);

}  // namespace crosstalk::reports
