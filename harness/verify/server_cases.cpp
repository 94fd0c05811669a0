#include "harness/verify/server_cases.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <system_error>

#include "harness/scratch_folder.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"
#include "harness/verify/injector.h"
#include "harness/verify/scarcity.h"
#include "workloads/generate.h"
#include "workloads/trace.h"

namespace crosstalk::harness::verify {

namespace {

using workloads::OpKind;

constexpr std::uint32_t kChatters = 40;
constexpr std::uint64_t kIntervalNs = 10'000'000;
// A trial is one step. Behind a lock that spins in order of arrival, with more threads than processors, it may take the time slice of
// a waiting thread for each hand-over: some took about 7 s of two processors.
constexpr std::uint32_t kTrialPatience = 8;
constexpr const char* kLaws = "laws of a trial";
constexpr std::array kOrdered{OpKind::connect, OpKind::disconnect, OpKind::join,    OpKind::leave,
                              OpKind::move,    OpKind::post,       OpKind::direct,  OpKind::history,
                              OpKind::who,     OpKind::presence,   OpKind::receive, OpKind::mark,
                              OpKind::kick};

enum class Setting : std::uint8_t {
  direct,
  pooled,
  composed,  // deliveries through a pool or on threads of their own; messages in SQLite, whose lock others take, in some rounds
};

bool with_store(const Round& round, Setting setting) {
  return setting == Setting::composed && round.number % 4 == 1;
}

// A few busy rooms in which everything happens, in a third of the rounds with handlers that throw, in another third with
// sessions that are left behind.
workloads::Scenario busy_rooms(const Round& round, Setting setting) {
  workloads::Scenario scenario;
  scenario.name = "verify";
  scenario.rooms = 5;
  scenario.rooms_per_client = {0.5, 0.3, 0.2};
  scenario.silent_share = 0.3;
  scenario.churn = 0.4;
  scenario.away_share = 0.2;
  scenario.move = 0.1;
  scenario.kick_share = 0.2;
  scenario.direct = 0.2;
  scenario.history = scenario.who = scenario.presence = scenario.mark = 0.1;
  scenario.lap_operations = static_cast<std::uint32_t>(round.operations);
  if (round.number % 3 == 1) scenario.fault_throw = 0.05;
  if (round.number % 3 == 2) scenario.fault_leak = 0.2;
  if (with_store(round, setting)) scenario.fault_busy = 0.01;
  return scenario;
}

// The needle of the trial that runs: TrialInput::on_phase is a plain function.
Needle* trial_needle = nullptr;
int helper_thread = 0;

void aim_at_all(Phase phase) {
  std::vector<int> threads;
  if (phase == Phase::measure) {
    // Threads may end meanwhile, which is no error.
    std::error_code ignored;
    for (std::filesystem::directory_iterator task("/proc/self/task", ignored), end; task != end;
         task.increment(ignored)) {
      const int thread = std::atoi(task->path().filename().c_str());
      if (thread != helper_thread) threads.push_back(thread);
    }
  }
  trial_needle->aim(threads);
}

struct ServerCells {
  std::array<std::size_t, kOrdered.size()> asked{};
  std::array<std::size_t, kOrdered.size()> refused{};
  std::size_t thrown = 0;
};

ServerCells declare_cells(CaseRun& run, bool floor) {
  ServerCells cells;
  for (std::size_t i = 0; i < kOrdered.size(); ++i) {
    const std::string name(workloads::to_string(kOrdered[i]));
    cells.asked[i] = run.cell(name + " = answered", floor && kOrdered[i] == OpKind::receive);
    cells.refused[i] = run.cell(name + " = refused", true);
  }
  cells.thrown = run.cell("handler throws", true);
  return cells;
}

void count_trial(CaseRun& run, const ServerCells& cells, const TrialReport& report) {
  for (std::size_t i = 0; i < kOrdered.size(); ++i) {
    const KindReport& kind = report.kinds[static_cast<std::size_t>(kOrdered[i])];
    run.count(cells.refused[i], kind.errors);
    run.count(cells.asked[i], kind.count - std::min(kind.count, kind.errors));
  }
  run.count(cells.thrown, report.laws.thrown);
}

TrialInput input_of(const workloads::Trace& trace, const Round& round, Setting setting,
                    const std::filesystem::path& folder) {
  TrialInput input;
  input.trace = &trace;
  input.options.interval_ns = kIntervalNs;
  input.options.operations = trace.ops.size();
  input.options.spin = false;  // the machine may have fewer processors than the trial has threads
  input.on_phase = &aim_at_all;
  if (setting == Setting::direct) return input;
  input.options.workers = 2;
  input.options.queue_capacity = 1'024;
  if (setting == Setting::pooled) {
    input.options.path = Path::pooled;
    input.options.inflight = 8;
    return input;
  }
  input.options.dispatch = round.number % 2 == 0 ? pool::Dispatch::thread : pool::Dispatch::pooled;
  if (with_store(round, setting)) {
    input.options.store = StoreKind::sqlite;
    input.folder = folder.string();
  }
  return input;
}

void keep_laws(CaseRun& run, const AnyServer& server, Setting setting) {
  run.long_steps(kTrialPatience);
  const ServerCells cells = declare_cells(run, server.floor);
  Needle needle(run.page());
  trial_needle = &needle;
  const auto one_trial = [&](const Round& round) {
    // The needle's thread says who it is once it runs.
    while ((helper_thread = look(run.page().helper)) == 0) std::this_thread::yield();
    const workloads::Trace trace = make_trace(busy_rooms(round, setting), round.seed, kChatters, {});
    const auto drivers =
        split_by_driver(trace, server.one_thread ? 1U : static_cast<unsigned>(round.threads));
    const ScratchFolder folder(std::filesystem::temp_directory_path());
    TrialInput input = input_of(trace, round, setting, folder.path());
    input.drivers = &drivers;
    const auto report = std::make_unique<TrialReport>();
    run.expect(kLaws, "a trial of the server");
    try {
      server.trial(input, *report);
    } catch (const std::exception& error) {
      if (const std::string_view lack = lack_of(error); !lack.empty()) run.give_up(lack);
      run.fail(kLaws, std::string("the trial ended by an exception: ") + error.what());
    }
    needle.aim({});
    run.expect_nothing();
    const std::string broken = report->laws.broken.data();
    if (!broken.empty()) run.fail(name_of_law(broken), broken);
    count_trial(run, cells, *report);
  };
  run.rounds({2, 3, 4, 2}, 500, 2'000, one_trial);
}

}  // namespace

std::string name_of_law(const std::string& broken) {
  const std::size_t first = broken.find_first_not_of("0123456789");
  if (first != 0 && first != std::string::npos) return broken.substr(first + 1);
  return broken.substr(0, broken.rfind(": "));
}

std::vector<VerifyCase> server_cases(const AnyServer& server) {
  std::vector<VerifyCase> cases;
  const auto add = [&](const char* name, Setting setting, double share) {
    cases.push_back({name, [server, setting](CaseRun& run) { keep_laws(run, server, setting); }, share});
  };
  add("trials", Setting::direct, 0.4);
  if (server.one_thread) return cases;
  add("pooled trials", Setting::pooled, 0.4);
  if (server.composed) add("composed trials", Setting::composed, 0.4);
  return cases;
}

}  // namespace crosstalk::harness::verify
