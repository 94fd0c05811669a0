#include "harness/gate_command.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <sstream>

#include "harness/gate_options.h"
#include "harness/interrupt.h"
#include "harness/plan.h"
#include "harness/printable.h"
#include "harness/program_call.h"
#include "reports/csv_reader.h"
#include "reports/csv_writer.h"
#include "reports/gate.h"
#include "workloads/input_error.h"
#include "workloads/random.h"

namespace crosstalk::harness {

namespace {

// What ends a gate before its verdict.
struct GateStop {
  int code = 0;
  std::string why;
  std::string page{};  // what the program said before that, where it is worth reading
};

struct Side {
  std::string name;  // base, head
  std::filesystem::path program;
  std::filesystem::path folder;
};

// One strategy under one scenario.
struct Contest {
  std::string scenario;
  std::filesystem::path plan;
  PlanRow row;
  std::vector<std::pair<reports::RunRow, reports::RunRow>> pairs{};  // sound ones: base, head
  std::map<std::string, std::size_t> left_out{};                     // by status
};

std::optional<double> value_of(const reports::RunRow& row, std::string_view metric) {
  if (metric == "throughput") return row.achieved_ops_s;
  if (metric == "response_p99") {
    if (!row.response_p99_ns) return std::nullopt;
    return static_cast<double>(*row.response_p99_ns);
  }
  if (row.count == 0) return std::nullopt;
  return (row.cpu_user_s + row.cpu_system_s) / static_cast<double>(row.count);
}

bool is_sound(const reports::RunRow& row) {
  return row.status == reports::Status::ok || row.status == reports::Status::saturated;
}

std::string per_cent(double share, bool sign) {
  char text[32];
  std::snprintf(text, sizeof text, sign ? "%+.1f" : "%.1f", 100 * share);
  return text;
}

class Gating {
 public:
  Gating(const GateOptions& options, Streams streams) : options_(options), streams_(streams) {
    sides_[0] = {.name = "base", .program = options.base, .folder = options.out / "base"};
    sides_[1] = {.name = "head", .program = options.head, .folder = options.out / "head"};
  }

  int run() {
    for (const Side& side : sides_) {
      make_folder(side.folder);
      require_crosstalk(side);
    }
    for (const std::string& scenario : options_.scenarios) make_plan_of(scenario);
    const std::size_t needed = reports::gate_pairs_needed(contests_.size() * options_.metrics.size());
    if (options_.pairs < needed) {
      throw UsageError("--pairs: must be at least " + std::to_string(needed) + " for " +
                       std::to_string(contests_.size() * options_.metrics.size()) +
                       " verdicts, which fewer could not show, got " + std::to_string(options_.pairs));
    }
    measure();
    if (interrupt_.signal() != 0) return 128 + interrupt_.signal();
    return conclude();
  }

 private:
  static void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw reports::OutputError(folder.string() + ": " + error.message());
  }

  [[nodiscard]] std::filesystem::path log() const { return options_.out / "gate.log"; }

  ProgramEnd call(const Side& side, const std::vector<std::string>& arguments) {
    try {
      return call_program(side.program, arguments, log());
    } catch (const workloads::InputError& error) {
      throw GateStop{8, "--" + side.name + ": " + error.what()};
    }
  }

  void require_crosstalk(const Side& side) {
    const ProgramEnd end = call(side, {"--version"});
    if (end.signal != 0 || end.exit_code != 0 || !end.out.starts_with("crosstalk ")) {
      throw GateStop{8, "--" + side.name + ": " + side.program.string() + " is not crosstalk (--version: " +
                            (end.exit_code == 0 && end.signal == 0 ? "said something else" : end.told()) +
                            ")"};
    }
  }

  void make_plan_of(const std::string& scenario) {
    const std::filesystem::path plan = options_.out / ("plan-" + std::to_string(plans_) + ".csv");
    ++plans_;
    std::vector<std::string> arguments{"run",           "--dry-run", "--plan", plan.string(),
                                       "--scenario",    scenario,    "--load", "closed",
                                       "--repetitions", "1",         "--seed", std::to_string(options_.seed),
                                       "--quiet"};
    arguments.insert(arguments.end(), options_.plan_flags.begin(), options_.plan_flags.end());
    const ProgramEnd end = call(sides_[0], arguments);
    if (end.signal != 0) throw GateStop{8, "--base: making the plan of " + scenario + ": " + end.told()};
    if (end.exit_code != 0) throw GateStop{2, "--base: making the plan of " + scenario + ": " + end.told()};
    Plan rows;
    try {
      rows = read_plan(plan);
    } catch (const workloads::InputError& error) {
      throw GateStop{6, std::string("the base's plan is not understood: ") + error.what()};
    }
    for (const PlanRow& row : rows) {
      if (!row.floor) contests_.push_back({.scenario = scenario, .plan = plan, .row = row});
    }
  }

