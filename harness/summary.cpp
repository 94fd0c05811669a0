#include "harness/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "harness/display.h"
#include "harness/values.h"
#include "reports/paired.h"
#include "reports/tournament.h"

namespace crosstalk::harness {

namespace {

using reports::Status;

// Above this share of harness cost a row says little.
constexpr double kFloorWarning = 1.0 / 3;
// What the live checks may cost unmentioned.
constexpr double kCheckWarningPct = 2;

template <class Rows, class Value>
std::optional<double> median_of(const Rows& rows, Value&& value) {
  std::vector<double> values;
  for (const auto& row : rows) {
    if (const auto v = value(row)) values.push_back(static_cast<double>(*v));
  }
  if (values.empty()) return std::nullopt;
  return reports::median(values);
}

std::string rounded_percent(double share) {
  std::ostringstream text;
  text.precision(1);
  text << std::fixed << share * 100 << " %";
  return text.str();
}

const std::vector<TextTable::Column> kColumns{{"strategy", false}, {"ops/s", true},  {"p50", true},
                                              {"p99", true},       {"trials", true}, {"verified", false},
                                              {"status", false}};

bool is_sound(Status status) {
  return status == Status::ok || status == Status::saturated;
}

// "1.034 x"
std::string times(double ratio) {
  std::ostringstream text;
  text.precision(3);
  text << std::fixed << ratio << " x";
  return text.str();
}

}  // namespace

bool Summary::usable(const Row& row) {
  return is_sound(row.status) && row.verified.value_or(false);
}

bool Summary::Line::usable_everywhere() const {
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return usable(row); });
}

std::optional<double> Summary::Line::floor_share() const {
  return median_of(rows, [](const Row& row) { return row.floor_share; });
}

LoadName load_name_of(const reports::RecordedTrial& trial) {
  const reports::TrialIdentity& id = trial.identity;
  std::ostringstream key;
  key << id.scenario << ' ' << id.settings << ' ' << id.load_model << ' ' << id.clients << ' ' << id.threads
      << ' ' << id.workers << ' ' << id.path << ' ' << id.think << ' ' << id.outside_ns << ' ' << id.repeat
      << ' ' << id.trace_hash << '\n'
      << reports::setup_key(id, trial.allocator);
  std::string name = id.load_model;
  if (id.load_model != "closed" && trial.all().offered_ops_s)
    name += " " + display_rate(*trial.all().offered_ops_s);
  if (!id.think.empty()) name += ", think " + id.think;
  if (id.outside_ns > 0) name += ", " + format_duration(id.outside_ns) + " outside";
  if (!id.repeat.empty()) name += ", repeats " + id.repeat;
  if (!id.profile.empty()) name += " mean (" + id.profile + ")";
  name += ", " + display_count(id.clients) + " clients, " + std::to_string(id.threads) + " drivers";
  if (id.workers > 0) name += ", " + std::to_string(id.workers) + " workers";
  name += reports::setup_text(id, trial.allocator);
  if (!id.settings.empty()) name += ", " + id.settings;
  return {.key = key.str(), .text = name};
}

Summary::Line& Summary::line_of(const reports::RecordedTrial& trial) {
  const reports::TrialIdentity& id = trial.identity;
  const LoadName load = load_name_of(trial);
  auto found = std::find_if(configurations_.begin(), configurations_.end(),
                            [&](const Configuration& c) { return c.key == load.key; });
  if (found == configurations_.end()) {
    configurations_.push_back({.key = load.key,
                               .name = load.text,
                               .closed = id.load_model == "closed",
                               .pooled = id.workers > 0,
                               .lines = {}});
    found = configurations_.end() - 1;
  }
  auto line = std::find_if(found->lines.begin(), found->lines.end(),
                           [&](const Line& l) { return l.strategy == id.strategy; });
  if (line != found->lines.end()) return *line;
  found->lines.push_back({.strategy = id.strategy, .rows = {}});
  return found->lines.back();
}

void Summary::add(const reports::RecordedTrial& trial) {
  const reports::RecordedOp& all = trial.all();
  line_of(trial).rows.push_back({.block = trial.identity.block,
                                 .floor = trial.identity.role == "floor",
                                 .status = trial.status,
                                 .reason = trial.status_reason,
                                 .verified = trial.verified,
                                 .achieved_ops_s = all.achieved_ops_s,
                                 .offered_ops_s = all.offered_ops_s,
                                 .response_p50_ns = all.response.p50_ns,
                                 .response_p99_ns = all.response.p99_ns,
                                 .floor_share = trial.floor_share,
                                 .check_cost_pct = trial.check_cost_pct});
}

