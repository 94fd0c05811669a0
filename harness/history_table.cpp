#include "harness/history_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>

#include "harness/values.h"

namespace crosstalk::harness {

namespace {

using reports::ChangePoint;
using reports::Drift;
using reports::HistoryRow;
using reports::SeriesFindings;

void add_columns(TextTable& table, std::initializer_list<const char*> names, bool numeric) {
  for (const char* name : names) table.columns.push_back({name, numeric});
}

std::vector<std::string> series_cells(const SeriesFindings& found) {
  const HistoryRow& name = found.series.name;
  return {name.machine,  name.anchor, name.anchor_commit, name.anchor_hash,
          name.scenario, name.work,   name.metric};
}
void add_series_columns(TextTable& table) {
  add_columns(table, {"machine", "anchor", "anchor_commit", "anchor_hash", "scenario", "work", "metric"},
              false);
}

std::string pct_cell(double log_ratio) {
  return format_real(loss_pct(log_ratio));
}

void add_drift_cells(std::vector<std::string>& cells, const SeriesFindings& found) {
  cells.push_back(found.drifts.empty() ? "none" : found.drifts_now() ? "stands" : "over");
  cells.push_back(std::to_string(found.drifts.size()));
  if (found.drifts.empty()) {
    cells.insert(cells.end(), 4, "");
    return;
  }
  for (const std::size_t at : {found.drifts.back().since, found.drifts.back().raised}) {
    cells.push_back(found.series.points[at].date);
    cells.push_back(found.series.points[at].head_commit);
  }
}

void add_change_cells(std::vector<std::string>& cells, const SeriesFindings& found,
                      const ChangePoint* change) {
  cells.push_back(std::to_string(found.changes.size()));
  if (change == nullptr) {
    cells.insert(cells.end(), 7, "");
    return;
  }
  const HistoryRow& point = found.series.points[change->at];
  cells.insert(cells.end(), {std::to_string(change->at + 1), point.date, point.head, point.head_commit,
                             format_real(change->p), pct_cell(change->before), pct_cell(change->after)});
}

std::vector<std::string> findings_row(const SeriesFindings& found, const ChangePoint* change) {
  const auto& points = found.series.points;
  std::vector<std::string> cells = series_cells(found);
  cells.insert(cells.end(), {std::to_string(found.family), std::to_string(points.size()),
                             std::to_string(found.series.left_out)});
  if (points.empty()) {
    cells.insert(cells.end(), 5, "");
  } else {
    cells.insert(cells.end(), {points.front().date, points.back().date, pct_cell(found.last),
                               pct_cell(found.median), pct_cell(found.stretches.back().median)});
  }
  add_drift_cells(cells, found);
  cells.insert(cells.end(),
               {format_real(found.lag_one), found.dependent ? "1" : "0", format_real(found.level)});
  add_change_cells(cells, found, change);
  return cells;
}

// What stands at a point of a series.
template <class Item, class Begin>
std::optional<std::size_t> item_at(const std::vector<Item>& items, std::size_t point, Begin&& begin_of) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (begin_of(items[i]) <= point && point < items[i].end) return i;
  }
  return std::nullopt;
}

void add_drift_of_point(std::vector<std::string>& cells, const SeriesFindings& found, std::size_t at) {
  const auto drift = item_at(found.drifts, at, [](const Drift& each) { return each.since; });
  cells.insert(cells.end(), {format_real(found.sums[at]), format_real(found.limit)});
  cells.push_back(drift ? std::to_string(*drift + 1) : "");
  cells.push_back(drift && found.drifts[*drift].raised == at ? "1" : "0");
  cells.push_back(drift && found.drifts[*drift].stands ? "1" : "0");
}

void add_stretch_of_point(std::vector<std::string>& cells, const SeriesFindings& found, std::size_t at) {
  const auto stretch =
      item_at(found.stretches, at, [](const reports::HistoryStretch& each) { return each.begin; });
  cells.push_back(stretch ? std::to_string(*stretch + 1) : "");
  cells.push_back(stretch ? pct_cell(found.stretches[*stretch].median) : "");
  const auto change = std::find_if(found.changes.begin(), found.changes.end(),
                                   [at](const ChangePoint& each) { return each.at == at; });
  cells.push_back(change == found.changes.end() ? "" : format_real(change->p));
}

std::vector<std::string> point_row(const SeriesFindings& found, std::size_t at) {
  const HistoryRow& point = found.series.points[at];
  std::vector<std::string> cells = series_cells(found);
  cells.insert(cells.end(), {std::to_string(at + 1), point.date, point.head, point.head_commit, point.kernel,
                             std::to_string(point.pairs), std::string(to_string(point.verdict)),
                             pct_cell(*point.loss), point.interval ? pct_cell(point.interval->low) : "",
                             point.interval ? pct_cell(point.interval->high) : ""});
  add_drift_of_point(cells, found, at);
  add_stretch_of_point(cells, found, at);
  return cells;
}

}  // namespace

double loss_pct(double log_ratio) noexcept {
  return 100 * std::expm1(log_ratio);
}

std::string signed_loss(double log_ratio) {
  char text[40];
  std::snprintf(text, sizeof text, "%+.1f", loss_pct(log_ratio));
  return std::string(text) == "-0.0" ? "+0.0" : text;
}

TextTable history_findings_table(const std::vector<SeriesFindings>& findings) {
  TextTable table;
  add_series_columns(table);
  add_columns(table, {"series", "points", "left_out"}, true);
  add_columns(table, {"first_date", "last_date"}, false);
  add_columns(table, {"last_pct", "median_pct", "now_pct"}, true);
  add_columns(table, {"drift"}, false);
  add_columns(table, {"drifts"}, true);
  add_columns(table, {"drift_since", "drift_since_commit", "drift_raised", "drift_raised_commit"}, false);
  add_columns(table, {"lag_one", "dependent", "change_level", "changes", "change_point"}, true);
  add_columns(table, {"change_date", "change_head", "change_commit"}, false);
  add_columns(table, {"change_p", "before_pct", "after_pct"}, true);
  for (const SeriesFindings& found : findings) {
    if (found.changes.empty()) table.rows.push_back(findings_row(found, nullptr));
    for (const ChangePoint& change : found.changes) table.rows.push_back(findings_row(found, &change));
  }
  return table;
}

TextTable history_points_table(const std::vector<SeriesFindings>& findings) {
  TextTable table;
  add_series_columns(table);
  add_columns(table, {"point"}, true);
  add_columns(table, {"date", "head", "head_commit", "kernel"}, false);
  add_columns(table, {"pairs"}, true);
  add_columns(table, {"verdict"}, false);
  add_columns(table,
              {"loss_pct", "loss_low_pct", "loss_high_pct", "drift_sum", "drift_limit", "drift",
               "drift_raised", "drift_stands", "stretch", "stretch_pct", "change_p"},
              true);
  for (const SeriesFindings& found : findings) {
    for (std::size_t at = 0; at < found.series.points.size(); ++at)
      table.rows.push_back(point_row(found, at));
  }
  return table;
}

}  // namespace crosstalk::harness
