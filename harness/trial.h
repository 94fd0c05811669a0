// One trial of one server: prefill, barrier, warm-up, measure, drain, check. A template over the server, so that the
// timed loop calls it directly.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/direct_driver.h"
#include "harness/fairness.h"
#include "harness/issuer.h"
#include "harness/laws.h"
#include "harness/placement.h"
#include "harness/pooled_path.h"
#include "harness/recorder.h"
#include "harness/recorders.h"
#include "harness/resources.h"
#include "harness/server_sums.h"
#include "harness/start_line.h"
#include "harness/trial_input.h"
#include "harness/trial_meter.h"
#include "harness/trial_report.h"
#include "harness/trial_services.h"
#include "harness/warm_up.h"

namespace crosstalk::harness {

template <pool::ChatOperations S, bool timed>
class Trial {
 public:
  Trial(const TrialInput& input, TrialReport& report)
      : input_(input),
        report_(report),
        drivers_(static_cast<unsigned>(input.drivers->size())),
        pooled_(input.options.path == Path::pooled),
        alone_(drivers_ == 1 && !pooled_ && !deferred(input)),
        book_(books() ? input.trace->clients : 0, alone_),
        journal_(alone_ && books() ? input.options.checkpoint_limit : 0),
        flows_(drivers_),
        lock_maxima_(drivers_),
        tallies_(input.trace->clients),
        recorders_(make_recorders(input, tallies_, timed)),
        pad_(std::malloc(input.options.heap_pad_bytes + 1), &std::free),
        late_(input.clock),
        news_(input.clock.to_ticks(static_cast<double>(input.options.duration_ns))) {
    LiveProbe::measure(timed && input.options.anatomy ? &input.clock : nullptr);
    if (LiveProbe::measures()) report.section_cost_ticks = section_cost_ticks(input.clock);
    before_server_ = rss_bytes();
    services_.emplace(kComposed ? input : without_services(input));
    server_.emplace(server_options());
    CallSetting setting{.deferred = deferred(input)};
    if (setting.deferred || services_->has_store()) setting.late = &late_;
    for (std::size_t i = 0; i < recorders_.size(); ++i) {
      issuers_.push_back(std::make_unique<Issuer<S, timed>>(*server_, input_.clock, input_.options.checks,
                                                            setting, books() ? &book_ : nullptr,
                                                            alone_ ? &journal_ : nullptr));
      if (timed && books()) issuers_.back()->mark_posts(*marks_, *recorders_[i]);
    }
    report_.counting_only = pool::CountingServer<S>;
  }