// Best first: throughput where the loop is closed, else the 99th percentile of the response. Lines that must not be used
// come after those, null rows last.
std::vector<const Summary::Line*> Summary::ranked(const Configuration& configuration) {
  std::vector<const Line*> lines;
  for (const Line& line : configuration.lines) lines.push_back(&line);
  const auto merit = [&](const Line& line) {
    if (configuration.closed)
      return *median_of(line.rows, [](const Row& r) { return std::optional(r.achieved_ops_s); });
    const auto p99 = median_of(line.rows, [](const Row& r) { return r.response_p99_ns; });
    return p99 ? -*p99 : -1e300;
  };
  std::stable_sort(lines.begin(), lines.end(), [&](const Line* a, const Line* b) {
    const bool floor_a = a->rows.front().floor;
    const bool floor_b = b->rows.front().floor;
    if (floor_a != floor_b) return floor_b;
    if (a->usable_everywhere() != b->usable_everywhere()) return a->usable_everywhere();
    return merit(*a) > merit(*b);
  });
  return lines;
}

std::vector<std::string> Summary::cells_of(const Line& line) {
  const auto& rows = line.rows;
  const auto ops = median_of(rows, [](const Row& r) { return std::optional(r.achieved_ops_s); });
  const auto p50 = median_of(rows, [](const Row& r) { return r.response_p50_ns; });
  const auto p99 = median_of(rows, [](const Row& r) { return r.response_p99_ns; });
  std::map<Status, std::size_t> counts;
  for (const Row& row : rows) ++counts[row.status];
  std::string status;
  for (const auto& [value, count] : counts) {
    if (!status.empty()) status += ' ';
    status += to_string(value);
    if (counts.size() > 1) status += ":" + std::to_string(count);
  }
  const bool checked =
      std::all_of(rows.begin(), rows.end(), [](const Row& r) { return r.verified.has_value(); });
  const bool held =
      std::all_of(rows.begin(), rows.end(), [](const Row& r) { return r.verified.value_or(true); });
  return {line.strategy + (rows.front().floor ? " (floor)" : ""),
          ops ? display_rate(*ops) : "",
          p50 ? display_ns(*p50) : "",
          p99 ? display_ns(*p99) : "",
          std::to_string(rows.size()),
          held ? (checked ? "yes" : "not checked") : "NO",
          status};
}

std::vector<Summary::Section> Summary::sections() const {
  std::vector<Section> result;
  for (const Configuration& configuration : configurations_) {
    Section section{.title = configuration.name, .table = {.columns = kColumns, .rows = {}}};
    for (const Line* line : ranked(configuration)) section.table.rows.push_back(cells_of(*line));
    result.push_back(std::move(section));
  }
  return result;
}

TextTable Summary::table() const {
  TextTable all;
  all.columns = kColumns;
  all.columns.insert(all.columns.begin(), {"load", false});
  for (Section& section : sections()) {
    for (auto& cells : section.table.rows) {
      cells.insert(cells.begin(), section.title);
      all.rows.push_back(std::move(cells));
    }
  }
  return all;
}

// One value per block and strategy.
std::vector<reports::Contender> Summary::field_of(const Configuration& configuration) {
  std::vector<const Line*> lines;
  std::size_t near_floor = 0;
  for (const Line& line : configuration.lines) {
    if (line.rows.front().floor || !line.usable_everywhere()) continue;
    lines.push_back(&line);
    near_floor += line.floor_share().value_or(0) > kFloorLimit ? 1 : 0;
  }
  // Of two strategies that both cost less than the harness itself, the difference is not theirs.
  if (near_floor > 1) {
    std::erase_if(lines, [](const Line* line) { return line->floor_share().value_or(0) > kFloorLimit; });
  }
  std::vector<reports::Contender> field;
  for (const Line* line : lines) {
    reports::Contender contender{.name = line->strategy, .values = {}};
    for (const Row& row : line->rows) {
      const double p99 = static_cast<double>(row.response_p99_ns.value_or(0));
      const double value = configuration.closed ? row.achieved_ops_s : p99;
      if (value > 0) contender.values[row.block] = value;
    }
    field.push_back(std::move(contender));
  }
  return field;
}

