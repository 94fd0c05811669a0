#include "harness/trial.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/check_cost.h"
#include "harness/client_book.h"
#include "harness/count/counted_replay.h"
#include "harness/fairness.h"
#include "harness/journal.h"
#include "harness/late_sink.h"
#include "harness/laws.h"
#include "harness/live_probe.h"
#include "harness/live_sampler.h"
#include "harness/lock_times.h"
#include "harness/placement.h"
#include "harness/pooled_path.h"
#include "harness/post_marks.h"
#include "harness/recorder.h"
#include "harness/recorders.h"
#include "harness/resources.h"
#include "harness/server_under_test.h"
#include "harness/start_line.h"
#include "harness/trial_input.h"
#include "harness/trial_meter.h"
#include "harness/trial_report.h"
#include "harness/trial_services.h"
#include "harness/warm_up.h"

namespace crosstalk::harness {

namespace {

class Trial {
 public:
  Trial(const ServerKind& kind, const TrialInput& input, TrialReport& report)
      : kind_(kind),
        input_(input),
        report_(report),
        timed_(input.options.latency),
        drivers_(static_cast<unsigned>(input.drivers->size())),
        pooled_(input.options.path == Path::pooled),
        alone_(drivers_ == 1 && !pooled_ && !deferred()),
        book_(books() ? input.trace->clients : 0, alone_),
        journal_(alone_ && books() ? input.options.checkpoint_limit : 0),
        flows_(drivers_),
        lock_maxima_(drivers_),
        contention_(drivers_),
        tallies_(input.trace->clients),
        recorders_(make_recorders(input, tallies_, timed_)),
        pad_(std::malloc(input.options.heap_pad_bytes + 1), &std::free),
        late_(input.clock),
        news_(input.clock.to_ticks(static_cast<double>(input.options.duration_ns))) {
    LiveProbe::measure(timed_ && input.options.anatomy ? &input.clock : nullptr);
    if (LiveProbe::measures()) report.section_cost_ticks = section_cost_ticks(input.clock);
    before_server_ = rss_bytes();
    services_.emplace(kind.composed ? input : without_services(input));
    CallSetting calls{.deferred = deferred()};
    if (calls.deferred || services_->has_store()) calls.late = &late_;
    server_ = kind.make(server_options(),
                        {.clock = input.clock,
                         .checks = input.options.checks,
                         .calls = calls,
                         .book = books() ? &book_ : nullptr,
                         .journal = alone_ ? &journal_ : nullptr,
                         .marks = timed_ && books() ? marks_.get() : nullptr,
                         .recorders = recorders_},
                        timed_);
    report_.counting_only = kind.counting;
  }

  void run() {
    enter(Phase::prefill);
    const std::uint64_t begin = input_.clock.now();
    prefill();
    report_.setup_ns = input_.clock.to_ns(input_.clock.now() - begin);
    if (timed_ && pooled_) {
      path_ = std::make_unique<PooledPath>(input_, *server_, recorders_, *services_, news_);
    }
    measure();
    collect();
    enter(Phase::check);
    check();
    enter(Phase::done);
  }

 private:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;

  [[nodiscard]] bool books() const noexcept {
    return !kind_.counting && input_.options.checks != Checks::off;
  }

  void enter(Phase phase) {
    // relaxed: read by the parent after this process has ended, or as a hint about one that hangs.
    report_.phase.store(phase, std::memory_order_relaxed);
    if (input_.on_phase != nullptr) input_.on_phase(phase);
  }

  [[nodiscard]] bool deferred() const noexcept {
    return kind_.composed && input_.options.dispatch != pool::Dispatch::inlined;
  }

  [[nodiscard]] pool::ServerOptions server_options() const {
    pool::ServerOptions options;
    options.clients = std::max(1U, input_.trace->clients);
    options.rooms = std::max(1U, input_.trace->rooms);
    options.counter = input_.options.counter;
    services_->lend(options);
    return options;
  }

  // Of all recorders, those that operations are recorded in come first: drivers of the pooled path only count what they
  // offer, unless they run requests themselves.
  [[nodiscard]] std::size_t recording_threads() const noexcept {
    const bool workers = pooled_ && input_.options.queue_policy != pool::QueuePolicy::caller_runs;
    return workers ? input_.options.workers : recorders_.size();
  }

  void prefill() {
    const auto ask = [&](const Op& op) { prefill_refused_ += server_->issue(0, op).error ? 1 : 0; };
    for (const std::uint32_t client : input_.trace->connected) ask({.client = client, .kind = Kind::connect});
    for (const workloads::Membership& member : input_.trace->members)
      ask({.client = member.client, .room = member.room, .kind = Kind::join});
  }

