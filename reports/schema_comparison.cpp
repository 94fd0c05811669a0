#include "reports/schema.h"

#include <array>

namespace crosstalk::reports {

namespace {

using enum CellKind;

constexpr std::array<Column, 21> kComparison{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"run_id", text, "see runs.csv", "as in runs.csv", "never"},
    {"load", text, "what the whole field had in common: load model, clients, drivers", "of the plan's rows",
     "never"},
    {"metric", text, "throughput, response_p99 or cpu_per_op", "fixed by the kind of load", "never"},
    {"value", text, "what the value of one trial is", "fixed by the kind of load", "never"},
    {"better", text, "larger or smaller values", "fixed by the kind of load", "never"},
    {"leader", text, "strategy that leads the field by throughput, or in an open loop by response p99",
     "by the medians over blocks", "never"},
    {"other", text, "strategy that it is compared with", "every other strategy of the field", "never"},
    {"leader_value", maybe_decimal, "median over its blocks: operations per second, or nanoseconds",
     "median over its blocks", "no block was sound"},
    {"other_value", maybe_decimal, "the same of the other one", "median over its blocks",
     "no block was sound"},
    {"ratio", maybe_decimal, "leader / other: Hodges-Lehmann estimate over the blocks that both have",
     "Hodges-Lehmann over the log-ratios of the blocks that both have", "no block has both"},
    {"ratio_low", maybe_decimal, "interval of the ratio, inverted signed-rank test",
     "inversion of the exact signed-rank test", "too few blocks for an interval"},
    {"ratio_high", maybe_decimal, "its upper end", "inversion of the exact signed-rank test",
     "too few blocks for an interval"},
    {"confidence_pct", maybe_decimal, "of each interval by itself, after all looks",
     "what the looks have left of 95 %", "no block has both"},
    {"p", maybe_decimal, "signed-rank test of the blocks' log-ratios, two-sided, exact",
     "exact signed-rank test", "no block has both"},
    {"p_holm", maybe_decimal, "the same adjusted over all pairs of the field (Holm) and for the looks",
     "exact signed-rank test", "no block has both"},
    {"blocks", natural, "blocks in which both were measured soundly", "counted", "never"},
    {"looks", natural, "how often the blocks were looked at before this", "counted", "never"},
    {"sd_pair_pct", maybe_decimal, "standard deviation of the blocks' log-ratios", "of the log-ratios",
     "fewer than two blocks"},
    {"mde_pct", maybe_decimal,
     "smallest difference that 80 % of such tournaments find; empty: too few blocks",
     "from sd_pair_pct and blocks, see reports/detectable.h", "too few blocks"},
    {"verdict", text, "of the leader: better, worse, unresolved or too_few_blocks (none could be told apart)",
     "p_holm against the level of the field, see reports/tournament.h", "never"},
}};

constexpr std::array<Column, 8> kBlocks{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"run_id", text, "see runs.csv", "as in comparison.csv", "never"},
    {"load", text, "see comparison.csv", "as in comparison.csv", "never"},
    {"metric", text, "throughput, response_p99 or cpu_per_op", "as in comparison.csv", "never"},
    {"better", text, "larger or smaller values", "as in comparison.csv", "never"},
    {"strategy", text, "server/mechanism", "as in runs.csv", "never"},
    {"block", natural, "see runs.csv", "as in runs.csv", "never"},
    {"value", decimal, "what is compared within the block: operations per second, or nanoseconds",
     "of the trial of that block: median of its slices (throughput), response_p99_ns, processor time / count",
     "never"},
}};

constexpr std::array<Column, 24> kMap{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"run_id", text, "see runs.csv", "as in runs.csv", "never"},
    {"threads", natural, "drivers", "the axes, as asked for", "never"},
    {"write_share_pct", decimal, "share of joins and leaves; the rest are member lists",
     "the axes, as asked for", "never"},
    {"zipf", decimal, "Zipf exponent of the rooms' popularity", "the axes, as asked for", "never"},
    {"members", natural, "members of a room on average: what a member list reads inside the critical section",
     "the axes, as asked for", "never"},
    {"outside_ns", natural, "work between two operations with a driver a processor, mean",
     "the axes, as asked for", "never"},
    {"outside_scaled_ns", natural, "the same with so many drivers: outside_ns x threads / processors",
     "outside_ns x threads / processors", "never"},
    {"strategies", natural, "strategies that were compared", "counted", "never"},
    {"blocks", natural,
     "blocks in which leader and runner-up, or any other one, were measured soundly: the fewest", "counted",
     "never"},
    {"blocks_needed", natural, "fewer can tell none of so many strategies apart", "counted", "never"},
    {"leader", text, "strategy with the most throughput; the winner where the verdict is resolved",
     "by the medians over blocks", "nothing to compare"},
    {"leader_ops_s", maybe_decimal, "median over its blocks, operations per second", "median over its blocks",
     "nothing to compare"},
    {"runner_up", text, "the next one", "by the medians over blocks", "nothing to compare"},
    {"ratio", maybe_decimal, "leader / runner-up: Hodges-Lehmann estimate over the blocks that both have",
     "Hodges-Lehmann over the log-ratios of the blocks that both have", "nothing to compare"},
    {"ratio_low", maybe_decimal, "95 % interval of the ratio, inverted signed-rank test",
     "inversion of the exact signed-rank test", "too few blocks for an interval"},
    {"ratio_high", maybe_decimal, "its upper end", "inversion of the exact signed-rank test",
     "too few blocks for an interval"},
    {"p", maybe_decimal, "signed-rank test of the blocks' log-ratios, two-sided, exact",
     "exact signed-rank test", "nothing to compare"},
    {"p_holm", maybe_decimal, "the same adjusted over all pairs of the cell (Holm)", "exact signed-rank test",
     "nothing to compare"},
    {"verdict", text,
     "resolved: the leader is better than every other one; unresolved, too_few_blocks or nothing_to_compare",
     "see reports/winner_map.h", "never"},
    {"tied", text, "strategies that are not told apart from the leader",
     "those not told apart, separated by blanks", "none"},
    {"mde_pct", maybe_decimal,
     "smallest difference from these that 80 % of such tournaments find; empty: too few blocks",
     "from the scatter of the blocks' log-ratios and their number", "nobody is tied, or too few blocks"},
    {"floor_share", maybe_decimal, "of the leader: the null row's mean service time / its own",
     "as in runs.csv, of the leader's trials", "no floor was measured"},
    {"left_out", text, "strategies that could not be compared, and why", "status of their trials", "none"},
}};

}  // namespace

std::span<const Column> comparison_columns() noexcept {
  return kComparison;
}
std::span<const Column> blocks_columns() noexcept {
  return kBlocks;
}
std::span<const Column> map_columns() noexcept {
  return kMap;
}

}  // namespace crosstalk::reports
