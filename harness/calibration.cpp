#include "harness/calibration.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <type_traits>

#include "harness/output_file.h"
#include "reports/csv_text.h"
#include "reports/output_error.h"

namespace crosstalk::harness {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kCalibrationVersion = 1;
constexpr std::uint64_t kMostEntries = 1'000;  // of a list: more is damage

// Visits every value under its key, in the order of the file, for writing and for reading alike. The members of a list
// are told apart by what they are called, which the list visits itself.
template <class Pacing, class Visitor>
void visit_pacing(Visitor& visit, const std::string& key, Pacing& pacing) {
  visit(key + "lateness_p50_ns", pacing.lateness_p50_ns);
  visit(key + "lateness_p99_ns", pacing.lateness_p99_ns);
}

template <class Lock, class Visitor>
void visit_lock(Visitor& visit, const std::string& key, Lock& lock) {
  visit(key + "ns", lock.ns);
}

template <class Floor, class Visitor>
void visit_floor(Visitor& visit, const std::string& key, Floor& floor) {
  visit(key + "service_ns", floor.service_ns);
  visit(key + "achieved_ops_s", floor.achieved_ops_s);
}

template <class Noise, class Visitor>
void visit_noise(Visitor& visit, const std::string& key, Noise& noise) {
  visit(key + "strategy", noise.strategy);
  visit(key + "pairs", noise.pairs);
  visit(key + "trial_ns", noise.trial_ns);
  visit(key + "low_pct", noise.low_pct);
  visit(key + "high_pct", noise.high_pct);
  visit(key + "pair_sd_pct", noise.pair_sd_pct);
}

template <class Machine, class Visitor>
void visit_machine(Visitor& visit, Machine& machine) {
  visit("machine_cpu_model", machine.cpu_model);
  visit("machine_cpus_usable", machine.cpus_usable);
  visit("machine_kernel", machine.kernel);
  visit("machine_commit", machine.commit);
  visit("machine_compiler", machine.compiler);
  visit("machine_build_type", machine.build_type);
}

template <class Calibrated, class Visitor>
void visit_measured(Visitor& visit, Calibrated& calibration) {
  visit("time", calibration.time);
  visit("quick", calibration.quick);
  visit("foreign_cpu_share", calibration.foreign_cpu_share);
  visit("steal_share", calibration.steal_share);
  visit("clock", calibration.clock);
  visit("clock_cost_ns", calibration.clock_cost_ns);
  visit("clock_resolution_ns", calibration.clock_resolution_ns);
  visit("timer_overshoot_p50_ns", calibration.timer_overshoot_p50_ns);
  visit("timer_overshoot_p99_ns", calibration.timer_overshoot_p99_ns);
  visit("gap_span_ns", calibration.gap_span_ns);
  visit("gap_share", calibration.gap_share);
  visit("gap_p99_ns", calibration.gap_p99_ns);
  visit("gap_max_ns", calibration.gap_max_ns);
  using C = Calibration;
  visit.list("pacing", calibration.pacing, &C::Pacing::rate_ops_s,
             [](auto& v, const auto& key, auto& one) { visit_pacing(v, key, one); });
  visit.list("lock", calibration.locks, &C::LockCost::lock,
             [](auto& v, const auto& key, auto& one) { visit_lock(v, key, one); });
  visit.list("floor", calibration.floors, &C::Floor::path,
             [](auto& v, const auto& key, auto& one) { visit_floor(v, key, one); });
  visit.list("noise", calibration.noise, &C::Noise::scenario,
             [](auto& v, const auto& key, auto& one) { visit_noise(v, key, one); });
}

std::string text_of(const std::string& value) {
  return value;
}
std::string text_of(bool value) {
  return value ? "1" : "0";
}
template <class Number>
requires std::is_arithmetic_v<Number> std::string text_of(Number value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end};
}
std::string text_of(const std::optional<double>& value) {
  return value ? text_of(*value) : "";
}

// For people and scripts: members of lists stand under their names, "lock_ticket_ns".
class FactWriter {
 public:
  explicit FactWriter(std::string prefix) : prefix_(std::move(prefix)) {}