  void measure() {
    StartLine line(drivers_);
    std::optional<LiveSampler> sampler;  // made first: where threads are short, no driver waits yet
    if (input_.options.live) sampler.emplace(recorders_, recording_threads(), report_);
    std::vector<std::thread> threads;
    std::vector<std::uint64_t> ends(drivers_);
    try {
      for (unsigned i = 0; i < drivers_; ++i) threads.emplace_back([&, i] { drive(i, line, ends[i]); });
    } catch (const std::system_error&) {
      line.call_off();  // the machine has no more threads; those that wait must not
      for (std::thread& thread : threads) thread.join();
      throw;
    }
    line.wait_until_ready();
    window_ = make_window(input_.options, input_.clock);
    start_recorders(recorders_, input_, window_, report_);
    late_.start(window_, news_);
    if (path_) path_->start(window_);
    meter_.prepare();
    enter(input_.options.warmup_ns > 0 ? Phase::warmup : Phase::measure);
    line.go();
    const WarmUp watched{input_, recorders_, line, news_};
    const Window window = warm_up(watched, window_, meter_, report_);
    if (input_.options.warmup_ns > 0) enter(Phase::measure);
    meter_.begin();
    if (sampler) sampler->begin();
    line.wait_until_done();
    meter_.end(report_);
    sampler.reset();
    for (std::thread& thread : threads) thread.join();
    line.rethrow();
    enter(Phase::drain);
    meter_.note_others(report_);
    note_length(watched, window, ends, timed_, report_);
    if (path_) path_->shutdown(report_);
    for (const FlowReport& flows : flows_) report_.flows += flows;
    for (const LockMaxima& maxima : lock_maxima_) report_.locks.raise_to(maxima);
    for (const LockContention& contention : contention_) report_.contention += contention;
    server_->settle();
  }

  void drive(unsigned index, StartLine& line, std::uint64_t& end) {
    line.run(
        [&] {
          if (index < input_.driver_cpus.size()) pin_this_thread(input_.driver_cpus[index]);
          sharpen_timers();
        },
        [&] {
          end = path_ ? path_->drive(index, window_)
                      : server_->drive({.input = input_,
                                        .index = index,
                                        .services = *services_,
                                        .recorder = *recorders_[index],
                                        .news = news_,
                                        .journal = alone_ && journal_.open() ? &journal_ : nullptr,
                                        .report = report_,
                                        .window = window_,
                                        .flows = flows_[index],
                                        .maxima = lock_maxima_[index]});
          if (!path_) recorders_[index]->finish();
          const LockTimes& times = LockTimes::mine();
          contention_[index] = {times.totals().sections, times.contended()};
        });
  }

  void collect() {
    report_.rss_max_bytes -= std::min(report_.rss_max_bytes, before_server_);
    for (const auto& recorder : recorders_) recorder->merge_into(report_);
    late_.merge_into(report_);
    const Fairness fairness = fairness_of(tallies_, drivers_, input_.options.open_loop);
    report_.client_curve = fairness.curve;
    report_.jain_clients = fairness.clients;
    report_.jain_threads = fairness.drivers;
  }

  void check() {
    if (!kind_.counting && !books()) return;
    LawCounts& counts = report_.laws;
    if (books()) close_books();
    counts.prefill_refused = prefill_refused_;
    for (std::size_t place = 0; place < recorders_.size(); ++place) counts.add(server_->counts(place));
    server_->sum_up(counts);
    if (books() && services_->has_store()) compare_with_store();
    const bool threads = deferred() && input_.options.dispatch == pool::Dispatch::thread;
    const std::string broken = broken_law(counts, {.counting_only = kind_.counting,
                                                   .pooled = pooled_,
                                                   .stored = services_->has_store(),
                                                   .ordered = !threads,
                                                   .may_drop = false});
    std::strncpy(counts.broken.data(), broken.c_str(), counts.broken.size() - 1);
  }

  // Empties every inbox and closes the books. Nobody else calls the server any more.
  void close_books() {
    for (std::uint32_t client = 0; client < input_.trace->clients; ++client) {
      while (server_->receive(0, client, 0).recipients > 0) {
      }
      book_.finish(
          client, [&](std::uint32_t room) { return server_->sequence(room); }, server_->counts(0));
    }
  }

  // What the store acknowledged, and whether each room's last post in it is the server's.
  void compare_with_store() {
    LawCounts& counts = report_.laws;
    counts.stored = late_.stored();
    counts.not_stored = late_.not_stored();
    counts.files_kept = services_->files_kept();
    for (std::uint32_t room = 0; room < input_.trace->rooms; ++room) {
      const std::uint64_t last = server_->sequence(room);
      if (last > 0 && services_->last_stored(room) != last) ++counts.stored_otherwise;
    }
  }

  TrialMeter meter_;  // counts the threads that are made from here on
  const ServerKind& kind_;
  const TrialInput& input_;
  TrialReport& report_;
  bool timed_;
  unsigned drivers_;
  bool pooled_;
  bool alone_;
  ClientBook book_;
  Journal journal_;
  std::vector<FlowReport> flows_;           // direct path: of each driver
  std::vector<LockMaxima> lock_maxima_;     // the same
  std::vector<LockContention> contention_;  // the same
  std::vector<ClientTally> tallies_;
  std::vector<std::unique_ptr<Recorder>> recorders_;
  std::unique_ptr<void, void (*)(void*)> pad_;
  std::uint64_t before_server_ = 0;
  std::uint64_t prefill_refused_ = 0;
  std::unique_ptr<PostMarks> marks_ = std::make_unique<PostMarks>();
  LateSink late_;
  WindowSwitch news_;
  std::optional<TrialServices> services_;  // outlives the server
  std::unique_ptr<ServerUnderTest> server_;
  std::unique_ptr<PooledPath> path_;
  Window window_;
};

}  // namespace

void run_trial_of(const ServerKind& kind, const TrialInput& input, TrialReport& report) {
  if (input.options.check_cost) {
    report.check_cost = measure_check_cost(kind, input);
  } else if (input.options.count) {
    report.counts = count::count_operations(kind, input);
  } else {
    Trial(kind, input, report).run();
  }
}

}  // namespace crosstalk::harness
