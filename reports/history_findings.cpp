#include "reports/history_findings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "reports/paired.h"

namespace crosstalk::reports {

namespace {

// Random orders: never few, and not more than it takes to get below a small level, since they are what takes the time.
constexpr double kFewestOrders = 999;
// Above both, neighbours resemble each other: so many standard errors of a correlation, and enough to matter.
constexpr double kHighErrors = 2.5;
constexpr double kHigh = 0.3;

using FamilyKey = std::tuple<std::string, std::string>;
FamilyKey family_of(const HistoryRow& row) {
  return {row.machine, row.anchor_hash};
}

std::vector<double> losses_of(const HistorySeries& series) {
  std::vector<double> losses;
  for (const HistoryRow& point : series.points) losses.push_back(*point.loss);
  return losses;
}

std::vector<DriftPoint> drift_points(const HistorySeries& series) {
  std::vector<DriftPoint> points;
  for (const HistoryRow& point : series.points) points.push_back({*point.loss, *point.error});
  return points;
}

double median_between(const std::vector<double>& losses, std::size_t begin, std::size_t end) {
  return median({losses.begin() + static_cast<std::ptrdiff_t>(begin),
                 losses.begin() + static_cast<std::ptrdiff_t>(end)});
}

void find_changes(SeriesFindings& found, const std::vector<double>& losses, const HistoryRules& rules) {
  const std::size_t skipped = losses.size() - std::min(losses.size(), rules.most);
  const auto recent = std::span<const double>(losses).subspan(skipped);
  const auto orders = static_cast<std::size_t>(std::max(kFewestOrders, std::ceil(1 / found.level)));
  found.changes = change_points(recent, {.level = found.level, .orders = orders, .seed = rules.seed});
  std::size_t begin = skipped;
  for (ChangePoint& change : found.changes) {
    change.at += skipped;
    found.stretches.push_back({begin, change.at, change.before});
    begin = change.at;
  }
  found.stretches.push_back({begin, losses.size(), median_between(losses, begin, losses.size())});
}

// Whether neighbours are alike is asked of what the stretches leave over: a step alone makes them so.
void find_dependence(SeriesFindings& found, const std::vector<double>& losses) {
  std::vector<double> left;
  for (const HistoryStretch& stretch : found.stretches) {
    for (std::size_t i = stretch.begin; i < stretch.end; ++i) left.push_back(losses[i] - stretch.median);
  }
  // The mean of a stretch, taken off, makes independent neighbours look opposed: by about 1 / points for each.
  const auto points = static_cast<double>(left.size());
  found.lag_one = lag_one(left) + static_cast<double>(found.stretches.size()) / points;
  found.dependent = found.lag_one > std::max(kHigh, kHighErrors / std::sqrt(points));
}

// The spells above 0 of the sums in [begin, end) that exceed the limit.
void find_spells(SeriesFindings& found, std::size_t begin, std::size_t end) {
  Drift spell{.since = begin};
  bool raised = false;
  for (std::size_t i = begin; i <= end; ++i) {
    const bool ends = i == end || found.sums[i] == 0;
    if (ends && raised) {
      spell.end = i;
      spell.stands = i == found.series.points.size();
      found.drifts.push_back(spell);
    }
    if (ends) {
      spell = {.since = i + 1};
      raised = false;
    } else if (!raised && found.sums[i] > found.limit) {
      spell.raised = i;
      raised = true;
    }
  }
}

void find_drifts(SeriesFindings& found, DriftRules rules) {
  rules.runs *= static_cast<double>(found.family);
  const std::vector<DriftPoint> points = drift_points(found.series);
  found.limit = cusum(points, rules).limit;
  std::vector<std::size_t> starts{0};
  for (const ChangePoint& change : found.changes) {
    if (change.after < change.before) starts.push_back(change.at);
  }
  starts.push_back(points.size());
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const auto piece = std::span<const DriftPoint>(points).subspan(starts[i], starts[i + 1] - starts[i]);
    const std::vector<double> sums = cusum(piece, rules).sums;
    found.sums.insert(found.sums.end(), sums.begin(), sums.end());
    find_spells(found, starts[i], starts[i + 1]);
  }
}

SeriesFindings judged(HistorySeries series, std::size_t family, const HistoryRules& rules) {
  SeriesFindings found;
  found.series = std::move(series);
  found.family = family;
  found.level = rules.level / static_cast<double>(family);
  const std::vector<double> losses = losses_of(found.series);
  if (losses.empty()) return found;
  found.last = losses.back();
  found.median = median(losses);
  find_changes(found, losses, rules);
  find_dependence(found, losses);
  find_drifts(found, rules.drift);
  return found;
}

}  // namespace

std::vector<HistorySeries> history_series(const std::vector<HistoryRow>& rows) {
  using SeriesKey = std::tuple<std::size_t, std::string, std::string, std::string>;
  std::map<FamilyKey, std::size_t> families;
  std::map<SeriesKey, std::size_t> places;
  std::vector<std::pair<std::size_t, HistorySeries>> found;  // with the number of the family
  for (const HistoryRow& row : rows) {
    const std::size_t family = families.emplace(family_of(row), families.size()).first->second;
    const auto [place, fresh] =
        places.emplace(SeriesKey{family, row.scenario, row.work, row.metric}, found.size());
    if (fresh) found.emplace_back(family, HistorySeries{.points = {}, .name = row});
    HistorySeries& series = found[place->second].second;
    if (row.usable())
      series.points.push_back(row);
    else
      ++series.left_out;
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<HistorySeries> series;
  for (auto& [family, each] : found) series.push_back(std::move(each));
  return series;
}

std::vector<SeriesFindings> judge_history(const std::vector<HistoryRow>& rows, HistoryRules rules) {
  std::vector<HistorySeries> all = history_series(rows);
  std::map<FamilyKey, std::size_t> sizes;
  for (const HistorySeries& series : all) ++sizes[family_of(series.name)];
  std::vector<SeriesFindings> findings;
  for (HistorySeries& series : all) {
    const std::size_t family = sizes[family_of(series.name)];
    findings.push_back(judged(std::move(series), family, rules));
  }
  return findings;
}

}  // namespace crosstalk::reports