  template <class T>
  void operator()(const std::string& key, const T& value) {
    facts_.emplace_back(prefix_ + key, text_of(value));
  }
  template <class T, class Name, class Visit>
  void list(const std::string& key, const std::vector<T>& values, Name T::*name, Visit visit_one) {
    for (const T& one : values) visit_one(*this, key + "_" + text_of(one.*name) + "_", one);
  }
  [[nodiscard]] const reports::Facts& facts() const { return facts_; }

 private:
  std::string prefix_;
  reports::Facts facts_;
};

// For the file: members of lists are numbered, "lock_0" holds the name and "lock_0_ns" the rest.
class RowWriter {
 public:
  template <class T>
  void operator()(const std::string& key, const T& value) {
    csv_.cell(key).cell(text_of(value)).end_row();
  }
  template <class T, class Name, class Visit>
  void list(const std::string& key, const std::vector<T>& values, Name T::*name, Visit visit_one) {
    (*this)(key + "_count", std::uint64_t{values.size()});
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string numbered = key + "_" + std::to_string(i);
      (*this)(numbered, values[i].*name);
      visit_one(*this, numbered + "_", values[i]);
    }
  }
  [[nodiscard]] const std::string& text() const { return csv_.text(); }

 private:
  reports::CsvText csv_;
};

using Cells = std::map<std::string, std::string>;

// Fills in what it finds; what is missing or no value spoils it.
class RowReader {
 public:
  explicit RowReader(const Cells& cells) : cells_(cells) {}

  template <class T>
  void operator()(const std::string& key, T& value) {
    const auto found = cells_.find(key);
    ok_ = ok_ && found != cells_.end() && parse(found->second, value);
  }
  template <class T, class Name, class Visit>
  void list(const std::string& key, std::vector<T>& values, Name T::*name, Visit visit_one) {
    std::uint64_t count = 0;
    (*this)(key + "_count", count);
    ok_ = ok_ && count <= kMostEntries;
    if (!ok_) return;
    values.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string numbered = key + "_" + std::to_string(i);
      (*this)(numbered, values[i].*name);
      visit_one(*this, numbered + "_", values[i]);
    }
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  static bool parse(const std::string& text, std::string& value) {
    value = text;
    return true;
  }
  static bool parse(const std::string& text, bool& value) {
    value = text == "1";
    return text == "0" || text == "1";
  }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  static bool parse(const std::string& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    if constexpr (std::is_floating_point_v<Number>) return std::isfinite(value);
    return true;
  }
  static bool parse(const std::string& text, std::optional<double>& value) {
    return text.empty() || parse(text, value.emplace());
  }

  const Cells& cells_;
  bool ok_ = true;
};

// One cell off the front of a line as CsvText writes it.
std::optional<std::string> take_cell(std::string_view& line) {
  std::string cell;
  if (!line.starts_with('"')) {
    cell = line.substr(0, line.find(','));
    line.remove_prefix(cell.size());
  } else {
    std::size_t at = 1;
    for (;; ++at) {
      if (at >= line.size()) return std::nullopt;
      if (line[at] == '"' && (at + 1 >= line.size() || line[at + 1] != '"')) break;
      if (line[at] == '"') ++at;
      cell += line[at];
    }
    line.remove_prefix(at + 1);
  }
  if (line.empty()) return cell;
  if (line.front() != ',') return std::nullopt;
  line.remove_prefix(1);
  return cell;
}

// Empty unless every line is whole.
std::optional<Cells> calibration_cells(std::string_view text) {
  Cells cells;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (std::count(line.begin(), line.end(), ',') == 0) return std::nullopt;
    const auto key = take_cell(line);
    const auto value = key ? take_cell(line) : std::nullopt;
    if (!value || !line.empty() || !cells.emplace(*key, *value).second) return std::nullopt;
  }
  return cells;
}

void make_folder_of(const fs::path& file) {
  if (!file.has_parent_path()) return;
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) throw reports::OutputError(file.parent_path().string() + ": " + error.message());
}

std::string value_of(const Cells& cells, const std::string& key) {
  const auto found = cells.find(key);
  return found == cells.end() ? "" : found->second;
}

}  // namespace

