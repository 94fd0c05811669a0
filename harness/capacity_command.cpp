#include "harness/capacity_command.h"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/campaign.h"
#include "harness/capacity_findings.h"
#include "harness/capacity_options.h"
#include "harness/display.h"
#include "harness/preliminaries.h"
#include "reports/csv_writer.h"
#include "workloads/random.h"

namespace crosstalk::harness {

namespace {

class CapacityRun {
 public:
  CapacityRun(const Catalog& catalog, const CapacityRequest& request, Streams streams)
      : catalog_(catalog),
        request_(request),
        streams_(streams),
        campaign_(catalog,
                  {.out = request.run.out,
                   .quiet = request.run.quiet,
                   .progress = request.run.progress,
                   .live = request.run.live,
                   .command = request.run.command,
                   .observer = [this](const reports::RunResult& result) { last_ = result; },
                   .plug_ins_checked = request.run.check_plugged_in,
                   .reference_ops = request.run.reference_ops},
                  streams),
        file_(request.run.out / "capacity.csv", capacity_header()) {
    for (const std::string& strategy : request.run.request.strategies) {
      for (const unsigned threads : request.run.request.threads)
        searches_.emplace_back(strategy, threads, request);
    }
    is_told_.resize(searches_.size());
  }

  int run() {
    for (std::uint64_t round = 0; !campaign_.interrupted() && advance(round); ++round) {
    }
    for (std::size_t i = 0; i < searches_.size(); ++i) conclude(i);
    write_plan(request_.run.out / "plan.csv", measured_);
    print();
    return campaign_.interrupted() || campaign_.live_failed() ? campaign_.exit_code()
                                                              : capacity_exit_code(searches_);
  }

 private:
  // One trial of every search that is not over, in an order of its own: what disturbs the machine for a while disturbs
  // all of them. False: all are over.
  bool advance(std::uint64_t round) {
    std::vector<std::size_t> order(searches_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    workloads::RandomStream random(request_.run.request.base.seed, workloads::Purpose::plan, round);
    for (std::size_t left = order.size(); left > 1; --left)
      std::swap(order[left - 1], order[random.below(left)]);
    bool any = false;
    for (const std::size_t i : order) {
      if (campaign_.interrupted()) return false;
      const auto rate = searches_[i].next_rate();
      if (!rate) {
        conclude(i);
        continue;
      }
      any = true;
      measure(searches_[i], *rate, round);
    }
    return any;
  }

  void measure(StrategySearch& search, double rate, std::uint64_t round) {
    PlanRow row = request_.run.request.base;
    row.block = row.repetition = round;
    row.clients = request_.run.request.clients.front();
    row.threads = search.threads();
    row.rate_ops_s = rate;
    row.strategy = search.strategy();
    const Strategy* strategy = catalog_.find(row.strategy);
    row.floor = strategy != nullptr && strategy->floor;
    Plan plan;
    // What the generator itself does at this rate, against which its lateness is judged.
    const bool is_new = floors_.insert({row.threads, rate}).second;
    if (is_new && !row.floor && request_.run.request.with_floor) {
      plan.push_back(row);
      plan.back().floor = true;
      plan.back().strategy = "null/null";
    }
    plan.push_back(row);
    for (PlanRow& each : plan) {
      each.row = measured_.size();
      measured_.push_back(each);
    }
    last_.reset();
    campaign_.run(plan);
    if (!last_ || last_->identity.strategy != search.strategy() ||
        last_->status == reports::Status::interrupted)
      return;
    run_id_ = last_->identity.run_id;
    search.tell(rate, *last_);
    // Maybe it was the floor that was measured in a better moment.
    if (last_->status == reports::Status::generator) floors_.erase({row.threads, rate});
  }

  // Writes and says what was found, once.
  void conclude(std::size_t i) {
    if (is_told_[i]) return;
    is_told_[i] = true;
    const CapacityLine line = searches_[i].line();
    file_.append(capacity_row(line, request_, run_id_));
    if (request_.run.quiet) return;
    streams_.err << line.strategy << ", " << line.threads << (line.threads == 1 ? " driver: " : " drivers: ")
                 << (line.bracket.met_ops_s > 0 ? display_rate(line.bracket.met_ops_s) : "no capacity")
                 << " after " << line.trials << " trials" << std::endl;
  }

  void print() {
    std::vector<CapacityLine> lines;
    for (const StrategySearch& search : searches_) lines.push_back(search.line());
    const Format format = request_.run.format;
    const bool for_people = format == Format::table || format == Format::markdown;
    if (for_people) streams_.out << title() << "\n\n";
    print_table(streams_.out, capacity_table(lines, for_people), format);
    std::ostream& findings = for_people ? streams_.out : streams_.err;
    if (for_people) findings << '\n';
    for (const std::string& remark : capacity_remarks(lines)) {
      if (for_people) findings << wrapped(remark, 2) << '\n';
    }
    if (for_people) findings << '\n';
    for (const std::string& finding : scaling_findings(lines)) findings << wrapped(finding, 2) << '\n';
    streams_.out.flush();
    streams_.err << "results: " << request_.run.out.string() << std::endl;
  }

  [[nodiscard]] std::string title() const {
    std::string text = "largest Poisson rate with";
    for (const reports::Threshold& condition : request_.conditions) text += " " + condition.text;
    return wrapped(text, 2);
  }

  const Catalog& catalog_;
  const CapacityRequest& request_;
  Streams streams_;
  std::optional<reports::RunResult> last_;  // before the campaign, whose observer sets it
  Campaign campaign_;
  reports::CsvFile file_;
  std::vector<StrategySearch> searches_;
  std::vector<bool> is_told_;
  std::set<std::pair<unsigned, double>> floors_;
  Plan measured_;
  std::string run_id_;
};

}  // namespace

int capacity_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                     const Environment& environment, Streams streams) {
  const CapacityRequest request = parse_capacity(catalog, arguments, environment);
  begin_measuring(catalog, request.run, streams);
  return CapacityRun(catalog, request, streams).run();
}

}  // namespace crosstalk::harness
