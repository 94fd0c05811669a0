#include "harness/gate/gate_run.h"

#include <algorithm>
#include <cmath>

#include "harness/gate/count_words.h"
#include "harness/gate/gate_pace.h"
#include "harness/gate/gate_stop.h"
#include "harness/gate/instruction_counter.h"
#include "harness/gate/instruction_rows.h"
#include "harness/gate/operation_counter.h"
#include "harness/gate/report_words.h"
#include "harness/placement.h"
#include "harness/program.h"
#include "harness/shuffle.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

namespace {

using reports::GatePhase;
using reports::Verdict;

// Equal rows of a plan: pads before the heap to draw from.
constexpr std::uint64_t kEqualRows = 64;

reports::SequentialGate gate_of(const GateOptions& options) {
  std::vector<reports::GateScenario> scenarios;
  for (const Contest& contest : options.contests)
    scenarios.push_back({.name = contest.name, .pairs_max = options.pairs});
  // Without any, nothing is timed, and nobody asks it.
  const Metrics& metrics = options.metrics.empty() ? reports::default_gate_metrics() : options.metrics;
  try {
    return reports::SequentialGate(std::move(scenarios), metrics, {.seed = options.seed});
  } catch (const std::invalid_argument& error) {
    throw UsageError(std::string("--pairs: ") + error.what());
  }
}

GateStop interrupted_by(int signal) {
  return {128 + signal, "interrupted by signal " + std::to_string(signal)};
}

// Two digits: the same work whatever the probe's noise.
std::uint64_t rounded(double operations) {
  const double unit = std::pow(10, std::floor(std::log10(std::max(operations, 1000.0))) - 1);
  return static_cast<std::uint64_t>(std::max(1000.0, std::round(operations / unit) * unit));
}

}  // namespace

GateRun::GateRun(const GateOptions& options, std::ostream& err)
    : options_(options),
      progress_(err, options.progress),
      deadline_(begin_ + std::chrono::nanoseconds(options.budget_ns)),
      gate_(gate_of(options)),
      control_(options.metrics),
      runner_(options.out, options.timeout_ns),
      injected_(options.contests.size()),
      base_rows_(options.contests.size()),
      head_rows_(options.contests.size()) {
  for (const Processor& processor : usable_processors()) cpus_.push_back(processor.cpu);
  report_.seed = options.seed;
  report_.undecided = options.undecided;
  for (const Contest& contest : options.contests) report_.contests.push_back({.contest = contest});
}

GateReport GateRun::run() {
  try {
    prepare();
    if (!options_.metrics.empty()) measure();
    heed_signals();
    if (options_.count) count_operations();
    if (options_.instructions) count_instructions();
    heed_signals();
  } catch (const GateStop& stop) {
    // A signal may have reached the programs as well, whose ends then are no findings.
    stop_for(interrupt_.signal() == 0 ? stop : interrupted_by(interrupt_.signal()));
  } catch (const reports::OutputError& error) {
    report_.stopped = error.what();
    report_.stop_code = 7;
  }
  progress_.clear();
  conclude();
  return std::move(report_);
}

void GateRun::heed_signals() const {
  if (interrupt_.signal() != 0) throw interrupted_by(interrupt_.signal());
}

void GateRun::stop_for(const GateStop& stop) {
  report_.stopped = stop.what();
  report_.stop_page = stop.page();
  report_.stop_code = stop.code();
}

void GateRun::prepare() {
  programs_.emplace(options_.out / "programs", options_.base, options_.head);
  file_.emplace(options_.out / "pairs.csv");
  for (std::size_t i = 0; i < programs_->base().layouts.size(); ++i)
    report_.base = runner_.version_of(programs_->base(), i);
  for (std::size_t i = 0; i < programs_->head().layouts.size(); ++i)
    report_.head = runner_.version_of(programs_->head(), i);
  can_check_less_ = runner_.can_check_less(programs_->base()) && runner_.can_check_less(programs_->head());
  if (programs_->are_equal()) {
    report_.warnings.push_back("base and head are the same program, byte for byte");
  } else if (!options_.metrics.empty() &&
             std::min(programs_->base().layouts.size(), programs_->head().layouts.size()) == 1) {
    report_.warnings.push_back(
        "one link of a side: where its functions happen to lie is part of what is found; scripts/gate.sh links several times");
  }
  for (std::size_t i = 0; i < options_.contests.size() && interrupt_.signal() == 0; ++i) {
    const Contest& contest = options_.contests[i];
    if (options_.injection.any()) {
      const std::string obstacle = obstacle_of(options_.injection, contest);
      if (!obstacle.empty())
        report_.warnings.push_back(contest.name + ": head is not slowed down, " + obstacle);
    }
    show_progress(i);
    if (!options_.metrics.empty()) plan(i);
  }
}

std::vector<std::string> GateRun::flags_of_plan(const std::string& length_flag, const std::string& length,
                                                std::uint64_t repetitions) const {
  std::vector<std::string> flags{length_flag,     length,
                                 "--warmup",      format_duration(options_.warmup_ns),
                                 "--repetitions", std::to_string(repetitions),
                                 "--seed",        std::to_string(options_.seed),
                                 "--timeout",     format_duration(options_.timeout_ns)};
  if (!options_.foreign_limit.empty()) flags.insert(flags.end(), {"--foreign-limit", options_.foreign_limit});
  return flags;
}