  void run() {
    enter(Phase::prefill);
    const std::uint64_t begin = input_.clock.now();
    prefill();
    report_.setup_ns = input_.clock.to_ns(input_.clock.now() - begin);
    if constexpr (timed) {
      if (pooled_) path_ = std::make_unique<PooledPath<S>>(input_, issuers_, recorders_, *services_, news_);
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
    return !pool::CountingServer<S> && input_.options.checks != Checks::off;
  }

  void enter(Phase phase) {
    // relaxed: read by the parent after this process has ended, or as a hint about one that hangs.
    report_.phase.store(phase, std::memory_order_relaxed);
    if (input_.on_phase != nullptr) input_.on_phase(phase);
  }

  static constexpr bool kComposed = pool::ComposedServer<S>;

  [[nodiscard]] static bool deferred(const TrialInput& input) noexcept {
    return kComposed && input.options.dispatch != pool::Dispatch::inlined;
  }

  [[nodiscard]] pool::ServerOptions server_options() const {
    pool::ServerOptions options;
    options.clients = std::max(1U, input_.trace->clients);
    options.rooms = std::max(1U, input_.trace->rooms);
    options.counter = input_.options.counter;
    services_->lend(options);
    return options;
  }

  void prefill() {
    Issuer<S, timed>& issuer = *issuers_.front();
    for (const std::uint32_t client : input_.trace->connected)
      issuer.issue({.client = client, .kind = Kind::connect});
    for (const workloads::Membership& member : input_.trace->members) {
      issuer.issue({.client = member.client, .room = member.room, .kind = Kind::join});
    }
  }

  void measure() {
    StartLine line(drivers_);
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
    if constexpr (timed) {
      if (path_) path_->start(window_);
    }
    meter_.prepare();
    enter(input_.options.warmup_ns > 0 ? Phase::warmup : Phase::measure);
    line.go();
    const Window window = warm_up({input_, recorders_, line, news_}, window_, meter_, report_);
    if (input_.options.warmup_ns > 0) enter(Phase::measure);
    meter_.begin();
    line.wait_until_done();
    meter_.end(report_);
    for (std::thread& thread : threads) thread.join();
    line.rethrow();
    enter(Phase::drain);
    meter_.note_others(report_);
    note_length(input_, window, *std::max_element(ends.begin(), ends.end()), timed, report_);
    if constexpr (timed) {
      if (path_) path_->shutdown(report_);
    }
    for (const FlowReport& flows : flows_) report_.flows += flows;
    for (const LockMaxima& maxima : lock_maxima_) report_.locks.raise_to(maxima);
    if constexpr (kComposed) server_->settle();
  }

  void drive(unsigned index, StartLine& line, std::uint64_t& end) {
    line.run(
        [&] {
          if (index < input_.driver_cpus.size()) pin_this_thread(input_.driver_cpus[index]);
          sharpen_timers();
        },
        [&] {
          if constexpr (timed) {
            if (path_) {
              end = path_->drive(index, window_);
              return;
            }
          }
          DirectDriver<S, timed> driver(input_, index, *issuers_[index], *services_, *recorders_[index],
                                        news_, alone_ && journal_.open() ? &journal_ : nullptr, report_);
          end = driver.run(window_);
          flows_[index] = driver.records().flows();
          driver.records().merge_into(lock_maxima_[index]);
        });
  }

  void collect() {
    report_.rss_max_bytes -= std::min(report_.rss_max_bytes, before_server_);
    for (const auto& recorder : recorders_) recorder->merge_into(report_);
    late_.merge_into(report_);
    const Fairness fairness = fairness_of(tallies_, drivers_, input_.options.open_loop);
    report_.jain_clients = fairness.clients;
    report_.jain_threads = fairness.drivers;
  }

  void check() {
    LawCounts& counts = report_.laws;
    if constexpr (pool::CountingServer<S>) {
      for (const auto& issuer : issuers_) counts.add(issuer->counts());
      counts.counted = server_->counted();
    } else {
      if (!books()) return;
      close_books(*server_, book_, issuers_, input_.trace->clients, counts);
      if (services_->has_store())
        compare_with_store(*server_, *services_, late_, input_.trace->rooms, counts);
    }
    const bool threads = deferred(input_) && input_.options.dispatch == pool::Dispatch::thread;
    const std::string broken = broken_law(counts, {.counting_only = pool::CountingServer<S>,
                                                   .pooled = pooled_,
                                                   .stored = services_->has_store(),
                                                   .ordered = !threads,
                                                   .may_drop = false});
    std::strncpy(counts.broken.data(), broken.c_str(), counts.broken.size() - 1);
  }

  TrialMeter meter_;  // counts the threads that are made from here on
  const TrialInput& input_;
  TrialReport& report_;
  unsigned drivers_;
  bool pooled_;
  bool alone_;
  ClientBook book_;
  Journal journal_;
  std::vector<FlowReport> flows_;        // direct path: of each driver
  std::vector<LockMaxima> lock_maxima_;  // the same
  std::vector<ClientTally> tallies_;
  std::vector<std::unique_ptr<Recorder>> recorders_;
  std::unique_ptr<void, void (*)(void*)> pad_;
  std::uint64_t before_server_ = 0;
  std::unique_ptr<PostMarks> marks_ = std::make_unique<PostMarks>();
  LateSink late_;
  WindowSwitch news_;
  std::optional<TrialServices> services_;  // outlives the server
  std::optional<S> server_;
  std::vector<std::unique_ptr<Issuer<S, timed>>> issuers_;  // pooled: the workers', then the drivers'
  std::unique_ptr<PooledPath<S>> path_;
  Window window_;
};

// Runs one trial and fills the report. Throws what the server or the machine throws (std::bad_alloc, no more threads).
template <pool::ChatOperations S>
void run_trial(const TrialInput& input, TrialReport& report) {
  if (input.options.latency) {
    Trial<S, true>(input, report).run();
  } else {
    Trial<S, false>(input, report).run();
  }
}

}  // namespace crosstalk::harness
