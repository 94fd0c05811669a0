#include "harness/gate/block_runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/gate/gate_stop.h"
#include "harness/plan.h"
#include "harness/printable.h"
#include "reports/output_error.h"
#include "workloads/input_error.h"

namespace crosstalk::harness::gate {

namespace {

[[noreturn]] void stop(int code, const std::string& where, const std::string& why,
                       const std::string& page = {}) {
  throw GateStop(code, where + ": " + why, page);
}

}  // namespace

void judge_end(const std::string& where, const ProgramEnd& end) {
  if (end.timed_out || end.signal != 0) stop(8, where, end.told());
  switch (end.exit_code) {
    case 0:
    case 4:  // unusable rows: the row says why
      return;
    case 2:
      stop(6, where, "the plan of the base is refused: " + end.told());
    case 3:
      stop(3, where, "a law was broken: " + end.told(), end.messages);
    case 7:
      stop(7, where, "its results could not be written: " + end.told());
    default:
      stop(8, where, end.told());
  }
}

std::string BlockRunner::file_name(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == ' '; }, '-');
  return name;
}

ProgramEnd BlockRunner::call(const Arm& arm, const Surroundings& surroundings,
                             const std::vector<std::string>& arguments,
                             std::vector<std::string> environment) {
  ProgramSetting setting{
      .environment = std::move(environment), .cpus = surroundings.cpus, .longest_ns = timeout_ns_};
  const std::string padding = padding_variable(surroundings.environment_pad);
  if (!padding.empty()) setting.environment.push_back(padding);
  try {
    return call_program(arm.layouts.at(surroundings.layout), arguments, out_ / "gate.log", setting);
  } catch (const workloads::InputError& error) {
    throw GateStop(8, arm.flag + ": " + error.what());
  }
}

std::string BlockRunner::version_of(const Arm& arm, std::size_t layout) {
  const ProgramEnd end = call(arm, {.layout = layout}, {"--version"});
  const bool ended = end.exit_code == 0 && end.signal == 0 && !end.timed_out;
  if (!ended || !end.out.starts_with("crosstalk ")) {
    stop(8, arm.flag,
         "this is not crosstalk (--version: " + (ended ? "said something else" : end.told()) + ")");
  }
  return printable(end.out.substr(0, end.out.find('\n')));
}

bool BlockRunner::can_check_less(const Arm& arm) {
  const ProgramEnd end = call(arm, {}, {"help", "run"});
  if (end.timed_out) stop(8, arm.flag, end.told());
  return end.out.find("--reference-ops") != std::string::npos;
}

PlannedContest BlockRunner::planned(const Arm& base, const Contest& contest, const std::string& file,
                                    const std::vector<std::string>& more) {
  PlannedContest planned{.contest = contest, .plan = out_ / "plans" / file, .rows = {}};
  std::error_code error;
  std::filesystem::create_directories(planned.plan.parent_path(), error);
  if (error) throw reports::OutputError(planned.plan.parent_path().string() + ": " + error.message());
  std::vector<std::string> arguments{"run", "--dry-run", "--plan", planned.plan.string(), "--quiet"};
  const std::vector<std::string> flags = flags_of(contest);
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ProgramEnd end = call(base, {}, arguments);
  const std::string where = "--base: making the plan of " + contest.name;
  if (end.signal != 0 || end.timed_out) stop(8, where, end.told());
  if (end.exit_code != 0) stop(end.exit_code == 7 ? 7 : 2, where, end.told());
  try {
    for (const PlanRow& row : read_plan(planned.plan)) {
      if (!row.floor) planned.rows.push_back(row.row);
    }
  } catch (const workloads::InputError& fault) {
    throw GateStop(6, std::string("the base's plan is not understood: ") + fault.what());
  }
  if (planned.rows.empty()) stop(6, where, "the plan has no rows of " + contest.strategy);
  return planned;
}

Block BlockRunner::run(const Arm& arm, const PlannedContest& planned, const Surroundings& surroundings,
                       BlockChecks checks) {
  const auto begin = std::chrono::steady_clock::now();
  const std::filesystem::path folder = folder_of(arm.name, planned.contest);
  const std::string row = std::to_string(planned.rows.at(surroundings.plan_row));
  // Variables, which the flags of the plan need not make room for.
  std::vector<std::string> environment;
  if (checks == BlockChecks::few) environment = {"CROSSTALK_NO_CHECK=1", "CROSSTALK_REFERENCE_OPS=4096"};
  const ProgramEnd end = call(arm, surroundings,
                              {"run", "--plan", planned.plan.string(), "--row", row, "--out", folder.string(),
                               "--quiet", "--format", "csv"},
                              std::move(environment));
  const std::string where = arm.flag + ": " + planned.contest.name;
  judge_end(where, end);
  Block block{.surroundings = surroundings, .row = newest_row(folder, where, end)};
  block.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!block.row.verified.value_or(true)) stop(3, where, "a law was broken: " + end.told());
  return block;
}

reports::RunRow BlockRunner::newest_row(const std::filesystem::path& folder, const std::string& where,
                                        const ProgramEnd& end) {
  const std::filesystem::path file = folder / "runs.csv";
  std::vector<reports::RunRow> rows;
  try {
    if (std::filesystem::exists(file)) rows = reports::read_runs(file);
  } catch (const reports::CsvError& error) {
    stop(6, where, std::string("its results are not understood: ") + error.what());
  }
  std::erase_if(rows, [](const reports::RunRow& row) { return row.op != "all"; });
  std::size_t& known = rows_[folder];
  if (rows.size() == known) stop(end.exit_code == 4 ? 4 : 8, where, "it measured nothing: " + end.told());
  known = rows.size();
  return rows.back();
}

}  // namespace crosstalk::harness::gate
