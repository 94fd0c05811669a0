#include "harness/verify/explored_case.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>
#include <string_view>

#include "harness/program_call.h"
#include "harness/scratch_folder.h"

namespace crosstalk::harness::verify {

namespace {

constexpr const char* kExplorerNames[] = {"crosstalk_explore_pool", "crosstalk_explore_peers"};

// What stands between two texts; empty, if one is missing.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  const std::size_t end = text.find(after);
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

std::uint64_t count_in(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Of "preemptions<=0: 3 (all); preemptions<=1: 46 (all); ...; random: 500": whether the last bound was run to its end.
bool covers_its_bound(std::string_view line) {
  const std::size_t last = line.rfind("preemptions<=");
  if (last == std::string_view::npos) return false;
  line.remove_prefix(last);
  return line.substr(0, line.find_first_of(";.")).ends_with("(all)");
}

struct ScenarioToRun {
  std::filesystem::path program;
  std::string name;
};

// The explorer ends by itself, and says why; who does not has hung. After its time it shrinks and repeats what it found.
std::uint64_t longest_ns(std::uint64_t seconds) {
  return (10 * seconds + 120) * 1'000'000'000;
}

std::vector<ScenarioToRun> scenarios_of(const ExploreOptions& options, const std::filesystem::path& log) {
  std::vector<ScenarioToRun> found;
  for (const std::filesystem::path& program : options.programs) {
    std::istringstream names(call_program(program, {"--list"}, log, {.longest_ns = longest_ns(0)}).out);
    for (std::string name; std::getline(names, name);) {
      if (name.substr(0, name.rfind('/')) == options.component) found.push_back({program, name});
    }
  }
  return found;
}

// What is said of one scenario goes into the case; false: the case ends here.
bool run_scenario(const ScenarioToRun& one, const ExploreOptions& options, std::uint64_t seconds,
                  const std::filesystem::path& log, ExploredScenario& said, CaseEnd& end) {
  const ProgramEnd told = call_program(
      one.program, {"--seconds", std::to_string(seconds), "--seed", std::to_string(options.seed), one.name},
      log, {.longest_ns = longest_ns(seconds)});
  if (told.signal != 0 || told.timed_out || !read_explored(told.out, said)) {
    end.verdict = Verdict::inconclusive;
    end.detail = one.name + ": " + one.program.filename().string() + ": " + told.told();
    return false;
  }
  end.rounds += said.executions;
  end.cells.push_back({one.name.substr(options.component.size() + 1), said.executions, false});
  if (said.passed) return true;
  end.verdict = Verdict::fail;
  end.property = said.finding;
  end.detail = one.name + ": " + said.reason;
  end.trace = said.table;
  end.replay = one.program.filename().string() + " " + one.name + " --replay '" + said.replay + "'";
  return false;
}

void explore_all(const std::vector<ScenarioToRun>& scenarios, const ExploreOptions& options,
                 const std::filesystem::path& log, const std::atomic<bool>& stop, CaseEnd& end) {
  const auto share =
      static_cast<std::uint64_t>(std::max(1.0, options.seconds / static_cast<double>(scenarios.size())));
  std::size_t to_the_end = 0;
  ExploredScenario said;
  for (const ScenarioToRun& one : scenarios) {
    // relaxed: a hint.
    if (stop.load(std::memory_order_relaxed)) {
      end.verdict = Verdict::inconclusive;
      end.detail = "interrupted";
      return;
    }
    if (!run_scenario(one, options, share, log, said, end)) return;
    to_the_end += said.to_the_end ? 1 : 0;
  }
  end.complete = true;
  end.detail = std::to_string(scenarios.size()) + " scenarios, " + std::to_string(end.rounds) +
               " executions; all schedules of two preemptions of " + std::to_string(to_the_end) +
               " of them. Memory: " + said.memory + ". Seen is instrumented code only";
}

}  // namespace

bool read_explored(const std::string& text, ExploredScenario& scenario) {
  scenario = {};
  const std::string_view all = text;
  const std::string_view first = all.substr(0, all.find('\n'));
  scenario.passed = first.starts_with("PASS ");
  if (scenario.passed) {
    scenario.executions = count_in(between(first, ": ", " executions in "));
    scenario.to_the_end = covers_its_bound(first);
    scenario.memory = between(first, "Memory: ", "; spurious");
    return scenario.executions > 0;
  }
  if (!first.starts_with("FAIL ")) return false;
  const std::string_view rest = first.substr(std::min(first.size(), first.find(": ") + 2));
  scenario.finding = rest.substr(0, rest.find(": "));
  scenario.reason = rest.substr(std::min(rest.size(), scenario.finding.size() + 2));
  scenario.executions = count_in(between(all, "\n  after ", " executions"));
  scenario.replay = between(all, "--replay '", "'\n");
  const std::size_t table = all.find("\n\n");
  if (table != std::string_view::npos) scenario.table = all.substr(table + 2);
  return !scenario.finding.empty();
}

std::vector<std::filesystem::path> explorer_programs() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<std::filesystem::path> found;
  for (const char* name : kExplorerNames) {
    if (!error && std::filesystem::exists(folder / name, error)) found.push_back(folder / name);
  }
  return found;
}

void add_explored_case(ComponentOutcome& outcome, const ExploreOptions& options,
                       const std::atomic<bool>& stop) {
  CaseOutcome one{"explore", {.seed = options.seed}, {}};
  CaseEnd& end = one.outcome;
  end.verdict = Verdict::pass;
  if (options.programs.empty()) {
    end.detail = std::string("not run: there is no ") + kExplorerNames[0] + " beside this program";
  } else {
    const auto start = std::chrono::steady_clock::now();
    const ScratchFolder folder(std::filesystem::temp_directory_path());
    const std::filesystem::path log = folder.path() / "explore.log";
    const std::vector<ScenarioToRun> scenarios = scenarios_of(options, log);
    if (scenarios.empty()) {
      end.detail = "not run: no scenario of this component";
    } else {
      explore_all(scenarios, options, log, stop, end);
    }
    end.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  outcome.seconds += end.seconds;
  if (end.verdict != Verdict::pass && outcome.verdict != Verdict::fail) outcome.verdict = end.verdict;
  outcome.cases.push_back(std::move(one));
}

}  // namespace crosstalk::harness::verify
