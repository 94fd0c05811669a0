// What the tests of the gate share: programs that are shell scripts, and a report with one verdict of each kind.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "harness/command_line_test_support.h"
#include "harness/gate/gate_report.h"
#include "harness/plan.h"
#include "reports/csv_writer.h"

namespace crosstalk::harness::gate {

// A sound trial with one second of processor time, all responses of 1 us.
inline reports::RunResult gate_result(double ops_s) {
  reports::RunResult result;
  result.identity.run_id = "r1";
  result.identity.scenario = "team";
  result.identity.trace_hash = 7;
  result.identity.strategy = "a/a";
  result.identity.path = "direct";
  result.identity.load_model = "closed";
  result.identity.clients = 5;
  result.identity.threads = 1;
  result.verified = true;
  result.cpu_user_s = 1;
  reports::OpResult all;
  all.op = "all";
  all.achieved_ops_s = ops_s;
  all.count = static_cast<std::uint64_t>(ops_s);
  all.response.record(1'000, 1'000);
  all.service.record(1'000, 1'000);
  result.ops = {all};
  return result;
}

// A folder with programs that pretend to be crosstalk.
class FakePrograms {
 public:
  FakePrograms() {
    Plan plan;
    for (std::uint64_t number = 0; number < 4; ++number) {
      PlanRow row;
      row.row = number;
      row.block = row.repetition = number;
      row.strategy = "a/a";
      row.scenario = "team";
      row.clients = 5;
      row.duration_ns = 1'000'000'000;
      row.timeout_ns = 1'000'000'000;
      plan.push_back(row);
    }
    write_plan(folder.path / "stored.csv", plan);
  }

  // Appends this result, as a run of its own, whenever it is asked to run a row. What plans it was asked for stands in
  // file "asked".
  std::string measuring(const std::string& name, const reports::RunResult& result,
                        const std::string& more = {}) {
    const std::filesystem::path rows = folder.path / (name + "-rows");
    reports::ResultsWriter(rows).write(result);
    return script(
        name, more + "case \"$*\" in *--dry-run*) echo \"$*\" >> '" + (folder.path / "asked").string() +
                  "'; cp '" + (folder.path / "stored.csv").string() +
                  "' \"$4\" ;; *) mkdir -p \"$7\"; from=1; [ ! -e \"$7/runs.csv\" ] || from=2; "
                  "tail -n +$from '" +
                  (rows / "runs.csv").string() + "' | sed \"s/^1,r1,/1,r$$,/\" >> \"$7/runs.csv\" ;; esac\n");
  }
  // Answers --version and help as crosstalk does, else does this.
  std::string script(const std::string& name, const std::string& body) {
    return file(name,
                "#!/bin/sh\n"
                "case \"$1\" in --version) echo 'crosstalk 9'; exit 0 ;; help) echo '" +
                    flags + "'; exit 0 ;; esac\n" + body);
  }
  std::string file(const std::string& name, const std::string& text) {
    std::string path = folder.put(name, text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  TestFolder folder;
  std::string flags = "--reference-ops N";  // that the scripts have help for
};

inline reports::GateRow sample_row(const std::string& scenario, std::size_t metric, reports::Verdict verdict,
                                   double change) {
  reports::GateRow row;
  row.scenario = scenario;
  row.metric = reports::default_gate_metrics().at(metric);
  row.verdict = verdict;
  row.pairs = 18;
  row.change = change;
  row.interval = reports::Span{change - 0.01, change + 0.01};
  row.p = 0.00037;
  row.deviation = 0.021;
  row.detectable = 0.034;
  return row;
}

// solo_team: throughput regressed, cpu_per_op undecided; crowd_team: both unchanged.
inline GateReport sample_report() {
  GateReport report;
  report.base = "crosstalk 1 (commit a)";
  report.head = "crosstalk 2 (commit b)";
  report.seed = 7;
  report.seconds = 12.5;
  for (const char* name : {"solo_team", "crowd_team"})
    report.contests.push_back({.contest = *gating_contest(name)});
  report.contests[0].seconds = 9;
  report.contests[0].counts = {{"errors", 2, 2.5}};
  report.rows = {sample_row("solo_team", 0, reports::Verdict::regressed, -0.0787),
                 sample_row("solo_team", 1, reports::Verdict::undecided, 0.03),
                 sample_row("crowd_team", 0, reports::Verdict::unchanged, 0.002),
                 sample_row("crowd_team", 1, reports::Verdict::unchanged, -0.001)};
  report.rows[0].fresh_pairs = 12;
  report.rows[1].reason = "not shown <within> the budget";
  report.rows[2].loss_bound = 0.031;
  for (int i = 0; i < 48; ++i) report.repeats.note(i % 16 == 0);
  report.control = ControlResult{.pairs = 8, .p = 0.4, .metric = "throughput"};
  return report;
}

}  // namespace crosstalk::harness::gate
