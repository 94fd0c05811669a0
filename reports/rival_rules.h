// How other tools decide that something got slower, as scores: for the comparison in scripts/validate_gate.py, not for use.
//
// Each rule is written down from the tool's documentation and source, not copied; what it is given are the values of blocks
// of base and head, smaller is better. Red is a score above the rule's limit. A score is continuous, so that the limit can
// also be set anew to whatever makes the rule err as often as another one: only then are powers comparable.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace crosstalk::reports {

// In which order a tool measures. sequential: all of base, then all of head. rounds: two halves of each, the second round in
// reverse. paired: base and head of each pair in random order. stored: base measured at another time.
enum class Design : std::uint8_t { sequential, rounds, paired, stored };

struct RivalRule {
  std::string_view name;
  Design design = Design::sequential;
  double limit = 0;  // the tool's own
  double (*score)(std::span<const double> base, std::span<const double> head) = nullptr;
};

// compare.py of Google Benchmark and benchstat, which decide by the same test (as they are mostly used, and interleaved as
// benchstat advises), hyperfine, Criterion, asv, a ratio of means above 110 %, and the last value above 200 % of the stored one.
[[nodiscard]] const std::vector<RivalRule>& rival_rules();

// Two-sided p-value of the U test (Mann and Whitney 1947): exact without ties up to 400 pairs of values, else by the normal
// approximation with corrections for ties and continuity. 1 for an empty side.
[[nodiscard]] double mann_whitney_p(std::span<const double> a, std::span<const double> b);

// How many standard deviations the ratio of means lies above 1, errors propagated in first order, as hyperfine states them.
[[nodiscard]] double ratio_in_sigmas(std::span<const double> base, std::span<const double> head);

// Criterion: lower end of the 95 % bootstrap interval of head mean / base mean - 1; below 0 where the bootstrapped t test of
// equal means is not significant at 5 %. 2,000 resamples of a fixed seed (Criterion takes 100,000).
[[nodiscard]] double criterion_change(std::span<const double> base, std::span<const double> head);

}  // namespace crosstalk::reports
