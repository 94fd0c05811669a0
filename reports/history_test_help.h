// A history as tests make one.
#pragma once

#include <string>
#include <vector>

#include "reports/history.h"

namespace crosstalk::reports {

// A sound row with a standard error of half a per cent.
inline HistoryRow history_row(const std::string& date, double loss) {
  HistoryRow row;
  row.date = date;
  row.machine = "a processor, 2 CPUs, x86_64";
  row.kernel = "Linux 6";
  row.anchor = "crosstalk 1 (commit a)";
  row.anchor_commit = "a";
  row.anchor_hash = "00000000000000aa";
  row.head = "crosstalk 2 (commit b)";
  row.head_commit = "b";
  row.scenario = "solo_team";
  row.work = "team sharded/std_mutex direct threads=1 block=500ms";
  row.metric = "throughput";
  row.loss = loss;
  row.error = 0.005;
  row.pairs = 18;
  row.verdict = Verdict::unchanged;
  row.seed = 7;
  return row;
}

// Night after night from 1 January 2026 on (31 in every month), commits c0, c1, ...
inline std::vector<HistoryRow> history_of(const std::vector<double>& losses) {
  std::vector<HistoryRow> rows;
  const auto two = [](std::size_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  for (std::size_t i = 0; i < losses.size(); ++i) {
    rows.push_back(history_row("2026-" + two(1 + i / 31) + "-" + two(1 + i % 31) + "T04:00:00Z", losses[i]));
    rows.back().head_commit = "c" + std::to_string(i);
  }
  return rows;
}

}  // namespace crosstalk::reports
