#include "harness/prometheus_export.h"

#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "harness/printable.h"
#include "harness/values.h"

namespace crosstalk::harness {

namespace {

using reports::Histogram;
using reports::RecordedTrial;

std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : printable(value)) {
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

std::string labels_of(const LoadRecord& load, const StrategyRecord& record) {
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(load.identity().trace_hash));
  return "scenario=\"" + escaped(load.identity().scenario) + "\",strategy=\"" + escaped(record.strategy) +
         "\",load=\"" + escaped(load.name.text) + "\",trace_hash=\"" + hash + "\"";
}

class Exposition {
 public:
  explicit Exposition(const RecordedFolder& folder) : folder_(folder) {}

  // A family with one sample per load and strategy; those without a value have none.
  template <class Value>
  void family(const std::string& name, const char* type, const char* help, Value&& value) {
    std::string samples;
    each([&](const std::string& labels, const StrategyRecord& record) {
      if (const std::optional<double> sample = value(record))
        samples += name + "{" + labels + "} " + format_real(*sample) + "\n";
    });
    if (!samples.empty()) text_ += head(name, type, help) + samples;
  }

  void histogram(const std::string& name, const char* help, const std::string& metric) {
    std::string samples;
    each([&](const std::string& labels, const StrategyRecord& record) {
      if (const Histogram* values = record.times_of(metric)) samples += buckets(name, labels, *values);
    });
    if (!samples.empty()) text_ += head(name, "histogram", help) + samples;
  }

  void build_info() {
    const RecordedTrial& first = folder_.trials().front();
    text_ += head("crosstalk_build_info", "gauge", "What was measured with; always 1.") +
             "crosstalk_build_info{commit=\"" + escaped(first.commit) + "\",compiler=\"" +
             escaped(first.compiler) + "\",build_type=\"" + escaped(first.build_type) + "\"} 1\n";
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  static std::string head(const std::string& name, const char* type, const char* help) {
    return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }

  template <class Visit>
  void each(Visit&& visit) const {
    for (const LoadRecord& load : folder_.loads()) {
      for (const StrategyRecord& record : load.strategies) visit(labels_of(load, record), record);
    }
  }

  static std::string buckets(const std::string& name, const std::string& labels, const Histogram& values) {
    constexpr unsigned kFirst = 7, kLast = 35;  // 127 ns to 34 s
    std::vector<std::uint64_t> below(kLast + 1);
    values.for_each_bucket([&](std::uint64_t, std::uint64_t high, std::uint64_t count) {
      for (unsigned bits = kFirst; bits <= kLast; ++bits) {
        if (high < std::uint64_t{1} << bits) below[bits] += count;
      }
    });
    std::string text;
    for (unsigned bits = kFirst; bits <= kLast; ++bits) {
      const double bound_s = static_cast<double>((std::uint64_t{1} << bits) - 1) / 1e9;
      char le[40];
      std::snprintf(le, sizeof le, "%.12g", bound_s);
      text.append(name).append("_bucket{").append(labels).append(",le=\"").append(le).append("\"} ");
      text.append(std::to_string(below[bits])).append("\n");
    }
    text += name + "_bucket{" + labels + ",le=\"+Inf\"} " + std::to_string(values.count()) + "\n";
    text += name + "_sum{" + labels + "} " +
            format_real(values.mean() * static_cast<double>(values.count()) / 1e9) + "\n";
    return text + name + "_count{" + labels + "} " + std::to_string(values.count()) + "\n";
  }

  const RecordedFolder& folder_;
  std::string text_;
};

// The sum over sound trials; empty where there is none.
std::optional<double> total(const StrategyRecord& record, double (*of)(const RecordedTrial&)) {
  if (record.sound_trials() == 0) return std::nullopt;
  double sum = 0;
  for (const RecordedTrial* trial : record.trials) {
    if (trial->sound()) sum += of(*trial);
  }
  return sum;
}

}  // namespace

std::string prometheus_text(const RecordedFolder& folder) {
  Exposition out(folder);
  out.build_info();
  out.family("crosstalk_trials", "gauge", "Trials that were run.", [](const StrategyRecord& record) {
    return std::optional(static_cast<double>(record.trials.size()));
  });
  out.family(
      "crosstalk_sound_trials", "gauge",
      "Trials that were measured soundly and kept every law; the others count nowhere.",
      [](const StrategyRecord& record) { return std::optional(static_cast<double>(record.sound_trials())); });
  out.family(
      "crosstalk_throughput_operations_per_second", "gauge",
      "Operations completed per second, median over trials.", [](const StrategyRecord& record) {
        return record.median([](const RecordedTrial& t) { return std::optional(t.all().achieved_ops_s); });
      });
  out.family("crosstalk_operations_total", "counter", "Operations completed in measured phases, all trials.",
             [](const StrategyRecord& record) {
               return total(record,
                            [](const RecordedTrial& t) { return static_cast<double>(t.all().count); });
             });
  out.family("crosstalk_operation_errors_total", "counter", "Operations that the server refused, all trials.",
             [](const StrategyRecord& record) {
               return total(record,
                            [](const RecordedTrial& t) { return static_cast<double>(t.all().errors); });
             });
  out.family("crosstalk_cpu_seconds_total", "counter", "Processor time of measured phases, all trials.",
             [](const StrategyRecord& record) {
               return total(record, [](const RecordedTrial& t) { return t.cpu_user_s + t.cpu_system_s; });
             });
  out.family("crosstalk_memory_peak_bytes", "gauge",
             "Peak memory of a trial above what it was given, median over trials.",
             [](const StrategyRecord& record) {
               return record.median([](const RecordedTrial& t) {
                 return std::optional(static_cast<double>(t.rss_max_bytes));
               });
             });
  out.family("crosstalk_fairness_clients_ratio", "gauge", "Jain's index over clients, median over trials.",
             [](const StrategyRecord& record) {
               return record.median([](const RecordedTrial& t) { return t.all().jain_clients; });
             });
  out.histogram("crosstalk_service_seconds",
                "Service times, from the actual start of each operation, all trials.", "service");
  out.histogram("crosstalk_response_seconds",
                "Response times, from the intended start of each operation, all trials.", "response");
  return out.text();
}

}  // namespace crosstalk::harness