// The base is tried once: how many operations does it do in the time of a block? From then on both sides do as many.
void GateRun::plan(std::size_t index) {
  const Contest& contest = options_.contests[index];
  const std::string name = BlockRunner::file_name(contest.name);
  const PlannedContest probe =
      runner_.planned(programs_->base(), contest, name + "-probe.csv",
                      flags_of_plan("--duration", format_duration(options_.block_ns), 1));
  const Arm prober{"probe", "--base", programs_->base().layouts};
  const Block block = runner_.run(prober, probe, {});
  const double operations = block.row.achieved_ops_s * 1e-9 * static_cast<double>(options_.block_ns);
  std::vector<std::string> flags = flags_of_plan("--ops", std::to_string(rounded(operations)), kEqualRows);
  planned_.push_back(runner_.planned(programs_->base(), contest, name + ".csv", flags));
  of_head_.push_back(planned_.back());
  if (!options_.injection.any() || !obstacle_of(options_.injection, contest).empty()) return;
  // What one operation takes one driver, receives and all: processor time, as the other work is, for the clock also counts while
  // other programs run.
  injected_[index] = flags_of(options_.injection, 1e9 * value_of(block.row, "cpu_per_op").value_or(0));
  flags.insert(flags.end(), injected_[index].begin(), injected_[index].end());
  of_head_.back() = runner_.planned(programs_->base(), contest, name + "-slowed.csv", flags);
}

void GateRun::measure() {
  workloads::RandomStream random(options_.seed, workloads::Purpose::plan);
  for (auto orders = round_of(gate_.orders()); !orders.empty(); orders = round_of(gate_.orders())) {
    shuffle(orders, random);
    for (const reports::PairOrder& order : orders) {
      take_time();
      if (interrupt_.signal() != 0 || report_.repeats.too_many()) return;
      // A look at an earlier scenario, or the end of the time, may have changed what is wanted.
      const auto wanted = gate_.orders();
      const bool still = std::any_of(wanted.begin(), wanted.end(), [&](const reports::PairOrder& each) {
        return each.scenario == order.scenario && each.phase == order.phase;
      });
      if (!still) continue;
      measure_order(order);
      if (pairs_ % kControlEvery == kControlEvery - 1) measure_control();
    }
  }
}

void GateRun::take_time() {
  if (Steady::now() < deadline_) return;
  gate_.end();
  const double more_ns = ended_ ? 0 : kConfirmShare * static_cast<double>(options_.budget_ns);
  deadline_ = Steady::now() + std::chrono::nanoseconds(static_cast<std::int64_t>(more_ns));
  ended_ = true;
}

void GateRun::measure_order(const reports::PairOrder& order) {
  const PairUse use = order.phase == GatePhase::search ? PairUse::search : PairUse::confirm;
  const MeasuredPair pair = measure_pair(order.scenario, use, programs_->head());
  if (interrupt_.signal() != 0 || pair.disturbed) return;
  for (const Block* block : {&pair.base, &pair.head}) {
    const reports::Status status = block->row.status;
    if (status == reports::Status::ok || status == reports::Status::saturated) continue;
    gate_.withdraw(order.scenario, Verdict::undecided,
                   "a block is " + std::string(to_string(status)) + ": raise --block");
    return;
  }
  base_rows_[order.scenario].push_back(pair.base.row);
  head_rows_[order.scenario].push_back(pair.head.row);
  gate_.add(order.scenario, order.phase, values_of(pair.base.row), values_of(pair.head.row));
}

void GateRun::measure_control() {
  const MeasuredPair pair =
      measure_pair(control_turn_++ % planned_.size(), PairUse::control, programs_->control());
  if (interrupt_.signal() == 0 && !pair.disturbed)
    control_.add(values_of(pair.base.row), values_of(pair.head.row));
}

