#include "harness/gate/count_tables.h"

#include "harness/gate/count_words.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

TextTable counts_table(const GateReport& report) {
  TextTable table;
  table.columns = {{"scenario"},         {"operation"},  {"what"},       {"exact", true},
                   {"operations", true}, {"base", true}, {"head", true}, {"difference", true}};
  for (const ContestReport& contest : report.contests) {
    for (const std::vector<OpCount>* counts : {&contest.replayed, &contest.counts}) {
      for (const OpCount& count : *counts) {
        table.rows.push_back({contest.contest.name, count.op, count.name, count.exact ? "1" : "0",
                              count.operations > 0 ? std::to_string(count.operations) : "",
                              format_real(count.base), format_real(count.head),
                              format_real(count.head - count.base)});
      }
    }
  }
  return table;
}

TextTable changed_counts_table(const GateReport& report) {
  TextTable table;
  table.columns = {{"scenario"}, {"counted"}, {"base", true}, {"head", true}, {"difference", true}};
  for (const ContestReport& contest : report.contests) {
    for (const OpCount& count : contest.replayed) {
      if (!count.has_changed()) continue;
      const double more = count.head - count.base;
      table.rows.push_back({contest.contest.name, count_name(count), count_text(count.base),
                            count_text(count.head), (more > 0 ? "+" : "") + count_text(more)});
    }
  }
  return table;
}

}  // namespace crosstalk::harness::gate
