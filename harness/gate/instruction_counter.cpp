#include "harness/gate/instruction_counter.h"

#include <unistd.h>

#include <cstdlib>

#include "harness/gate/gate_stop.h"
#include "reports/output_error.h"
#include "workloads/input_error.h"

namespace crosstalk::harness::gate {

namespace {

constexpr std::uint64_t kOperations = 10'000;
// Under valgrind everything takes fifty times as long.
constexpr std::uint64_t kLongestNs = 600'000'000'000;

// What callgrind writes begins with the stem, and goes on with the number of a process.
std::vector<std::string> files_of(const std::filesystem::path& folder, const std::string& stem) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    if (each->path().string().starts_with(stem + ".")) files.push_back(each->path().string());
  }
  if (error) throw reports::OutputError(folder.string() + ": " + error.message());
  return files;
}

void subtract(FunctionCounts& from, const FunctionCounts& counts) {
  for (const auto& [name, cost] : counts) from[name] -= cost;
}

}  // namespace

std::filesystem::path find_valgrind(const std::string& path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::filesystem::path candidate =
        std::filesystem::path(path.substr(begin, end - begin)) / "valgrind";
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return {};
}

FunctionCounts InstructionCounter::counted(const Arm& arm, const PlannedContest& planned,
                                           const std::string& label) {
  const std::filesystem::path folder = out_ / "instructions";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw reports::OutputError(folder.string() + ": " + error.message());
  const std::string stem = (folder / label).string();
  // Of an earlier gate in this folder.
  for (const std::string& file : files_of(folder, stem)) std::filesystem::remove(file, error);
  const char* path = std::getenv("PATH");
  const std::filesystem::path valgrind = find_valgrind(path == nullptr ? "" : path);
  const ProgramEnd end = call_program(
      valgrind,
      {"--quiet", "--tool=callgrind", "--callgrind-out-file=" + stem + ".%p", arm.layouts.front().string(),
       "run", "--plan", planned.plan.string(), "--row", std::to_string(planned.rows.front()), "--out",
       runner_.folder_of("instructions-" + arm.name, planned.contest).string(), "--quiet", "--format", "csv"},
      out_ / "gate.log", {.longest_ns = kLongestNs, .fixed_addresses = true});
  const std::string where = arm.flag + ": counting instructions of " + planned.contest.name;
  judge_end(where, end);
  if (end.exit_code != 0) throw GateStop(4, where + ": " + end.told());
  // The trial is a child, which begins with what its parent had counted: how long that takes to set its clock differs from run to
  // run, and is taken out again.
  const std::string parent = stem + "." + std::to_string(end.process);
  FunctionCounts counts;
  for (const std::string& file : files_of(folder, stem)) {
    if (file != parent) counts = read_callgrind(file);
  }
  if (counts.empty()) throw GateStop(8, where + ": callgrind wrote nothing of the trial");
  subtract(counts, read_callgrind(parent));
  return counts;
}

InstructionCounts InstructionCounter::counted_per_operation(const Arm& arm, const PlannedContest& few,
                                                            const PlannedContest& many) {
  const std::string label = arm.name + "-" + BlockRunner::file_name(few.contest.name);
  return per_operation(counted(arm, few, label + "-few"), counted(arm, many, label + "-many"), kOperations);
}

InstructionChange InstructionCounter::count(const Arm& base, const Arm& head, const Contest& contest,
                                            const std::vector<std::string>& head_flags) {
  const auto planned = [&](const std::string& name, std::uint64_t operations,
                           const std::vector<std::string>& more) {
    std::vector<std::string> flags{"--ops",
                                   std::to_string(operations),
                                   "--warmup",
                                   "0",
                                   "--no-latency",
                                   "--checks",
                                   "off",
                                   "--pin",
                                   "none",
                                   "--repetitions",
                                   "1",
                                   "--seed",
                                   std::to_string(seed_),
                                   "--foreign-limit",
                                   "100",
                                   "--timeout",
                                   "600s"};
    flags.insert(flags.end(), more.begin(), more.end());
    return runner_.planned(base, contest, BlockRunner::file_name(contest.name) + "-" + name + ".csv", flags);
  };
  const auto counted_of = [&](const Arm& arm, const std::string& name, const std::vector<std::string>& more) {
    const PlannedContest few = planned("few" + name, kOperations, more);
    return counted_per_operation(arm, few, planned("many" + name, 2 * kOperations, more));
  };
  const InstructionCounts before = counted_of(base, "", {});
  return compared(before, counted_of(head, head_flags.empty() ? "" : "-slowed", head_flags));
}

}  // namespace crosstalk::harness::gate
