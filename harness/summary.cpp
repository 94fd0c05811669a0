#include "harness/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "harness/display.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

using reports::Status;

// Above this share of harness cost a row says little; two such rows are not compared.
constexpr double kFloorWarning = 1.0 / 3;
constexpr double kFloorLimit = 1.0 / 2;

template <class Rows, class Value>
std::optional<double> median_of(const Rows& rows, Value&& value) {
  std::vector<double> values;
  for (const auto& row : rows) {
    if (const auto v = value(row)) values.push_back(static_cast<double>(*v));
  }
  if (values.empty()) return std::nullopt;
  return reports::median(values);
}

std::string percent(double ratio) {
  std::ostringstream text;
  text.precision(1);
  text << std::fixed << (ratio - 1) * 100 << " %";
  return text.str();
}

}  // namespace

bool Summary::usable(const Row& row) {
  return (row.status == Status::ok || row.status == Status::saturated) && row.verified.value_or(true);
}

bool Summary::Line::usable_everywhere() const {
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return usable(row); });
}

Summary::Line& Summary::line_of(const reports::RunResult& result) {
  const reports::TrialIdentity& id = result.identity;
  const bool closed = id.load_model == "closed";
  std::ostringstream key;
  key << id.scenario << ' ' << id.load_model << ' ' << id.clients << ' ' << id.threads << ' ' << id.workers << ' '
      << id.path << ' ' << id.trace_hash;
  auto found = std::find_if(configurations_.begin(), configurations_.end(),
                            [&](const Configuration& c) { return c.key == key.str(); });
  if (found == configurations_.end()) {
    std::string name = id.load_model;
    if (!closed && result.ops.front().offered_ops_s) name += " " + display_rate(*result.ops.front().offered_ops_s);
    name += ", " + display_count(id.clients) + " clients, " + std::to_string(id.threads) + " drivers";
    if (id.workers > 0) name += ", " + std::to_string(id.workers) + " workers";
    configurations_.push_back({.key = key.str(), .name = name, .closed = closed, .lines = {}});
    found = configurations_.end() - 1;
  }
  auto line = std::find_if(found->lines.begin(), found->lines.end(),
                           [&](const Line& l) { return l.strategy == id.strategy; });
  if (line != found->lines.end()) return *line;
  found->lines.push_back({.strategy = id.strategy, .rows = {}});
  return found->lines.back();
}

void Summary::add(const reports::RunResult& result) {
  const reports::OpResult& all = result.ops.front();
  line_of(result).rows.push_back({.block = result.identity.block,
                                  .floor = result.identity.role == "floor",
                                  .status = result.status,
                                  .reason = result.status_reason,
                                  .verified = result.verified,
                                  .achieved_ops_s = all.achieved_ops_s,
                                  .offered_ops_s = all.offered_ops_s,
                                  .response_p50_ns = all.response.percentile(0.5),
                                  .response_p99_ns = all.response.percentile(0.99),
                                  .floor_share = result.floor_share});
}

