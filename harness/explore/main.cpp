// The program that crosstalk_explore() makes of a user's scenarios.
#include <charconv>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "harness/explore/scenario.h"

namespace {

using namespace crosstalk::harness::explore;

constexpr int kUsageExit = 2;
constexpr const char* kUsage =
    R"(usage: %s [option]... [scenario]...
Runs each scenario under every interleaving with few preemptions, then under many others.

  --list              the scenarios' names
  --csv               a line for each: scenario,finding,executions,replay,coverage
  --preemptions N     depth first with 0 to N preemptions (0 to 8, default 2)
  --depth-first-runs N, --priority-runs N, --random-runs N
                      executions at most, for each bound, each depth, and at random
  --seconds N         time for each scenario (1 to 86400, default 60)
  --seed N            of the priorities and random choices (default 1)
  --stale-reads       loads may return older values where the memory model lets them
  --spurious          waits may end for no reason
  --no-reduction      tries also preemptions that differ from later ones in nothing
  --patience N        seconds without an event after which a scenario hangs (1 to 86400, default 10)
  --process-each      a process for each execution, for scenarios that change the globals of shared libraries
  --switching KIND    fibers (default) or threads: threads of the kernel, slower, with the same findings; else
                      the environment variable CROSSTALK_EXPLORE_SWITCHING says which
  --replay STRING     runs one schedule of the one scenario named

exit codes: 0 nothing was found, 1 something was, 2 usage or the system
)";

struct Call {
  Options options;
  std::vector<std::string> names;
  std::string replay;
  bool replays = false, lists = false, helps = false, csv = false;
};

std::uint64_t number(std::string_view flag, std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    throw std::invalid_argument(std::string(flag) + ": must be between " + std::to_string(least) + " and " +
                                std::to_string(most) + ", got '" + std::string(text) + "'");
  }
  return value;
}

class ExploreArguments {
 public:
  ExploreArguments(int count, char** values) : values_(values + 1, values + count) {}
  bool done() const { return at_ == values_.size(); }
  std::string next() { return values_[at_++]; }
  std::string value_of(const std::string& flag) {
    if (done()) throw std::invalid_argument(flag + ": needs a value");
    return next();
  }

 private:
  std::vector<std::string> values_;
  std::size_t at_ = 0;
};

