#include "harness/explore/explore.h"

#include <sys/personality.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "harness/explore/child_run.h"
#include "harness/explore/conflicts.h"
#include "harness/explore/heap.h"
#include "harness/explore/image.h"
#include "harness/explore/memory_model.h"
#include "harness/explore/places.h"
#include "harness/explore/raw_call.h"
#include "harness/explore/replay.h"
#include "harness/explore/shadow.h"
#include "harness/explore/switching.h"
#include "harness/explore/trace_table.h"

namespace crosstalk::harness::explore {

namespace {

constexpr int kMostPreemptions = 8;
constexpr int kShrinkRuns = 300;
constexpr std::size_t kReplayLength = 200;
constexpr double kNsPerSecond = 1e9;

// Addresses are to be the same in every run, for what hashes them. The program is started again at once, before anything of it has
// run; where the system forbids that, replays in other processes may diverge, and say so.
__attribute__((constructor)) void fix_addresses(int, char** arguments, char**) {
  const int now = personality(0xffffffff);
  if (now < 0 || (now & ADDR_NO_RANDOMIZE) != 0) return;
  if (personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) < 0) return;
  if ((personality(0xffffffff) & ADDR_NO_RANDOMIZE) != 0) execv("/proc/self/exe", arguments);
}

void prepare_runtime(const Options& options) {
  if (!make_runtime() || !map_memory_model() || !map_shadow() || !map_heap() || !map_image() ||
      !map_conflicts())
    throw std::runtime_error("explore: the system gives no memory for an exploration");
  runtime->os_threads = options.switching == Switching::threads;
  if (!prepare_switching())
    throw std::runtime_error("explore: the system gives no threads for an exploration");
}

void check_options(const Options& options) {
  if (options.preemptions < 0 || options.preemptions > kMostPreemptions) {
    throw std::invalid_argument("explore: preemptions must be between 0 and 8, got " +
                                std::to_string(options.preemptions));
  }
  if (options.patience < std::chrono::seconds(1))
    throw std::invalid_argument("explore: the patience must be at least 1 s");
  if (options.budget <= std::chrono::nanoseconds::zero())
    throw std::invalid_argument("explore: the budget must be positive");
}

std::vector<Switch> last_switches() {
  return {runtime->switches, runtime->switches + runtime->switch_count};
}

void run_scenario(void* scenario) {
  (*static_cast<const std::function<void()>*>(scenario))();
}

void set_scenario(const Options& options, const std::function<void()>& scenario) {
  Runtime& r = *runtime;
  r.scenario = run_scenario;
  r.scenario_argument = const_cast<std::function<void()>*>(&scenario);
  r.stale_reads = options.stale_reads;
  r.spurious = options.spurious;
  r.process_each = options.process_each;
  r.reducing = options.reduction && !options.stale_reads && !options.spurious;
  r.recording = false;
  r.most_threads = 0;
}

// One execution, as told.
struct Rerun {
  ChildRun run;
  std::uint64_t digest = 0;
  bool followed = false;
  std::vector<Switch> switches;
};

Rerun run_again(const std::vector<Switch>& switches, const Options& options, bool recording = false) {
  Runtime& r = *runtime;
  std::copy(switches.begin(), switches.end(), r.replayed);
  r.replayed_count = static_cast<int>(switches.size());
  r.recording = recording;
  Rerun again;
  again.run = run_in_child(
      {.mode = Mode::replay, .bound = 0, .depth = 0, .seed = 1, .executions = 1, .deadline_ns = ~0ULL},
      static_cast<int>(options.patience.count()));
  r.recording = false;
  again.digest = r.digest;
  again.followed = r.replayed_used == r.replayed_count;
  again.switches = last_switches();
  return again;
}

// Takes away switch after switch as long as the same kind of failure remains.
std::vector<Switch> shrink(std::vector<Switch> switches, Finding finding, const Options& options) {
  int left = kShrinkRuns;
  // Halves first: of a random schedule most switches do not matter.
  for (std::size_t length = std::max<std::size_t>(switches.size() / 2, 1); left > 0; length /= 2) {
    for (std::size_t at = 0; at < switches.size() && left > 0;) {
      std::vector<Switch> fewer = switches;
      const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(length, fewer.size() - at)));
      --left;
      const Rerun again = run_again(fewer, options);
      if (again.run.finding == finding) {
        switches = again.switches;  // what was really used of it
      } else {
        at += length;
      }
    }
    if (length <= 1) break;
  }
  return switches;
}

void fill_in(Result& result, const Rerun& told) {
  const std::vector<TraceEvent> trace(runtime->trace, runtime->trace + runtime->trace_count);
  std::unordered_set<std::uint32_t> wanted;
  for (const TraceEvent& each : trace) wanted.insert({each.place, each.caller});
  collect_places(told.run.reason, wanted);
  wanted.erase(0);
  const Places places(wanted);
  result.finding = told.run.finding;
  result.reason = places.expand(told.run.reason);
  result.table = trace_table(trace, places);
}

// What is said of a failure that its replay does not lead to. Of long schedules not all is kept.
void tell_of_no_replay(Result& result, bool too_long) {
  if (!too_long) {
    result.reason += "; its replay did something else: the scenario is not deterministic";
    return;
  }
  result.reason += "; its schedule has more than " + std::to_string(kMaxSwitches) +
                   " switches and is too long to be replayed";
  result.replay.clear();
}

