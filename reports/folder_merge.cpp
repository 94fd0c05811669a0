#include "reports/folder_merge.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "reports/block_numbers.h"
#include "reports/csv_reader.h"
#include "reports/csv_writer.h"
#include "reports/results_reader.h"

namespace crosstalk::reports {

namespace fs = std::filesystem;

namespace {

constexpr std::array kFiles{"runs.csv", "latency.csv", "intervals.csv", "clients.csv"};
constexpr std::array kMachineFacts{"cpu_model", "cpus_online", "architecture", "kernel"};

struct Part {
  fs::path folder;
  std::vector<RecordedTrial> trials;
  Facts facts;
};

[[noreturn]] void refuse(const Part& a, const Part& b, const std::string& what, const std::string& of_a,
                         const std::string& of_b) {
  throw NotComparable("cannot be merged: " + what + " differs: " + a.folder.string() + " has " + of_a + ", " +
                      b.folder.string() + " has " + of_b);
}

std::string fact_of(const Part& part, const std::string& key) {
  for (const auto& [name, value] : part.facts) {
    if (name == key) return value;
  }
  return "";
}

void require_same_machine(const Part& first, const Part& other) {
  for (const char* key : kMachineFacts) {
    const std::string a = fact_of(first, key);
    const std::string b = fact_of(other, key);
    if (a != b) refuse(first, other, std::string("machine (") + key + ")", "'" + a + "'", "'" + b + "'");
  }
}

void require_same_build(const Part& first, const Part& other) {
  const std::array<std::pair<const char*, std::string RecordedTrial::*>, 4> parts{
      {{"commit", &RecordedTrial::commit},
       {"compiler", &RecordedTrial::compiler},
       {"build_type", &RecordedTrial::build_type},
       {"allocator", &RecordedTrial::allocator}}};
  for (const RecordedTrial& trial : other.trials) {
    for (const auto& [name, part] : parts) {
      const std::string& expected = first.trials.front().*part;
      if (trial.*part != expected)
        refuse(first, other, std::string("build (") + name + ")", "'" + expected + "'",
               "'" + trial.*part + "'");
    }
  }
}

// Equal for trials that should have met the same operations. Offered rates are measured: the same plan gives the same to
// within a few per cent.
std::string load_without_trace(const RecordedTrial& trial) {
  const TrialIdentity& id = trial.identity;
  std::ostringstream text;
  text << id.scenario << ", settings '" << id.settings << "', " << id.load_model << ", " << id.clients
       << " clients, " << id.time_scale << ", " << id.profile;
  text << setup_text(id, trial.allocator);
  if (trial.all().offered_ops_s && *trial.all().offered_ops_s > 0)
    text << ", rate step " << std::lround(std::log(*trial.all().offered_ops_s) / std::log(1.1));
  return text.str();
}

std::string hash_text(std::uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

void require_same_traces(const std::vector<Part>& parts) {
  struct Known {
    const Part* part;
    std::set<std::uint64_t> hashes;
    std::uint64_t seed;
  };
  std::map<std::string, Known> traces;
  for (const Part& part : parts) {
    std::map<std::string, Known> own;
    for (const RecordedTrial& trial : part.trials) {
      Known& known =
          own.try_emplace(load_without_trace(trial), Known{&part, {}, trial.identity.seed}).first->second;
      known.hashes.insert(trial.identity.trace_hash);
    }
    for (const auto& [load, known] : own) {
      const auto& before = traces.try_emplace(load, known).first->second;
      if (before.hashes == known.hashes) continue;
      refuse(*before.part, part, "trace of " + load.substr(0, load.find(',')),
             hash_text(*before.hashes.begin()) + " (seed " + std::to_string(before.seed) + ")",
             hash_text(*known.hashes.begin()) + " (seed " + std::to_string(known.seed) + ")");
    }
  }
}

void require_different_trials(const std::vector<Part>& parts) {
  std::map<std::pair<std::string, std::uint64_t>, const Part*> seen;
  for (const Part& part : parts) {
    for (const RecordedTrial& trial : part.trials) {
      const auto [found, is_new] = seen.try_emplace({trial.identity.run_id, trial.identity.trial}, &part);
      if (is_new) continue;
      throw NotComparable("cannot be merged: trial " + std::to_string(trial.identity.trial) + " of run " +
                          trial.identity.run_id + " stands in " + found->second->folder.string() +
                          " and in " + part.folder.string() + ": one measurement must not count twice");
    }
  }
}

// A line without its end and whatever else surrounds it.
bool read_line(std::istream& in, std::string& line) {
  if (!std::getline(in, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

std::string header_line(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  read_line(in, line);
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  return line;
}

// Where the cells of a line begin and end, quotes included.
std::vector<std::pair<std::size_t, std::size_t>> cells_in(const std::string& line) {
  std::vector<std::pair<std::size_t, std::size_t>> cells;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] == '"') quoted = !quoted;
    if (i < line.size() && (quoted || line[i] != ',')) continue;
    cells.emplace_back(begin, i - begin);
    begin = i + 1;
  }
  return cells;
}

std::string plain(std::string cell) {
  if (cell.size() < 2 || cell.front() != '"') return cell;
  cell = cell.substr(1, cell.size() - 2);
  for (std::size_t at = cell.find("\"\""); at != std::string::npos; at = cell.find("\"\"", at + 1))
    cell.erase(at, 1);
  return cell;
}

class Merger {
 public:
  // "DIR/" and "DIR" are one folder, but only beside the latter a name can be made by appending.
  Merger(const std::vector<fs::path>& folders, const fs::path& out)
      : out_(out.has_filename() ? out : out.parent_path()), part_(out_) {
    for (const fs::path& folder : folders) {
      parts_.push_back({.folder = folder, .trials = read_trials(folder), .facts = read_environment(folder)});
      if (parts_.back().trials.empty())
        throw CsvError((folder / "runs.csv").string() + ": has no rows: nothing was measured");
      read_latency(folder, parts_.back().trials, [](const LatencyRow&) {});  // a damaged one is refused
    }
    part_ += ".part" + std::to_string(::getpid());
  }

  void run() {
    check();
    number_blocks();
    std::error_code error;
    if (fs::exists(out_, error) && (!fs::is_directory(out_, error) || !fs::is_empty(out_, error)))
      throw OutputError(out_.string() + ": is there already; a merged folder has to be a new one");
    try {
      write();
      fs::remove(out_, error);
      fs::rename(part_, out_);
    } catch (const fs::filesystem_error& failed) {
      fs::remove_all(part_, error);
      throw OutputError(out_.string() + ": " + failed.code().message());
    } catch (...) {
      fs::remove_all(part_, error);
      throw;
    }
  }

 private:
  void check() const {
    const Part& first = parts_.front();
    for (const Part& part : parts_) {
      for (const char* file : kFiles) {
        const std::string a = header_line(first.folder / file);
        const std::string b = header_line(part.folder / file);
        // clients.csv is younger than the others.
        if (a == b || (std::string_view(file) == "clients.csv" && (a.empty() || b.empty()))) continue;
        refuse(first, part, std::string("schema of ") + file, std::to_string(cells_in(a).size()) + " columns",
               std::to_string(cells_in(b).size()) + " columns, or others");
      }
      require_same_build(first, part);
      require_same_machine(first, part);
    }
    require_different_trials(parts_);
    require_same_traces(parts_);
  }

  void number_blocks() {
    std::vector<RecordedTrial> all;
    for (const Part& part : parts_) all.insert(all.end(), part.trials.begin(), part.trials.end());
    settle_blocks(all);
    for (const RecordedTrial& trial : all)
      block_of_[{trial.identity.run_id, trial.identity.trial}] = trial.identity.block;
  }

  void write() {
    fs::create_directories(part_);
    for (const char* file : kFiles) write_rows(file);
    write_facts();
    copy_plan();
  }

  void write_rows(const std::string& file) {
    std::string header;
    for (const Part& part : parts_) {
      if (header.empty()) header = header_line(part.folder / file);
    }
    if (header.empty()) return;
    CsvFile out(part_ / file, header + "\n");
    for (const Part& part : parts_) {
      std::ifstream in(part.folder / file, std::ios::binary);
      std::string line, text;
      bool first = true;
      while (read_line(in, line)) {
        if (!std::exchange(first, false))
          text += (file == "runs.csv" ? renumbered(line, header) : line) + "\n";
        if (text.size() < kChunk) continue;
        out.append(text);
        text.clear();
      }
      out.append(text);
    }
  }

  // A row of runs.csv with the number that its block has now.
  [[nodiscard]] std::string renumbered(std::string line, const std::string& header) const {
    const auto names = cells_in(header);
    const auto cells = cells_in(line);
    const auto place = [&](std::string_view name) {
      return static_cast<std::size_t>(std::find_if(names.begin(), names.end(),
                                                   [&](const auto& cell) {
                                                     return plain(header.substr(cell.first, cell.second)) ==
                                                            name;
                                                   }) -
                                      names.begin());
    };
    const auto text = [&](std::string_view name) {
      const auto& cell = cells.at(place(name));
      return plain(line.substr(cell.first, cell.second));
    };
    const std::uint64_t block = block_of_.at({text("run_id"), std::stoull(text("trial"))});
    const auto& cell = cells.at(place("block"));
    return line.replace(cell.first, cell.second, std::to_string(block));
  }

  void write_facts() const {
    std::set<std::pair<std::string, std::string>> written;
    CsvText text;
    const auto add = [&](const std::string& key, const std::string& value) {
      if (!written.emplace(key, value).second) return;
      text.cell(key).cell(value);
      text.end_row();
    };
    for (const Part& part : parts_) {
      for (const auto& [key, value] : part.facts) add(key, value);
    }
    for (const Part& part : parts_) add("merged_from", part.folder.string());
    CsvFile(part_ / "environment.csv", "key,value\n").append(text.text());
  }

  void copy_plan() const {
    const auto content = [](const fs::path& file) {
      std::ifstream in(file, std::ios::binary);
      return std::string{std::istreambuf_iterator<char>(in), {}};
    };
    const std::string plan = content(parts_.front().folder / "plan.csv");
    for (const Part& part : parts_) {
      if (plan.empty() || content(part.folder / "plan.csv") != plan) return;
    }
    fs::copy_file(parts_.front().folder / "plan.csv", part_ / "plan.csv");
  }

  static constexpr std::size_t kChunk = 1U << 20;

  std::vector<Part> parts_;
  fs::path out_;
  fs::path part_;  // what is written, until it is complete
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> block_of_;
};

}  // namespace

void merge_folders(const std::vector<fs::path>& folders, const fs::path& out) {
  Merger(folders, out).run();
}

}  // namespace crosstalk::reports