// Best first: throughput where the loop is closed, else the 99th percentile of the response. Lines that must not be used
// come after those, null rows last.
std::vector<const Summary::Line*> Summary::ranked(const Configuration& configuration) {
  std::vector<const Line*> lines;
  for (const Line& line : configuration.lines) lines.push_back(&line);
  const auto merit = [&](const Line& line) {
    if (configuration.closed) return *median_of(line.rows, [](const Row& r) { return std::optional(r.achieved_ops_s); });
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

TextTable Summary::table() const {
  TextTable table;
  table.columns = {{"load", false}, {"strategy", false}, {"ops/s", true}, {"p50", true}, {"p99", true},
                   {"trials", true}, {"verified", false}, {"status", false}};
  for (const Configuration& configuration : configurations_) {
    for (const Line* line : ranked(configuration)) {
      const auto& rows = line->rows;
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
      const bool checked = std::all_of(rows.begin(), rows.end(), [](const Row& r) { return r.verified.has_value(); });
      const bool held = std::all_of(rows.begin(), rows.end(), [](const Row& r) { return r.verified.value_or(true); });
      table.rows.push_back({configuration.name, line->strategy + (rows.front().floor ? " (floor)" : ""),
                            ops ? display_rate(*ops) : "", p50 ? display_ns(*p50) : "", p99 ? display_ns(*p99) : "",
                            std::to_string(rows.size()), held ? (checked ? "yes" : "not checked") : "NO", status});
    }
  }
  return table;
}

std::string Summary::finding(const Configuration& configuration) {
  std::vector<reports::Contender> field;
  for (const Line& line : configuration.lines) {
    if (line.rows.front().floor || !line.usable_everywhere()) continue;
    reports::Contender contender{.name = line.strategy, .values = {}};
    std::vector<Row> by_block = line.rows;
    std::stable_sort(by_block.begin(), by_block.end(), [](const Row& a, const Row& b) { return a.block < b.block; });
    for (const Row& row : by_block) {
      const double p99 = static_cast<double>(row.response_p99_ns.value_or(0));
      const double value = configuration.closed ? row.achieved_ops_s : p99 > 0 ? 1 / p99 : 0;
      if (value > 0) contender.values.push_back(value);
    }
    field.push_back(std::move(contender));
  }
  std::size_t blocks = 0;
  for (const auto& contender : field) blocks = std::max(blocks, contender.values.size());
  // An interrupted block lacks some strategies: only those that were in all blocks are compared.
  std::erase_if(field, [&](const reports::Contender& c) { return c.values.size() != blocks; });
  if (field.size() < 2 || blocks == 0) return {};
  const reports::Tournament result = reports::judge(field);
  const std::string& best = field[result.ranking[0]].name;
  const std::string& next = field[result.ranking[1]].name;
  const std::string metric = configuration.closed ? "throughput" : "p99 response";
  std::string interval = "no interval from fewer than 6 blocks";
  if (result.interval) {
    interval = "95 % interval " + percent(result.interval->low) + " to " + percent(result.interval->high);
  }
  std::string lead = percent(result.ratio) + (configuration.closed ? " more than " : " faster than ") + next + " (" + interval +
                     ", " + std::to_string(blocks) + " blocks)";
  if (result.resolved) return configuration.name + ": winner by " + metric + ": " + best + ", " + lead;
  std::string tied;
  for (const std::size_t i : result.tied) tied += (tied.empty() ? "" : ", ") + field[i].name;
  return configuration.name + ": no difference resolved by " + metric + " between " + tied + "; best median " + best + ", " + lead;
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
          ++reasons[(row.verified.value_or(true) ? std::string(to_string(row.status)) : "NOT VERIFIED") + ": " + row.reason];
        }
      }
      // Reasons hold numbers and so differ from trial to trial: the first stands for the others.
      if (!reasons.empty()) {
        std::size_t count = 0;
        for (const auto& [reason, times] : reasons) count += times;
        result.push_back(configuration.name + ": " + line.strategy + ": " + std::to_string(count) + " of " +
                         std::to_string(line.rows.size()) + " trials " + reasons.begin()->first);
      }
      const auto share = median_of(line.rows, [](const Row& r) { return r.floor_share; });
      if (share && *share > kFloorWarning) {
        result.push_back(configuration.name + ": " + line.strategy + ": " + percent(1 + *share) +
                         " of the service time is the harness's own" +
                         (*share > kFloorLimit ? "; too much to compare it with the like" : ""));
      }
    }
  }
  return result;
}

std::optional<double> Summary::slowest_closed_ops_s() const {
  std::optional<double> slowest;
  for (const Configuration& configuration : configurations_) {
    if (!configuration.closed) continue;
    for (const Line& line : configuration.lines) {
      if (line.rows.front().floor || !line.usable_everywhere()) continue;
      const auto ops = median_of(line.rows, [](const Row& r) { return std::optional(r.achieved_ops_s); });
      if (ops && (!slowest || *ops < *slowest)) slowest = ops;
    }
  }
  return slowest;
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
