#include "harness/anatomy_table.h"

#include <algorithm>
#include <cstdio>

#include "harness/display.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

std::array<double, 5> parts_of(const reports::Anatomy& anatomy) {
  return {anatomy.lateness_ns, anatomy.queue_ns, anatomy.lock_wait_ns, anatomy.lock_hold_ns, anatomy.rest_ns};
}

std::string of_row(const reports::RunResult& result) {
  const reports::TrialIdentity& id = result.identity;
  std::string name = id.strategy + (id.threads > 1 ? " x" + std::to_string(id.threads) : "");
  if (result.ops.front().offered_ops_s) name += " " + display_rate(*result.ops.front().offered_ops_s);
  return name;
}

// Trials of one strategy and configuration: rates and clients have traces of their own.
std::string key_of_row(const reports::TrialIdentity& id) {
  return id.strategy + ' ' + std::to_string(id.trace_hash) + ' ' + std::to_string(id.threads) + ' ' +
         id.think + ' ' + std::to_string(id.outside_ns) + ' ' + id.repeat;
}

std::string shown_ns(double ns) {
  return display_ns(std::max(0.0, ns));
}

}  // namespace

AnatomyTable::Line& AnatomyTable::line_of(const reports::RunResult& result, const std::string& op) {
  const std::string key = key_of_row(result.identity);
  const auto found = std::find_if(lines_.begin(), lines_.end(),
                                  [&](const Line& line) { return line.key == key && line.op == op; });
  if (found != lines_.end()) return *found;
  lines_.push_back(
      {.key = key, .strategy = of_row(result), .op = op, .parts = {}, .totals = {}, .costs_pct = {}});
  return lines_.back();
}

void AnatomyTable::add(const reports::RunResult& result) {
  if (result.identity.role == "floor") return;
  for (const reports::OpResult& op : result.ops) {
    if (!op.anatomy) continue;
    Line& line = line_of(result, op.op);
    double total = 0;
    const auto parts = parts_of(*op.anatomy);
    for (std::size_t i = 0; i < kParts; ++i) {
      line.parts[i].push_back(parts[i]);
      total += parts[i];
    }
    line.totals.push_back(total);
    if (op.op == "all" && result.anatomy_cost_pct) line.costs_pct.push_back(*result.anatomy_cost_pct);
  }
}

TextTable AnatomyTable::table() const {
  TextTable table;
  table.columns = {{"strategy", false}, {"op", false},  {"late", true}, {"queue", true},
                   {"wait", true},      {"hold", true}, {"rest", true}, {"total", true}};
  for (const Line& line : lines_) {
    std::array<double, kParts> parts{};
    double sum = 0;
    for (std::size_t i = 0; i < kParts; ++i) sum += parts[i] = reports::median(line.parts[i]);
    const double total = reports::median(line.totals);
    const double scale = sum > 0 ? total / sum : 1;
    std::vector<std::string> cells{line.strategy, line.op};
    for (const double part : parts) cells.push_back(shown_ns(part * scale));
    cells.push_back(shown_ns(total));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string AnatomyTable::cost() const {
  std::string text;
  for (const Line& line : lines_) {
    if (line.costs_pct.empty()) continue;
    char figure[32];
    std::snprintf(figure, sizeof figure, "%.1f %%", reports::median(line.costs_pct));
    text += (text.empty() ? "the readings of the anatomy themselves add to the service time: " : ", ") +
            line.strategy + " " + figure;
  }
  return text;
}

}  // namespace crosstalk::harness