bool read_number(const std::string& flag, ExploreArguments& rest, Options& options) {
  constexpr std::uint64_t kMost = 1'000'000'000'000;
  if (flag == "--preemptions") {
    options.preemptions = static_cast<int>(number(flag, rest.value_of(flag), 0, 8));
  } else if (flag == "--depth-first-runs") {
    options.depth_first_runs = number(flag, rest.value_of(flag), 0, kMost);
  } else if (flag == "--priority-runs") {
    options.priority_runs = number(flag, rest.value_of(flag), 0, kMost);
  } else if (flag == "--random-runs") {
    options.random_runs = number(flag, rest.value_of(flag), 0, kMost);
  } else if (flag == "--seconds") {
    options.budget = std::chrono::seconds(number(flag, rest.value_of(flag), 1, 86'400));
  } else if (flag == "--patience") {
    options.patience = std::chrono::seconds(number(flag, rest.value_of(flag), 1, 86'400));
  } else if (flag == "--seed") {
    options.seed = number(flag, rest.value_of(flag), 0, ~std::uint64_t{0});
  } else {
    return false;
  }
  return true;
}

Call read_call(int count, char** values) {
  Call call;
  for (ExploreArguments rest(count, values); !rest.done();) {
    const std::string flag = rest.next();
    if (read_number(flag, rest, call.options)) continue;
    if (flag == "--list") {
      call.lists = true;
    } else if (flag == "--csv") {
      call.csv = true;
    } else if (flag == "--help") {
      call.helps = true;
    } else if (flag == "--stale-reads") {
      call.options.stale_reads = true;
    } else if (flag == "--spurious") {
      call.options.spurious = true;
    } else if (flag == "--no-reduction") {
      call.options.reduction = false;
    } else if (flag == "--process-each") {
      call.options.process_each = true;
    } else if (flag == "--switching") {
      call.options.switching = parse_switching(flag, rest.value_of(flag));
    } else if (flag == "--replay") {
      call.replay = rest.value_of(flag);
      call.replays = true;
    } else if (flag.rfind("--", 0) == 0) {
      throw std::invalid_argument(flag + ": unknown option, see --help");
    } else {
      call.names.push_back(flag);
    }
  }
  return call;
}

std::vector<Scenario> chosen(const Call& call) {
  if (call.replays && call.names.size() != 1)
    throw std::invalid_argument("--replay: needs the name of one scenario");
  if (scenarios().empty())
    throw std::invalid_argument("the program has no scenarios: write EXPLORE(name) { ... }");
  if (call.names.empty()) return scenarios();
  std::vector<Scenario> result;
  for (const std::string& name : call.names) {
    const std::size_t before = result.size();
    for (const Scenario& each : scenarios()) {
      if (each.name == name) result.push_back(each);
    }
    if (result.size() == before) throw std::invalid_argument(name + ": no such scenario, see --list");
  }
  return result;
}

// What silence means, and what it does not.
void print_pass(const std::string& name, const Result& result, const Options& options) {
  std::printf(
      "PASS %s: %llu executions in %.2f s: %s. Memory: %s; spurious wake-ups: %s; seen is instrumented code only.%s\n",
      name.c_str(), static_cast<unsigned long long>(result.executions()), result.seconds,
      result.coverage().c_str(),
      options.stale_reads ? "with stale reads" : "sequentially consistent values, races by happens-before",
      options.spurious ? "yes" : "no",
      result.threads < 2 ? " It starts no thread: there is nothing to interleave." : "");
}

// The options without which a replay would do something else. What the scenario asks for itself it has there too.
std::string replay_options(const Options& asked) {
  std::string text;
  if (asked.stale_reads) text += " --stale-reads";
  if (asked.spurious) text += " --spurious";
  if (asked.process_each) text += " --process-each";
  return text;
}

void print_failure(const std::string& name, const Result& result, const Options& asked) {
  std::printf("FAIL %s: %s: %s\n", name.c_str(), std::string(to_string(result.finding)).c_str(),
              result.reason.c_str());
  std::printf("  after %llu executions (%s)\n", static_cast<unsigned long long>(result.executions()),
              result.coverage().c_str());
  if (result.confirmed || !result.replay.empty()) {
    std::printf("  replay: %s%s --replay '%s'\n", name.c_str(), replay_options(asked).c_str(),
                result.replay.c_str());
  }
  std::printf("\n%s\n", result.table.c_str());
}

// Findings, replays and coverage have no comma of their own but that between the parts of a replay.
void print_csv(const std::string& name, const Result& result) {
  std::printf("%s,%s,%llu,\"%s\",%s\n", name.c_str(), std::string(to_string(result.finding)).c_str(),
              static_cast<unsigned long long>(result.executions()), result.replay.c_str(),
              result.coverage().c_str());
}

void print_result(const Call& call, const Options& options, const std::string& name, const Result& result) {
  if (call.csv) return print_csv(name, result);
  result.passed() ? print_pass(name, result, options) : print_failure(name, result, call.options);
}

int run(const Call& call, const char* program) {
  if (call.helps) {
    std::printf(kUsage, program);
    return 0;
  }
  if (call.csv && !call.lists) std::printf("scenario,finding,executions,replay,coverage\n");
  int code = 0;
  for (const Scenario& each : chosen(call)) {
    if (call.lists) {
      std::printf("%s\n", each.name.c_str());
      continue;
    }
    const Options options = with_needs(call.options, each.needs);
    const Result result = call.replays ? replay(call.replay, options, each.run) : explore(options, each.run);
    print_result(call, options, each.name, result);
    if (!result.passed()) code = 1;
    std::fflush(stdout);
  }
  return code;
}

}  // namespace

int main(int count, char** values) {
  try {
    return run(read_call(count, values), values[0]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", values[0], error.what());
    return kUsageExit;
  }
}
