#include "harness/count/count_table.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "reports/paired.h"

namespace crosstalk::harness::count {

namespace {

std::string count_cell(const std::optional<double>& count) {
  if (!count) return {};
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *count);
  return text;
}

// Clients and scenarios have traces of their own.
std::string configuration_of(const reports::TrialIdentity& id) {
  return id.strategy + ' ' + std::to_string(id.trace_hash) + ' ' + std::to_string(id.threads) + ' ' +
         std::to_string(id.workers);
}

}  // namespace

void CountTable::add(const reports::RunResult& result) {
  const reports::TrialIdentity& id = result.identity;
  if (id.role == "floor") return;
  const std::string key = configuration_of(id);
  for (const reports::OpResult& op : result.ops) {
    if (!op.counts) continue;
    auto line = std::find_if(lines_.begin(), lines_.end(),
                             [&](const Line& each) { return each.key == key && each.op == op.op; });
    if (line == lines_.end()) {
      lines_.push_back({.key = key,
                        .strategy = id.strategy + (id.threads > 1 ? " x" + std::to_string(id.threads) : ""),
                        .op = op.op,
                        .counts = *op.counts,
                        .contended = {}});
      line = lines_.end() - 1;
    }
    if (result.contended_locks_pct && op.op == "all") line->contended.push_back(*result.contended_locks_pct);
  }
}

std::vector<std::pair<std::string, TextTable>> CountTable::tables() const {
  std::vector<std::pair<std::string, TextTable>> tables;
  const std::string* last = nullptr;
  for (const Line& line : lines_) {
    if (last == nullptr || *last != line.key) {
      TextTable empty;
      empty.columns = {{"op"},           {"counted", true}, {"locks", true},   {"shared", true},
                       {"allocs", true}, {"bytes", true},   {"submits", true}, {"wake-ups", true},
                       {"taken %", true}};
      tables.emplace_back(line.strategy, std::move(empty));
    }
    last = &line.key;
    const reports::OpCounts& counts = line.counts;
    std::optional<double> contended;
    if (!line.contended.empty()) contended = reports::median(line.contended);
    tables.back().second.rows.push_back({line.op, std::to_string(counts.operations), count_cell(counts.locks),
                                         count_cell(counts.shared_locks), count_cell(counts.allocations),
                                         count_cell(counts.allocated_bytes), count_cell(counts.submits),
                                         count_cell(counts.wakeups), count_cell(contended)});
  }
  return tables;
}

}  // namespace crosstalk::harness::count
