#include "harness/campaign.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>
#include <stdexcept>

#include "harness/flags.h"
#include "harness/hardware_counters.h"
#include "harness/plug_in_check.h"
#include "harness/printable.h"
#include "reports/environment.h"

namespace crosstalk::harness {

namespace {

using Steady = std::chrono::steady_clock;

std::uint64_t ns_since(Steady::time_point begin) {
  return static_cast<std::uint64_t>((Steady::now() - begin).count());
}

// How much of a trial is over; 0 where nobody knows how long it takes.
double trial_share(const PlanRow& row, Steady::time_point begin) {
  constexpr double kMost = 0.95;  // draining and checking come last
  if (row.duration_ns == 0) return 0;
  const auto planned_ns = static_cast<double>(row.warmup_ns + row.duration_ns);
  return std::min(kMost, static_cast<double>(ns_since(begin)) / planned_ns);
}

std::string_view name_of(Phase phase) {
  constexpr std::string_view kNames[] = {"prefill", "warm-up", "measure", "drain", "check", "check"};
  return kNames[static_cast<std::size_t>(phase)];
}

// What can be seen of the trial at hand: its phase, the rate of the last slices, p99 so far.
void note_live(ProgressState& state, const TrialReport& report) {
  constexpr std::size_t kRecent = 8;
  // relaxed: a hint for people.
  state.phase = name_of(report.phase.load(std::memory_order_relaxed));
  const std::size_t slices = report.live.count(true);
  if (slices == 0) return;
  const std::size_t recent = std::min(slices, kRecent);
  std::uint64_t completed = 0;
  for (std::size_t i = slices - recent; i < slices; ++i) completed += report.live.slice(true, i).completed;
  state.rate_ops_s = static_cast<double>(completed) * 1e9 /
                     static_cast<double>(recent * std::max<std::uint64_t>(report.interval_ns, 1));
  if (report.live.p99_ns() != LiveSlice::kNone) state.p99_ns = report.live.p99_ns();
}

std::string new_run_id() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
  return std::string(stamp) + "-" + std::to_string(getpid());
}

}  // namespace

void require_fit_build() {
  const reports::BuildFacts& build = reports::build_facts();
  if (build.fit) return;
  throw UnfitBuild(
      "this is a " + build.build_type +
      " build, whose timings mean nothing; results are only written by an optimised one without assertions "
      "and sanitizers (cmake --preset bench)");
}

Campaign::Campaign(const Catalog& catalog, CampaignOptions options, Streams streams)
    : catalog_(catalog),
      options_(std::move(options)),
      streams_(streams),
      run_id_(new_run_id()),
      writer_(options_.out),
      session_(catalog, run_id_, interrupt_, options_.out, calibration_, options_.reference_ops),
      thresholds_(options_.thresholds) {
  if (!options_.live.empty()) live_.emplace(options_.live);
  reports::Facts facts = reports::machine_facts();
  facts.emplace_back("command", options_.command);
  if (calibration_) {
    for (auto& fact : calibration_facts(*calibration_)) facts.push_back(std::move(fact));
  }
  const HardwareCounters counters;
  facts.emplace_back("hardware_counters", counters.why_not().empty() ? "available" : counters.why_not());
  writer_.write_environment(facts);
}

void Campaign::run(const Plan& plan, const std::function<bool()>& go_on) {
  // Every trace that the first block needs is made ahead, so that a file that cannot be used is known at once.
  for (const PlanRow& row : plan) {
    if (row.block == plan.front().block) session_.prepare(row);
  }
  Progress progress(streams_.err, options_.progress);
  ProgressState state;
  state.total = plan.size();
  const auto begin = Steady::now();
  std::uint64_t block = plan.empty() ? 0 : plan.front().block;
  for (const PlanRow& row : plan) {
    if (interrupted() || (row.block != block && go_on && !go_on())) break;
    block = row.block;
    state.what = row.strategy;
    const auto trial_begin = Steady::now();
    const auto draw = [&] {
      state.share = (static_cast<double>(state.done) + trial_share(row, trial_begin)) /
                    static_cast<double>(state.total);
      state.elapsed_ns = ns_since(begin);
      progress.show(state);
    };
    draw();
    if (live_) live_->begin(run_id_, row.row, row.load != LoadModel::closed);
    Session::Watch watch;
    if (options_.progress.visible || live_) {
      watch = [&](const TrialReport& report) {
        if (live_) live_->follow(report);
        note_live(state, report);
        draw();
      };
    }
    reports::RunResult result = session_.run(row, watch);
    mark_unchecked(row, result);
    state.phase = {};
    state.rate_ops_s.reset();
    state.p99_ns.reset();
    writer_.write(result);
    if (live_) live_->finish(result);
    summary_.add(result);
    anatomy_.add(result);
    counts_.add(result);
    thresholds_.add(result);
    if (options_.observer) options_.observer(result);
    progress.clear();
    report_at_once(result);
    warn_of_live();
    ++state.done;
  }
}

// The laws see what went wrong in this trial, and a broken lock may be lucky: a row that claims more would be a lie.
void Campaign::mark_unchecked(const PlanRow& row, reports::RunResult& result) const {
  if (options_.plug_ins_checked || !result.verified.value_or(false) || !needs_check(catalog_, row)) return;
  result.verified.reset();
  if (result.status_reason.empty()) result.status_reason = "contract not checked (--no-check)";
}

// What makes a run worthless should be seen before it has taken its time.
void Campaign::report_at_once(const reports::RunResult& result) {
  const bool wrong = !result.verified.value_or(true);
  if (options_.quiet || (!wrong && result.status != reports::Status::failed)) return;
  streams_.err << "crosstalk: trial " << result.identity.trial << ", " << result.identity.strategy << ": "
               << (wrong ? "NOT VERIFIED: " : "failed: ") << result.status_reason << std::endl;
}

// Once: the run goes on without it.
void Campaign::warn_of_live() {
  if (!live_failed() || live_was_told_) return;
  live_was_told_ = true;
  streams_.err << wrapped("warning: --live: " + printable(live_->failure()) +
                              "; nothing more is written there. The results folder is not affected.",
                          2)
               << std::endl;
}

int Campaign::exit_code() const {
  if (interrupt_.signal() != 0) return 128 + interrupt_.signal();
  if (live_failed()) return 7;
  const int found = summary_.exit_code();
  return found == 0 && thresholds_.crossed() ? 1 : found;
}

void print_summary(const Summary& summary, Format format, const std::filesystem::path& out, Streams streams) {
  const bool for_people = format == Format::table || format == Format::markdown;
  if (!for_people) print_table(streams.out, summary.table(), format);
  for (const Summary::Section& section : summary.sections()) {
    if (!for_people) break;
    streams.out << section.title << "\n\n";
    print_table(streams.out, section.table, format);
    streams.out << '\n';
  }
  std::ostream& findings = for_people ? streams.out : streams.err;
  for (const std::string& finding : summary.findings()) findings << wrapped(finding, 2) << '\n';
  streams.out.flush();
  for (const std::string& warning : summary.warnings())
    streams.err << wrapped("warning: " + warning, 2) << '\n';
  streams.err << "results: " << out.string() << std::endl;
}

}  // namespace crosstalk::harness