  void measure() {
    Progress progress(streams_.err, options_.progress);
    ProgressState state;
    state.total = options_.pairs * contests_.size();
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t pair = 0; pair < options_.pairs; ++pair) {
      workloads::RandomStream random(options_.seed, workloads::Purpose::plan, pair);
      std::vector<std::size_t> order(contests_.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      for (std::size_t left = order.size(); left > 1; --left)
        std::swap(order[left - 1], order[random.below(left)]);
      for (const std::size_t i : order) {
        if (interrupt_.signal() != 0) return;
        state.what = contests_[i].row.strategy;
        state.share = static_cast<double>(state.done) / static_cast<double>(state.total);
        state.elapsed_ns = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - begin).count());
        progress.show(state);
        measure_pair(contests_[i], random.below(2) == 0);
        ++state.done;
      }
    }
  }

  void measure_pair(Contest& contest, bool base_first) {
    std::array<std::optional<reports::RunRow>, 2> rows;
    for (const std::size_t turn : {0U, 1U}) {
      const std::size_t side = base_first ? turn : 1 - turn;
      rows[side] = measured(sides_[side], contest);
      if (interrupt_.signal() != 0) return;
    }
    if (rows[0]->trace_hash != rows[1]->trace_hash) {
      throw GateStop{6, contest.scenario + ", " + contest.row.strategy +
                            ": base and head make different traces of the same plan, " + rows[0]->trace_hash +
                            " and " + rows[1]->trace_hash};
    }
    for (const auto& row : rows) {
      if (is_sound(*row)) continue;
      ++contest.left_out[std::string(reports::to_string(row->status))];
      return;
    }
    contest.pairs.emplace_back(*rows[0], *rows[1]);
  }

  std::optional<reports::RunRow> measured(const Side& side, const Contest& contest) {
    const std::filesystem::path file = side.folder / "runs.csv";
    const std::size_t before = rows_of(side, file).size();
    const ProgramEnd end =
        call(side, {"run", "--plan", contest.plan.string(), "--row", std::to_string(contest.row.row), "--out",
                    side.folder.string(), "--quiet", "--format", "csv"});
    if (interrupt_.signal() != 0) return std::nullopt;
    const std::string where = "--" + side.name + ": " + contest.scenario + ", " + contest.row.strategy + ": ";
    if (end.signal != 0) throw GateStop{8, where + end.told()};
    if (end.exit_code == 3) throw GateStop{3, where + "a law was broken: " + end.told(), end.messages};
    if (end.exit_code == 2) throw GateStop{6, where + "the plan of the base is refused: " + end.told()};
    if (end.exit_code == 7) throw GateStop{7, where + end.told()};
    const std::vector<reports::RunRow> rows = rows_of(side, file);
    if (end.exit_code == 4 && rows.size() == before) throw GateStop{4, where + end.told()};
    if ((end.exit_code != 0 && end.exit_code != 4) || rows.size() == before)
      throw GateStop{8, where + end.told()};
    if (!rows.back().verified.value_or(true)) throw GateStop{3, where + "a law was broken: " + end.told()};
    return rows.back();
  }

  // The rows "all" of a side so far.
  static std::vector<reports::RunRow> rows_of(const Side& side, const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return {};
    try {
      std::vector<reports::RunRow> rows = reports::read_runs(file);
      std::erase_if(rows, [](const reports::RunRow& row) { return row.op != "all"; });
      return rows;
    } catch (const reports::CsvError& error) {
      throw GateStop{6, "--" + side.name + ": its results are not understood: " + error.what()};
    }
  }

  [[nodiscard]] std::vector<reports::GateSeries> series() const {
    std::vector<reports::GateSeries> all;
    for (const Contest& contest : contests_) {
      for (const std::string& metric : options_.metrics) {
        reports::GateSeries each{
            .scenario = contest.scenario, .strategy = contest.row.strategy, .metric = metric};
        each.better = metric == "throughput" ? reports::Better::larger : reports::Better::smaller;
        each.margin = metric == "response_p99" ? options_.response_margin : options_.margin;
        for (const auto& [base, head] : contest.pairs) {
          const auto old_value = value_of(base, metric);
          const auto new_value = value_of(head, metric);
          if (old_value.value_or(0) <= 0 || new_value.value_or(0) <= 0) continue;
          each.base_values.push_back(*old_value);
          each.head_values.push_back(*new_value);
        }
        all.push_back(std::move(each));
      }
    }
    return all;
  }

  int conclude() {
    const std::vector<reports::GateSeries> all = series();
    const std::vector<reports::GateVerdict> verdicts = reports::judge_gate(all);
    const bool for_people = options_.format == Format::table || options_.format == Format::markdown;
    std::ostream& sentences = for_people ? streams_.out : streams_.err;
    sentences << wrapped(sentence(all, verdicts), 2) << '\n';
    if (for_people) {
      print_sections(all, verdicts);
    } else {
      print_table(streams_.out, table_of(all, verdicts), options_.format);
    }
    if (for_people) {
      streams_.out
          << '\n'
          << wrapped(
                 "Change of head against base over pairs of trials (Hodges-Lehmann), with its 95 % "
                 "interval; 'seen from': the change that four of five such gates would call a regression.",
                 2)
          << '\n';
    }
    streams_.out.flush();
    for (const Contest& contest : contests_) {
      for (const auto& [status, count] : contest.left_out) {
        streams_.err << wrapped("warning: " + contest.scenario + ", " + contest.row.strategy + ": " +
                                    std::to_string(count) + " of " + std::to_string(options_.pairs) +
                                    " pairs left out: " + status,
                                2)
                     << '\n';
      }
    }
    streams_.err << "results: " << options_.out.string() << std::endl;
    return reports::gate_exit_code(verdicts);
  }

  static std::string sentence(const std::vector<reports::GateSeries>& all,
                              const std::vector<reports::GateVerdict>& verdicts) {
    std::map<reports::GateOutcome, std::size_t> counts;
    std::string names;
    for (std::size_t i = 0; i < all.size(); ++i) {
      ++counts[verdicts[i].outcome];
      if (verdicts[i].outcome != reports::GateOutcome::regressed) continue;
      names += (names.empty() ? "" : "; ") + all[i].scenario + ", " + all[i].strategy + ", " + all[i].metric;
    }
    std::string text = names.empty() ? "No regression was shown: " : "REGRESSED: " + names + ": ";
    text += "of " + std::to_string(all.size()) + " verdicts";
    for (const auto& [outcome, count] : counts)
      text += ", " + std::to_string(count) + " " + std::string(to_string(outcome));
    return text + ".";
  }

  // A table for each scenario and strategy: together they would be wider than a terminal.
  void print_sections(const std::vector<reports::GateSeries>& all,
                      const std::vector<reports::GateVerdict>& verdicts) const {
    for (std::size_t begin = 0; begin < all.size(); begin += options_.metrics.size()) {
      TextTable table;
      table.columns = {{"metric", false}, {"change %", true},  {"95 % interval", true},
                       {"pairs", true},   {"seen from", true}, {"verdict", false}};
      for (std::size_t i = begin; i < begin + options_.metrics.size(); ++i) {
        const reports::GateVerdict& verdict = verdicts[i];
        std::string interval;
        if (verdict.interval)
          interval =
              per_cent(verdict.interval->low - 1, true) + " " + per_cent(verdict.interval->high - 1, true);
        table.rows.push_back({all[i].metric, verdict.pairs > 0 ? per_cent(verdict.ratio - 1, true) : "",
                              interval, std::to_string(verdict.pairs),
                              verdict.detectable ? per_cent(*verdict.detectable, true) : "",
                              std::string(to_string(verdict.outcome))});
      }
      streams_.out << '\n' << all[begin].scenario << ", " << all[begin].strategy << "\n\n";
      print_table(streams_.out, table, options_.format);
    }
  }

  static TextTable table_of(const std::vector<reports::GateSeries>& all,
                            const std::vector<reports::GateVerdict>& verdicts) {
    TextTable table;
    table.columns = {{"scenario", false},  {"strategy", false}, {"metric", false}, {"change_pct", true},
                     {"low_pct", true},    {"high_pct", true},  {"p_holm", true},  {"sd_pair_pct", true},
                     {"margin_pct", true}, {"pairs", true},     {"mde_pct", true}, {"verdict", false}};
    for (std::size_t i = 0; i < all.size(); ++i) {
      const reports::GateVerdict& verdict = verdicts[i];
      table.rows.push_back({all[i].scenario, all[i].strategy, all[i].metric,
                            verdict.pairs > 0 ? per_cent(verdict.ratio - 1, false) : "",
                            verdict.interval ? per_cent(verdict.interval->low - 1, false) : "",
                            verdict.interval ? per_cent(verdict.interval->high - 1, false) : "",
                            format_real(verdict.p_holm), per_cent(verdict.deviation, false),
                            per_cent(all[i].margin, false), std::to_string(verdict.pairs),
                            verdict.detectable ? per_cent(*verdict.detectable, false) : "",
                            std::string(to_string(verdict.outcome))});
    }
    return table;
  }

  const GateOptions& options_;
  Streams streams_;
  Interrupt interrupt_;
  std::array<Side, 2> sides_;
  std::size_t plans_ = 0;
  std::vector<Contest> contests_;
};

}  // namespace

int gate_command(const std::vector<std::string>& arguments, const Environment& environment, Streams streams) {
  const GateOptions options = parse_gate(arguments, environment);
  if (options.seed_was_chosen) streams.err << "seed: " << options.seed << std::endl;
  try {
    return Gating(options, streams).run();
  } catch (const GateStop& stop) {
    std::istringstream page(stop.page);
    for (std::string line; std::getline(page, line);) streams.err << printable(line) << '\n';
    streams.err << "crosstalk: " << printable(stop.why) << std::endl;
    return stop.code;
  }
}

}  // namespace crosstalk::harness
