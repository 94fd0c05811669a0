// The explorer on trial: every mutant must be found, by the right property, and no twin accused. Prints rows as `crosstalk verify
// --self-test --format csv` does, of layer "explore".
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/specimens/specimen.h"

namespace {

using namespace crosstalk::harness::explore;

constexpr int kTrialUsageExit = 2;
constexpr std::uint64_t kMost = 1'000'000'000;
constexpr const char* kSpecimenUsage =
    R"(usage: %s [option]... [specimen]...
Explores known bugs, each beside the same code without it, and what only looks odd, and prints a row for each as CSV.

  --seconds N   time for each specimen and seed (1 to 86400, default 60)
  --seeds N     how many (1 to 1000, default 1)
  --runs N      executions of a twin at most, for each bound (1 to 1000000000, default 200000)

exit codes: 0 every mutant is found and nothing else accused, 1 not so, 2 usage or the system
)";

struct ExploredTrial {
  std::uint64_t seconds = 60, seeds = 1, runs = 200'000;
  std::vector<std::string> names;
  bool helps = false;
};

struct TrialRow {
  std::uint64_t caught = 0, wrong = 0, seeds = 0;
  std::vector<double> seconds;
  std::string found;  // what was found last; of a twin: what was covered
};

std::uint64_t trial_number(std::string_view flag, std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > most) {
    throw std::invalid_argument(std::string(flag) + ": must be between 1 and " + std::to_string(most) +
                                ", got '" + std::string(text) + "'");
  }
  return value;
}

ExploredTrial read_trial(int count, char** values) {
  ExploredTrial options;
  for (int i = 1; i < count; ++i) {
    const std::string_view flag = values[i];
    const auto number = [&](std::uint64_t most) {
      if (++i == count) throw std::invalid_argument(std::string(flag) + ": needs a value");
      return trial_number(flag, values[i], most);
    };
    if (flag == "--seconds") {
      options.seconds = number(86'400);
    } else if (flag == "--seeds") {
      options.seeds = number(1'000);
    } else if (flag == "--runs") {
      options.runs = number(kMost);
    } else if (flag == "--help") {
      options.helps = true;
    } else if (flag.rfind("--", 0) == 0) {
      throw std::invalid_argument(std::string(flag) + ": unknown option, see --help");
    } else {
      options.names.emplace_back(flag);
    }
  }
  return options;
}

std::vector<ExploredSpecimen> chosen_specimens(const std::vector<std::string>& names) {
  std::vector<ExploredSpecimen> all;
  add_explored_locks(all);
  add_explored_containers(all);
  add_explored_pools(all);
  add_explored_services(all);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto is_named = [&](const std::string& name) {
    return std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  };
  for (const std::string& name : names) {
    if (!is_named(name)) throw std::invalid_argument(name + ": no such specimen");
  }
  if (names.empty()) return all;
  std::erase_if(
      all, [&](const auto& each) { return std::find(names.begin(), names.end(), each.name) == names.end(); });
  return all;
}

Options options_of(const ExploredSpecimen& specimen, const ExploredTrial& trial, std::uint64_t seed) {
  Options options;
  options.budget = std::chrono::seconds(trial.seconds);
  options.seed = seed;
  options.stale_reads = specimen.stale_reads;
  return options;
}

bool names_the_bug(const ExploredSpecimen& specimen, const Result& result) {
  if (result.finding != specimen.shown_as || !result.confirmed) return false;
  return result.finding != Finding::assertion ||
         result.reason.find(": " + specimen.property + ": ") != std::string::npos;
}

TrialRow try_mutant(const ExploredSpecimen& specimen, const ExploredTrial& trial) {
  TrialRow row;
  for (std::uint64_t seed = 1; seed <= trial.seeds; ++seed) {
    const Result result = explore(options_of(specimen, trial, seed), specimen.mutant);
    ++row.seeds;
    if (result.passed()) continue;
    const bool right = names_the_bug(specimen, result);
    ++(right ? row.caught : row.wrong);
    if (right) row.seconds.push_back(result.seconds);
    row.found = std::string(to_string(result.finding)) + " after " + std::to_string(result.executions()) +
                " executions, replay '" + result.replay + "'";
    if (!right) std::fprintf(stderr, "%s: %s\n", specimen.name.c_str(), result.reason.c_str());
  }
  return row;
}

// Depth first finds the same under every seed, so one is enough.
TrialRow try_twin(const ExploredSpecimen& specimen, const ExploredTrial& trial) {
  Options options = options_of(specimen, trial, 1);
  options.depth_first_runs = trial.runs;
  const Result result = explore(options, specimen.twin);
  TrialRow row;
  row.seeds = 1;
  row.found = result.coverage();
  if (result.passed()) return row;
  row.caught = 1;
  row.seconds.push_back(result.seconds);
  std::fprintf(stderr, "%s accused: %s: %s\n%s\n", specimen.name.c_str(),
               std::string(to_string(result.finding)).c_str(), result.reason.c_str(), result.table.c_str());
  return row;
}

std::string in_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", seconds);
  return text;
}

void print_row(const ExploredSpecimen& specimen, const char* kind, TrialRow row, const std::string& note) {
  std::sort(row.seconds.begin(), row.seconds.end());
  const bool caught = !row.seconds.empty();
  std::printf("%s,%s,%llu,%s,explore,%s,%llu,%llu,%s,\"%s\"\n", specimen.name.c_str(), kind,
              static_cast<unsigned long long>(row.caught), caught ? specimen.property.c_str() : "",
              caught ? in_seconds(row.seconds[row.seconds.size() / 2]).c_str() : "",
              static_cast<unsigned long long>(row.seeds), static_cast<unsigned long long>(row.wrong),
              caught ? in_seconds(row.seconds.back()).c_str() : "", note.c_str());
  std::fflush(stdout);
}

int run_trial(const ExploredTrial& trial, const char* program) {
  if (trial.helps) {
    std::printf(kSpecimenUsage, program);
    return 0;
  }
  const std::vector<ExploredSpecimen> all = chosen_specimens(trial.names);
  std::printf("specimen,kind,caught,property,layer,seconds,seeds,wrong_property,seconds_most,note\n");
  int code = 0;
  for (const ExploredSpecimen& each : all) {
    if (!each.mutant) continue;
    const TrialRow row = try_mutant(each, trial);
    print_row(each, "mutant", row, each.bug + "; " + row.found);
    if (row.caught == row.seeds) continue;
    std::fprintf(stderr, "%s: found under %llu of %llu seeds\n", each.name.c_str(),
                 static_cast<unsigned long long>(row.caught), static_cast<unsigned long long>(row.seeds));
    code = 1;
  }
  for (const ExploredSpecimen& each : all) {
    const TrialRow row = try_twin(each, trial);
    const bool twin = static_cast<bool>(each.mutant);
    print_row(each, twin ? "twin" : "decoy", row, (twin ? "without the bug" : each.bug) + "; " + row.found);
    if (row.caught != 0) code = 1;
  }
  return code;
}

}  // namespace

int main(int count, char** values) {
  try {
    return run_trial(read_trial(count, values), values[0]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", values[0], error.what());
    return kTrialUsageExit;
  }
}
