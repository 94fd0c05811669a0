#include "harness/gbench_export.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <vector>

#include "harness/json_text.h"
#include "harness/values.h"

namespace crosstalk::harness {

namespace {

using reports::RecordedTrial;

// An object of JSON, a member a line.
class JsonObject {
 public:
  explicit JsonObject(std::string indent) : indent_(std::move(indent)) {}

  JsonObject& raw(std::string_view name, const std::string& value) {
    text_ += (text_.empty() ? "\n" : ",\n") + indent_ + "  " + json_text(name) + ": " + value;
    return *this;
  }
  JsonObject& text(std::string_view name, std::string_view value) { return raw(name, json_text(value)); }
  JsonObject& number(std::string_view name, double value) {
    return raw(name, std::isfinite(value) ? format_real(value) : "0");
  }
  JsonObject& whole(std::string_view name, std::uint64_t value) { return raw(name, std::to_string(value)); }
  [[nodiscard]] std::string str() const { return indent_ + "{" + text_ + "\n" + indent_ + "}"; }

 private:
  std::string indent_;
  std::string text_;
};

struct Times {
  double real_ns = 0, cpu_ns = 0, items_per_second = 0;
};

double cpu_ns_of(const RecordedTrial& trial) {
  if (trial.all().count == 0) return 0;
  return (trial.cpu_user_s + trial.cpu_system_s) * 1e9 / static_cast<double>(trial.all().count);
}

Times per_operation(const RecordedTrial& trial) {
  Times times{.real_ns = 0, .cpu_ns = cpu_ns_of(trial), .items_per_second = trial.all().achieved_ops_s};
  if (trial.identity.load_model != "closed") {
    times.real_ns = static_cast<double>(trial.all().response.mean_ns.value_or(0));
  } else if (times.items_per_second > 0) {
    times.real_ns = 1e9 / times.items_per_second;
  }
  return times;
}

Times of_p99(const RecordedTrial& trial) {
  Times times = per_operation(trial);
  times.real_ns = static_cast<double>(trial.all().response.p99_ns.value_or(0));
  return times;
}

// Why a trial must not be used; empty: it may.
std::string error_of(const RecordedTrial& trial, const Times& times) {
  if (!trial.verified.value_or(true)) return "not verified: " + trial.status_reason;
  if (!trial.sound()) return std::string(to_string(trial.status)) + ": " + trial.status_reason;
  return times.real_ns > 0 ? "" : "too few values for this figure";
}

// The benchmarks of one name.
class Family {
 public:
  Family(std::string name, std::size_t index, const StrategyRecord& record,
         Times (*times)(const RecordedTrial&))
      : name_(std::move(name)), index_(index), record_(record), times_(times) {}

  void add_to(std::vector<std::string>& rows) const {
    std::vector<Times> sound;
    for (std::size_t i = 0; i < record_.trials.size(); ++i) {
      const RecordedTrial& trial = *record_.trials[i];
      const Times times = times_(trial);
      const std::string error = error_of(trial, times);
      JsonObject row = row_of(name_, "iteration");
      row.whole("repetition_index", i);
      if (!error.empty()) row.raw("error_occurred", "true").text("error_message", error);
      add_times(row, trial.all().count, times);
      rows.push_back(row.str());
      if (error.empty()) sound.push_back(times);
    }
    if (sound.size() < 2) return;
    add_aggregate(rows, "mean", sound, mean);
    add_aggregate(rows, "median", sound,
                  [](const std::vector<double>& values) { return reports::median(values); });
    add_aggregate(rows, "stddev", sound, deviation);
    add_aggregate(rows, "cv", sound, [](const std::vector<double>& values) {
      return mean(values) > 0 ? deviation(values) / mean(values) : 0;
    });
  }

 private:
  using Statistic = double (*)(const std::vector<double>&);

  static double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  }
  static double deviation(const std::vector<double>& values) {
    double squares = 0;
    for (const double value : values) squares += (value - mean(values)) * (value - mean(values));
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
  }

  [[nodiscard]] JsonObject row_of(const std::string& name, const char* type) const {
    JsonObject row("    ");
    row.text("name", name).whole("family_index", index_).whole("per_family_instance_index", 0);
    row.text("run_name", name_).text("run_type", type).whole("repetitions", record_.trials.size());
    row.whole("threads", record_.trials.front()->identity.threads);
    return row;
  }
  static void add_times(JsonObject& row, std::uint64_t iterations, const Times& times) {
    row.whole("iterations", iterations).number("real_time", times.real_ns).number("cpu_time", times.cpu_ns);
    row.text("time_unit", "ns").number("items_per_second", times.items_per_second);
  }
  void add_aggregate(std::vector<std::string>& rows, const std::string& statistic,
                     const std::vector<Times>& sound, Statistic of) const {
    const auto over = [&](double Times::*part) {
      std::vector<double> values;
      for (const Times& times : sound) values.push_back(times.*part);
      return of(values);
    };
    JsonObject row = row_of(name_ + "_" + statistic, "aggregate");
    row.text("aggregate_name", statistic).text("aggregate_unit", statistic == "cv" ? "percentage" : "time");
    add_times(row, sound.size(),
              {.real_ns = over(&Times::real_ns),
               .cpu_ns = over(&Times::cpu_ns),
               .items_per_second = over(&Times::items_per_second)});
    rows.push_back(row.str());
  }