// Two fresh runs must do the very same.
void confirm(Result& result, std::vector<Switch> switches, const ChildRun& first, const Options& options) {
  const bool too_long = runtime->switches_overflow;
  const bool can_shrink = first.finding != Finding::hang && first.finding != Finding::nondeterministic;
  if (can_shrink && run_again(switches, options).run.finding == first.finding)
    switches = shrink(switches, first.finding, options);
  const int reruns = first.finding == Finding::hang ? 1 : 2;
  Rerun again = run_again(switches, options, true);
  const std::uint64_t digest = again.digest;
  result.confirmed = again.run.finding == first.finding && again.followed;
  for (int i = 1; i < reruns; ++i) {
    again = run_again(switches, options, true);
    result.confirmed = result.confirmed && again.run.finding == first.finding && again.digest == digest;
  }
  if (!result.confirmed) again.run = first;
  fill_in(result, again);
  result.replay = to_text(switches);
  if (!result.confirmed) tell_of_no_replay(result, too_long);
  if (result.replay.size() > kReplayLength) {
    result.reason += "; the replay is longer than 200 characters";
  }
}

struct PhasePlan {
  std::string name;
  SearchPlan plan;
};

std::vector<PhasePlan> phases_of(const Options& options, std::uint64_t deadline_ns) {
  std::vector<PhasePlan> phases;
  const auto add = [&](std::string name, Mode mode, int bound, int depth, std::uint64_t executions) {
    const SearchPlan plan{.mode = mode,
                          .bound = bound,
                          .depth = depth,
                          .seed = options.seed,
                          .executions = executions,
                          .deadline_ns = deadline_ns};
    if (executions > 0) phases.push_back({std::move(name), plan});
  };
  for (int bound = 0; bound <= options.preemptions; ++bound) {
    add("preemptions<=" + std::to_string(bound), Mode::depth_first, bound, 0, options.depth_first_runs);
  }
  for (const int depth : {2, 3}) {
    add("priorities d=" + std::to_string(depth), Mode::priorities, 0, depth, options.priority_runs);
  }
  add("random", Mode::random, 0, 0, options.random_runs);
  return phases;
}

}  // namespace

std::uint64_t Result::executions() const noexcept {
  std::uint64_t sum = 0;
  for (const Phase& each : phases) sum += each.executions;
  return sum;
}

std::string Result::coverage() const {
  std::string text;
  for (const Phase& each : phases) {
    if (!text.empty()) text += "; ";
    text += each.name + ": " + std::to_string(each.executions) + (each.exhausted ? " (all)" : "");
  }
  return text;
}

Switching parse_switching(const std::string& what, const std::string& text) {
  if (text == "fibers") return Switching::fibers;
  if (text == "threads") return Switching::threads;
  throw std::invalid_argument(what + ": must be fibers or threads, got '" + text + "'");
}

Switching usual_switching() {
  constexpr const char* kVariable = "CROSSTALK_EXPLORE_SWITCHING";
  const char* const text = std::getenv(kVariable);
  return text == nullptr ? Switching::fibers : parse_switching(kVariable, text);
}

Result explore(const Options& options, const std::function<void()>& scenario) {
  check_options(options);
  prepare_runtime(options);
  set_scenario(options, scenario);
  const std::uint64_t start_ns = real_time_ns();
  const std::uint64_t deadline_ns = start_ns + static_cast<std::uint64_t>(options.budget.count());
  Result result;
  for (const PhasePlan& each : phases_of(options, deadline_ns)) {
    if (real_time_ns() > deadline_ns) break;
    const ChildRun run = run_in_child(each.plan, static_cast<int>(options.patience.count()));
    result.phases.push_back({each.name, runtime->executions, runtime->exhausted});
    if (run.finding == Finding::none) continue;
    confirm(result, last_switches(), run, options);
    break;
  }
  result.seconds = static_cast<double>(real_time_ns() - start_ns) / kNsPerSecond;
  result.threads = runtime->most_threads;
  return result;
}

Result replay(const std::string& text, const Options& options, const std::function<void()>& scenario) {
  const std::vector<Switch> switches = parse_replay(text);
  check_options(options);
  prepare_runtime(options);
  set_scenario(options, scenario);
  Result result;
  const Rerun again = run_again(switches, options, true);
  fill_in(result, again);
  result.threads = runtime->most_threads;
  result.replay = text;
  result.phases.push_back({"replay", 1, false});
  if (!again.followed) {
    result.finding = Finding::nondeterministic;
    result.reason = "the replay diverged: only " + std::to_string(runtime->replayed_used) + " of its " +
                    std::to_string(switches.size()) + " switches could be made" +
                    (result.reason.empty() ? "" : "; then: " + result.reason);
  }
  return result;
}

void require(bool holds, const char* what) noexcept {
  if (!holds && exploring) {
    fail(Finding::assertion, "T%d at @%x@: %s", self().id, CROSSTALK_EXPLORE_PLACE, what);
  }
}

}  // namespace crosstalk::harness::explore
