#include "harness/campaign.h"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <set>
#include <stdexcept>

#include "harness/flags.h"
#include "harness/hardware_counters.h"
#include "reports/environment.h"

namespace crosstalk::harness {

namespace {

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
    : options_(std::move(options)),
      streams_(streams),
      writer_(options_.out),
      session_(catalog, new_run_id(), interrupt_, options_.out, calibration_),
      thresholds_(options_.thresholds) {
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
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t block = plan.empty() ? 0 : plan.front().block;
  for (const PlanRow& row : plan) {
    if (interrupted() || (row.block != block && go_on && !go_on())) break;
    block = row.block;
    state.what = row.strategy;
    state.share = static_cast<double>(state.done) / static_cast<double>(state.total);
    state.elapsed_ns = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - begin).count());
    progress.show(state);
    const reports::RunResult result = session_.run(row);
    writer_.write(result);
    summary_.add(result);
    anatomy_.add(result);
    thresholds_.add(result);
    if (options_.observer) options_.observer(result);
    progress.clear();
    report_at_once(result);
    ++state.done;
  }
}

// What makes a run worthless should be seen before it has taken its time.
void Campaign::report_at_once(const reports::RunResult& result) {
  const bool wrong = !result.verified.value_or(true);
  if (options_.quiet || (!wrong && result.status != reports::Status::failed)) return;
  streams_.err << "crosstalk: trial " << result.identity.trial << ", " << result.identity.strategy << ": "
               << (wrong ? "NOT VERIFIED: " : "failed: ") << result.status_reason << std::endl;
}

int Campaign::exit_code() const {
  if (interrupt_.signal() != 0) return 128 + interrupt_.signal();
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
