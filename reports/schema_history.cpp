// The columns of history.csv: nightly gates against one frozen build.
#include <array>

#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

using enum CellKind;

constexpr std::array<Column, 19> kHistory{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"date", text, "end of the gate in UTC: 2026-01-31T04:00:00Z", "the system's clock", "never"},
    {"machine", text,
     "processor, number of processors and architecture: series of different ones are never mixed",
     "from /proc and uname, see environment.csv", "never"},
    {"kernel", text,
     "the operating system's kernel; it tells no series apart, since both programs of a pair ran under it",
     "uname", "never"},
    {"anchor", text, "the frozen build: what it says of itself", "its --version", "never"},
    {"anchor_commit", text, "commit it was built from", "its --version", "it names none"},
    {"anchor_hash", text, "16 digits that another program has not: series of different ones are never mixed",
     "FNV-1a of the bytes of each of its links", "never"},
    {"head", text, "the build that was gated: what it says of itself", "its --version", "never"},
    {"head_commit", text, "commit it was built from", "its --version", "it names none"},
    {"scenario", text, "scenario, as the gate calls it", "as asked for", "never"},
    {"work", text,
     "what is measured in it: scenario of run, strategy, path, drivers, clients, length of a block",
     "as asked for", "never"},
    {"metric", text, "throughput, cpu_per_op, response_p50, ...", "as in gate.csv", "never"},
    {"loss", maybe_decimal, "log-ratio of head to anchor, turned so that above 0 is worse: 0.03 is about 3 %",
     "Hodges-Lehmann over the pairs' log-ratios", "no pair has the metric"},
    {"loss_low", maybe_decimal, "95 % interval of the loss", "inversion of the exact signed-rank test",
     "fewer than 6 pairs"},
    {"loss_high", maybe_decimal, "its upper end", "inversion of the exact signed-rank test",
     "fewer than 6 pairs"},
    {"loss_error", maybe_decimal, "standard error of the loss", "width of the interval / 3.92",
     "fewer than 6 pairs"},
    {"pairs", natural, "pairs behind the loss, without those of a confirmation", "counted", "never"},
    {"verdict", text,
     "the gate's; rows that are contaminated, not_comparable or broken are kept and left out by crosstalk report --history",
     "see reports/sequential_gate.h", "never"},
    {"seed", word, "of the gate", "as asked for, or by the clock", "never"},
}};

}  // namespace

std::span<const Column> history_columns() noexcept {
  return kHistory;
}

}  // namespace crosstalk::reports