Fingerprint fingerprint_of(const reports::Facts& machine) {
  const auto fact = [&](std::string_view key) -> std::string {
    const auto found =
        std::find_if(machine.begin(), machine.end(), [&](const auto& f) { return f.first == key; });
    return found == machine.end() ? "unknown" : found->second;
  };
  return {.cpu_model = fact("cpu_model"),
          .cpus_usable = fact("cpus_usable"),
          .kernel = fact("kernel"),
          .commit = fact("commit"),
          .compiler = fact("compiler"),
          .build_type = fact("build_type")};
}

Fingerprint this_fingerprint() {
  return fingerprint_of(reports::machine_facts());
}

std::optional<std::uint64_t> pacing_lateness_p99_ns(const Calibration& calibration, double rate_ops_s) {
  const Calibration::Pacing* nearest = nullptr;
  double least = 0;
  for (const Calibration::Pacing& pacing : calibration.pacing) {
    const double ratio =
        std::abs(std::log(static_cast<double>(pacing.rate_ops_s) / std::max(rate_ops_s, 1e-9)));
    if (nearest != nullptr && ratio >= least) continue;
    nearest = &pacing;
    least = ratio;
  }
  return nearest == nullptr ? std::nullopt : std::optional(nearest->lateness_p99_ns);
}

reports::Facts calibration_facts(const Calibration& calibration) {
  FactWriter writer("calibration_");
  visit_measured(writer, calibration);
  return writer.facts();
}

fs::path calibration_path(const Environment& environment) {
  const auto variable = [&](const char* name) -> std::string {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
  };
  if (const std::string file = variable("CROSSTALK_CALIBRATION"); !file.empty()) return file;
  const fs::path kept = fs::path("crosstalk") / "calibration.csv";
  // The XDG base directory specification: a relative path counts as none.
  if (const fs::path cache = variable("XDG_CACHE_HOME"); cache.is_absolute()) return cache / kept;
  if (const std::string home = variable("HOME"); !home.empty()) return fs::path(home) / ".cache" / kept;
  return {};
}

fs::path calibration_path() {
  Environment environment;
  for (const char* name : {"CROSSTALK_CALIBRATION", "XDG_CACHE_HOME", "HOME"}) {
    if (const char* value = std::getenv(name)) environment.emplace(name, value);
  }
  return calibration_path(environment);
}

std::string calibration_text(const Calibration& calibration) {
  RowWriter writer;
  writer("key", std::string("value"));
  writer("calibration_version", kCalibrationVersion);
  visit_machine(writer, calibration.machine);
  visit_measured(writer, calibration);
  writer("complete", true);
  return writer.text();
}

std::optional<Calibration> parse_calibration(const std::string& text) {
  const std::optional<Cells> cells = calibration_cells(text);
  if (!cells || value_of(*cells, "key") != "value") return std::nullopt;
  if (value_of(*cells, "calibration_version") != std::to_string(kCalibrationVersion)) return std::nullopt;
  if (value_of(*cells, "complete") != "1") return std::nullopt;
  Calibration calibration;
  RowReader reader(*cells);
  visit_machine(reader, calibration.machine);
  visit_measured(reader, calibration);
  if (!reader.ok()) return std::nullopt;
  return calibration;
}

void require_storable(const fs::path& file) {
  make_folder_of(file);
  const OutputFile without_commit(file);
}

void store_calibration(const fs::path& file, const Calibration& calibration) {
  make_folder_of(file);
  OutputFile output(file);
  output.stream() << calibration_text(calibration);
  output.commit();
}

std::optional<Calibration> load_calibration(const fs::path& file, const Fingerprint& machine) {
  std::error_code error;
  std::ifstream stream;
  if (fs::is_regular_file(file, error)) stream.open(file, std::ios::binary);
  if (!stream.is_open()) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  std::optional<Calibration> calibration = parse_calibration(text);
  if (calibration && calibration->machine != machine) calibration.reset();
  return calibration;
}

std::optional<Calibration> load_calibration() {
  const fs::path file = calibration_path();
  return file.empty() ? std::nullopt : load_calibration(file, this_fingerprint());
}

}  // namespace crosstalk::harness