std::string Summary::finding(const Configuration& configuration) {
  const std::vector<reports::Contender> field = field_of(configuration);
  if (field.size() < 2) return {};
  const bool closed = configuration.closed;
  const reports::Tournament result =
      reports::judge(field, {.better = closed ? reports::Better::larger : reports::Better::smaller});
  if (result.blocks == 0) return {};
  const std::string& best = field[result.ranking[0]].name;
  const reports::Duel& duel = result.duels.front();
  const std::string metric = closed ? "throughput" : "p99 response";
  std::string lead = times(duel.ratio) + " that of " + field[duel.other].name;
  if (result.blocks < result.blocks_needed || !duel.interval) {
    return configuration.name + ": best " + metric + ": " + best + ", " + lead +
           "; not judged, which takes at least " + std::to_string(result.blocks_needed) +
           " blocks (--repetitions), got " + std::to_string(result.blocks);
  }
  lead += " (95 % interval " + times(duel.interval->low) + " to " + times(duel.interval->high) + ", " +
          std::to_string(result.blocks) + " blocks)";
  if (result.resolved) return configuration.name + ": winner by " + metric + ": " + best + ", " + lead;
  std::string tied;
  for (const std::size_t i : result.tied) tied += (tied.empty() ? "" : ", ") + field[i].name;
  return configuration.name + ": no difference resolved by " + metric + " between " + tied + "; foremost " +
         best + ", " + lead;
}

std::vector<std::string> Summary::findings() const {
  std::vector<std::string> result;
  for (const Configuration& configuration : configurations_) {
    std::string text = finding(configuration);
    if (!text.empty()) result.push_back(std::move(text));
  }
  return result;
}

std::vector<std::string> Summary::warnings() const {
  std::vector<std::string> result;
  for (const Configuration& configuration : configurations_) {
    for (const Line& line : configuration.lines) {
      std::map<std::string, std::size_t> reasons;
      for (const Row& row : line.rows) {
        if (row.status != Status::ok || !row.verified.value_or(true)) {
          ++reasons[(row.verified.value_or(true) ? std::string(to_string(row.status)) : "NOT VERIFIED") +
                    ": " + row.reason];
        }
      }
      // Reasons hold numbers and so differ from trial to trial: the first stands for the others.
      if (!reasons.empty()) {
        std::size_t count = 0;
        for (const auto& [reason, times] : reasons) count += times;
        result.push_back(configuration.name + ": " + line.strategy + ": " + std::to_string(count) + " of " +
                         std::to_string(line.rows.size()) + " trials " + reasons.begin()->first);
      }
    }
    for (std::string text :
         {unchecked_warning(configuration), floor_warning(configuration), check_warning(configuration)}) {
      if (!text.empty()) result.push_back(std::move(text));
    }
  }
  return result;
}

// They are shown, since somebody wanted them so, but take no part in the finding.
std::string Summary::unchecked_warning(const Configuration& configuration) {
  std::string names;
  for (const Line& line : configuration.lines) {
    const bool unchecked = std::any_of(line.rows.begin(), line.rows.end(),
                                       [](const Row& row) { return is_sound(row.status) && !row.verified; });
    if (unchecked && !line.rows.front().floor) names += (names.empty() ? "" : ", ") + line.strategy;
  }
  if (names.empty()) return {};
  return configuration.name + ": no law was checked (--checks off, --no-check), so not compared: " + names;
}

std::string Summary::check_warning(const Configuration& configuration) {
  std::string costs;
  for (const Line& line : configuration.lines) {
    const auto cost = median_of(line.rows, [](const Row& row) { return row.check_cost_pct; });
    if (!cost || *cost <= kCheckWarningPct) continue;
    costs += (costs.empty() ? "" : ", ") + line.strategy + " " + rounded_percent(*cost / 100);
  }
  if (costs.empty()) return {};
  return configuration.name + ": the live checks make operations longer (check_cost_pct): " + costs;
}

std::string Summary::floor_warning(const Configuration& configuration) {
  std::string names;
  double least = 1;
  double most = 0;
  for (const Line& line : configuration.lines) {
    const double share = line.floor_share().value_or(0);
    if (share <= kFloorWarning) continue;
    names += (names.empty() ? "" : ", ") + line.strategy;
    least = std::min(least, share);
    most = std::max(most, share);
  }
  if (names.empty()) return {};
  return configuration.name + ": of the service time, " + rounded_percent(least) +
         (most > least ? " to " + rounded_percent(most) : "") + " is the harness's" +
         (configuration.pooled ? " and the pool's" : "") + " own (null/null) with " + names +
         (most > kFloorLimit ? "; above 50 % strategies are not compared with each other" : "");
}

int Summary::exit_code() const {
  bool wrong = false;
  bool crashed = false;
  bool unusable = false;
  for (const Configuration& configuration : configurations_) {
    for (const Line& line : configuration.lines) {
      bool any_sound = false;
      for (const Row& row : line.rows) {
        wrong = wrong || !row.verified.value_or(true);
        crashed = crashed || row.status == Status::failed;
        any_sound = any_sound || (row.status != Status::generator && row.status != Status::contaminated &&
                                  row.status != Status::too_short);
      }
      unusable = unusable || !any_sound;
    }
  }
  return wrong ? 3 : crashed ? 8 : unusable ? 4 : 0;
}

}  // namespace crosstalk::harness