MeasuredPair GateRun::measure_pair(std::size_t contest, PairUse use, const Arm& head) {
  const auto begin = Steady::now();
  const PlannedContest& planned = planned_[contest];
  show_progress(contest);
  MeasuredPair pair{.number = ++pairs_, .scenario = planned.contest.name, .use = use};
  // A stream for each pair, and not one for all: what is drawn for it does not depend on how the looks went.
  workloads::RandomStream random(options_.seed, workloads::Purpose::plan, pair.number);
  const auto choices_of = [&](const Arm& arm, const std::vector<int>& cpus) {
    return Choices{.layouts = layouts_of(arm.layouts.size(), use == PairUse::confirm),
                   .plan_rows = planned.rows.size(),
                   .cpus = cpus};
  };
  const std::vector<int> cpus = draw_cpus(random, cpus_, planned.contest.processors());
  const Surroundings of_base = draw_surroundings(random, choices_of(programs_->base(), cpus));
  const Surroundings of_head = draw_surroundings(random, choices_of(head, cpus));
  pair.base_first = random.below(2) == 0;
  // Both sides alike, for what is compared is noted while the block is timed.
  const bool is_first = use == PairUse::search && head_rows_[contest].empty();
  const BlockChecks checks = is_first || !can_check_less_ ? BlockChecks::all : BlockChecks::few;
  for (const bool base : {pair.base_first, !pair.base_first}) {
    if (base)
      pair.base = runner_.run(programs_->base(), planned, of_base, checks);
    else
      pair.head = runner_.run(head, use == PairUse::control ? planned : of_head_[contest], of_head, checks);
  }
  if (pair.base.row.trace_hash != pair.head.row.trace_hash) {
    throw GateStop(6, planned.contest.name + ": base and head make different traces of the same plan, " +
                          pair.base.row.trace_hash + " and " + pair.head.row.trace_hash);
  }
  pair.disturbed = is_disturbed(pair.base.row, pair.head.row);
  report_.repeats.note(pair.disturbed);
  file_->add(pair);
  report_.contests[contest].seconds += std::chrono::duration<double>(Steady::now() - begin).count();
  return pair;
}

GateRun::Values GateRun::values_of(const reports::RunRow& row) const {
  Values values;
  for (const reports::GateMetric& metric : options_.metrics) values.push_back(value_of(row, metric.name));
  return values;
}

void GateRun::count_instructions() {
  for (std::size_t i = 0; i < report_.contests.size() && interrupt_.signal() == 0; ++i) {
    ContestReport& contest = report_.contests[i];
    if (!contest.contest.is_solo()) {
      if (options_.metrics.empty())
        report_.warnings.push_back(
            contest.contest.name +
            ": not judged; instructions are counted for one driver on the direct path");
      continue;
    }
    show_progress(i);
    try {
      count_instructions_of(contest);
    } catch (const GateStop& stop) {
      // Beside other metrics they are a help; judged, they are what was asked for. (That a program does not bear valgrind is no fault of
      // it.)
      if (options_.exact || stop.code() == kExitBroken || stop.code() == kExitOutput) throw;
      report_.warnings.push_back(std::string("instructions were not counted: ") + stop.what());
    }
  }
}

void GateRun::count_instructions_of(ContestReport& contest) {
  const auto begin = Steady::now();
  // Work by the clock would be another amount of it under valgrind.
  const std::vector<std::string> head_flags = counted_flags_of(options_.injection, contest.contest);
  InstructionCounter counter(options_.out, runner_, options_.seed);
  contest.instructions = counter.count(programs_->base(), programs_->head(), contest.contest, head_flags);
  if (options_.metrics.empty()) {
    contest.seconds = std::chrono::duration<double>(Steady::now() - begin).count();
    injected_[static_cast<std::size_t>(&contest - report_.contests.data())] = head_flags;
  }
}

void GateRun::count_operations() {
  OperationCounter counter(runner_, options_.seed);
  for (ContestReport& contest : report_.contests) {
    if (interrupt_.signal() != 0) return;
    try {
      contest.replayed = counter.count(programs_->base(), programs_->head(), contest.contest,
                                       counted_flags_of(options_.injection, contest.contest));
    } catch (const GateStop& stop) {
      // An older program has no counts; but none crashes, hangs or answers wrongly where it is asked for them.
      if (stop.code() == kExitBroken || stop.code() == kExitOutput || stop.code() == kExitCrashed) throw;
      report_.warnings.push_back(std::string("operations were not counted: ") + stop.what());
      return;  // as it will be for the others
    }
  }
}

void GateRun::conclude() {
  report_.seconds = seconds();
  const bool timed = !options_.metrics.empty();
  if (report_.stopped.empty() && timed) report_.rows = gate_.rows();
  if (timed) report_.control = control_.result(options_.seed);
  for (std::size_t i = 0; i < report_.contests.size(); ++i) {
    ContestReport& contest = report_.contests[i];
    contest.counts = op_counts(base_rows_[i], head_rows_[i]);
    if (injected_[i].empty()) continue;
    contest.injection = cost_of(injected_[i], base_rows_[i], head_rows_[i]);
    report_.warnings.push_back(contest.contest.name + ": " + cost_words(*contest.injection));
  }
  if (!report_.stopped.empty()) return;
  apply_control(report_);
  if (options_.exact) add_instruction_rows(report_, *options_.exact);
  apply_waivers(report_, options_.waivers);
  if (!options_.exact) apply_instructions(report_, options_.instruction_margin);
  apply_counts(report_);
}

double GateRun::seconds() const {
  return std::chrono::duration<double>(Steady::now() - begin_).count();
}

void GateRun::show_progress(std::size_t contest) {
  ProgressState state;
  state.done = pairs_;
  state.total = options_.pairs * options_.contests.size();
  state.elapsed_ns = static_cast<std::uint64_t>(seconds() * 1e9);
  state.share = std::min(1.0, seconds() * 1e9 / static_cast<double>(options_.budget_ns));
  state.what = options_.contests[contest].name;
  progress_.show(state);
}

}  // namespace crosstalk::harness::gate