  std::string name_;
  std::size_t index_;
  const StrategyRecord& record_;
  Times (*times_)(const RecordedTrial&);
};

// "2026-01-31T12:34:56+00:00" of a run's name, which begins with its stamp.
std::string date_of(const std::string& run_id) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(run_id.c_str(), "%4d%2d%2dT%2d%2d%2dZ", &year, &month, &day, &hour, &minute, &second) != 6)
    return "";
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d+00:00", year, month, day, hour, minute,
                second);
  return text;
}

std::string context_of(const RecordedFolder& folder) {
  const RecordedTrial& first = folder.trials().front();
  JsonObject context("  ");
  context.text("date", date_of(first.identity.run_id)).text("host_name", "").text("executable", "crosstalk");
  const std::string processors = folder.fact("cpus_online");
  const bool known = !processors.empty() && processors.size() < 10 &&
                     processors.find_first_not_of("0123456789") == std::string::npos;
  context.raw("num_cpus", known && processors[0] != '0' ? processors : "0").whole("mhz_per_cpu", 0);
  const std::string governor = folder.fact("governor");
  constexpr std::array kScaling{"powersave", "ondemand", "conservative", "schedutil"};
  const bool scaling = std::find(kScaling.begin(), kScaling.end(), governor) != kScaling.end();
  context.raw("cpu_scaling_enabled", scaling ? "true" : "false").raw("caches", "[]");
  std::string averages;
  std::istringstream words(folder.fact("load_average"));
  int count = 0;
  for (std::string word; count < 3 && words >> word && is_json_number(word); ++count)
    averages += (averages.empty() ? "" : ", ") + word;
  context.raw("load_avg", "[" + averages + "]").text("library_build_type", "release");
  context.text("cpu_model", folder.fact("cpu_model")).text("kernel", folder.fact("kernel"));
  context.text("compiler", first.compiler).text("build_type", first.build_type).text("commit", first.commit);
  context.text("command", folder.fact("command"));
  return context.str();
}

// Offered rates are measured: two digits are the same for the same plan.
std::string two_digits(double rate) {
  char text[40];
  const int length = std::snprintf(text, sizeof text, "%.2g", rate);
  // The largest doubles round to what is none: they stay as they are.
  double rounded = rate;
  std::from_chars(text, text + length, rounded);
  return format_real(rounded);
}

}  // namespace

std::string benchmark_name(const reports::TrialIdentity& id, std::optional<double> offered_ops_s) {
  std::string name = id.scenario + "/" + id.strategy + "/" + id.load_model;
  if (offered_ops_s) name += ":" + two_digits(*offered_ops_s);
  if (!id.profile.empty()) name += "/profile:" + id.profile;
  if (!id.think.empty()) name += "/think:" + id.think;
  if (id.outside_ns > 0) name += "/outside:" + format_duration(id.outside_ns);
  if (!id.repeat.empty()) name += "/repeat:" + id.repeat;
  if (id.path == "pooled") name += "/pooled:" + id.pool;
  name += "/clients:" + std::to_string(id.clients);
  if (id.workers > 0) name += "/workers:" + std::to_string(id.workers);
  if (!id.settings.empty()) name += "/" + id.settings;
  return name + "/threads:" + std::to_string(id.threads);
}

std::string gbench_json(const RecordedFolder& folder) {
  std::vector<std::string> rows;
  std::size_t family = 0;
  for (const LoadRecord& load : folder.loads()) {
    for (const StrategyRecord& record : load.strategies) {
      if (record.floor) continue;
      const RecordedTrial& first = *record.trials.front();
      const std::string name = benchmark_name(first.identity, first.all().offered_ops_s);
      Family(name, family++, record, per_operation).add_to(rows);
      const bool any_p99 =
          std::any_of(record.trials.begin(), record.trials.end(),
                      [](const RecordedTrial* trial) { return trial->all().response.p99_ns.has_value(); });
      if (any_p99) Family(name + "/response_p99", family++, record, of_p99).add_to(rows);
    }
  }
  std::string text = "{\n  \"context\":\n" + context_of(folder) + ",\n  \"benchmarks\": [";
  for (std::size_t i = 0; i < rows.size(); ++i) text += (i == 0 ? "\n" : ",\n") + rows[i];
  return text + "\n  ]\n}\n";
}

}  // namespace crosstalk::harness
