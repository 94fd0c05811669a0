// What one thread measures, in memory taken before the start. Recording neither allocates nor locks. Merged into the
// trial's report after the threads have been joined.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/clock.h"
#include "harness/issued.h"
#include "harness/lock_times.h"
#include "harness/trial_report.h"
#include "harness/window.h"
#include "pool/cache_line.h"
#include "workloads/op.h"

namespace crosstalk::harness {

// Which slice of a phase an instant falls into. Time runs forward, so it is found without a division.
class SliceClock {
 public:
  explicit SliceClock(std::size_t slices) noexcept : slices_(slices) {}

  void start(std::uint64_t now, std::uint64_t length) noexcept {
    length_ = std::max<std::uint64_t>(length, 1);
    end_ = now + length_;
  }
  std::size_t at(std::uint64_t now) noexcept {
    while (now >= end_ && index_ + 1 < slices_) {
      ++index_;
      end_ += length_;
      // release: pairs with the acquire in closed(); what was written to the slices before is seen with it.
      closed_.store(index_, std::memory_order_release);
    }
    return index_;
  }
  // Slices that the thread whose clock this is does not touch again. Any thread.
  [[nodiscard]] std::size_t closed() const noexcept {
    // acquire: pairs with the release in at() and close_all().
    return closed_.load(std::memory_order_acquire);
  }
  // It touches none again.
  void close_all() noexcept {
    // release: as in at().
    closed_.store(slices_, std::memory_order_release);
  }

 private:
  std::size_t slices_;
  std::size_t index_ = 0;
  std::uint64_t length_ = 1;
  std::uint64_t end_ = 0;
  std::atomic<std::size_t> closed_{0};
};

// One operation as it was measured; instants in ticks of the trial's clock.
struct Sample {
  workloads::OpKind kind{};
  std::uint32_t client = 0;
  std::uint64_t intended = 0;  // closed loop: equal to `started`
  std::uint64_t started = 0;   // pooled: handed to the pool
  std::uint64_t ended = 0;
  std::uint64_t lateness = 0;  // of the generator
  bool error = false;
};

// What one client got; each number is written by one thread at a time, as all that belongs to a client. Two numbers, since
// there may be millions of clients.
struct ClientTally {
  std::uint64_t completed = 0;
  std::uint64_t sum = 0;  // closed loop: of responses, in ns; open loop: of operations that were offered
};

class alignas(pool::kCacheLine) Recorder {
 public:
  using Kind = workloads::OpKind;

  // `kinds`: those that may be recorded. `slices` of each phase, at most kIntervals. `closed`: record_service() will
  // be used, else record().
  Recorder(const Clock& clock, const std::array<bool, workloads::kOpKindCount>& kinds, std::size_t slices,
           std::span<ClientTally> tallies, bool closed = true);

  void start(const Window& window, std::uint64_t warmup_interval, std::uint64_t interval) noexcept;
  // Of an open loop: record() leaves the tallies' sums to offered(). Before the first operation.
  void open_loop() noexcept { sums_responses_ = false; }

  // It is known when the measured phase begins; before that.
  void adopt(const Window& window) noexcept {
    window_ = window;
    measure_clock_.start(window.measure, interval_ticks_);
  }
  // Operations completed during the warm-up so far. Any thread.
  // relaxed: a statistic, read while it changes.
  [[nodiscard]] std::uint64_t progress() const noexcept { return progress_.load(std::memory_order_relaxed); }

  // Closed loop, direct: response = service. One histogram a kind and slice, so that an operation is recorded once.
  // Always inlined: a sample built in memory just to be read again costs some nanoseconds.
  [[gnu::always_inline]] void record_service(const Sample& sample) noexcept {
    if (sample.ended >= window_.end) return;
    const std::uint64_t service_ns = clock_.to_ns(sample.ended - sample.started);
    if (sample.started < window_.measure) {
      if (sample.kind != Kind::receive && sample.ended < window_.measure) {
        warmup_[warmup_clock_.at(sample.ended)].response.record(service_ns);
        note_progress();
      }
      return;
    }
    const std::size_t place = place_[static_cast<std::size_t>(sample.kind)];
    closed_[measure_clock_.at(sample.ended) * kinds_.size() + place].record(service_ns);
    if (sample.error) ++kinds_[place].errors;
    note_end(sample, service_ns, true);
  }

  // Open loop or pooled: everything apart. An operation belongs to the phase it was meant for.
  void record(const Sample& sample) noexcept;

  // Anatomy: adds what became of one operation's time to its kind's sums. `locks`: of the operation.
  void anatomize(const Sample& sample, std::uint64_t queue, const LockTotals& locks) noexcept {
    if (sample.intended < window_.measure || sample.ended >= window_.end) return;
    kind(sample.kind).anatomy += {.count = 1,
                                  .total = sample.ended - std::min(sample.intended, sample.ended),
                                  .lateness = sample.lateness,
                                  .queue = queue,
                                  .wait = locks.wait_ticks,
                                  .hold = locks.hold_ticks,
                                  .sections = locks.sections};
  }

  // Counted but not timed (`--no-latency`).
  void count(Kind which, bool error) noexcept {
    KindReport& report = kind(which);
    ++report.count;
    report.errors += error ? 1 : 0;
  }

  // Who does not time reads the clock now and then, here at `now`, and counts from the first reading in the measured phase.
  void looked(std::uint64_t now) noexcept {
    if (now >= window_.measure) counts_from_ = std::min(counts_from_, now);
  }
  // That reading; kNever: there was none.
  [[nodiscard]] std::uint64_t counts_from() const noexcept { return counts_from_; }

  // An operation of the measured phase is done once more on purpose.
  void repeated() noexcept { ++repeats_; }

  // Open loop: an operation was due at `intended`, whatever became of it.
  void offered(Kind which, std::uint32_t client, std::uint64_t intended) noexcept;
  void queued(Kind which, std::uint64_t ticks) noexcept { kind(which).queue.record(clock_.to_ns(ticks)); }
  // A post that was meant to be sent at `intended` and has reached somebody.
  void delivery(const Issued& issued, std::uint64_t intended) noexcept {
    const auto since = [&](std::uint64_t instant) {
      return clock_.to_ns(instant - std::min(intended, instant));
    };
    delivery_first_.record(since(issued.first));
    delivery_last_.record(since(issued.last));
    if (issued.median != 0) delivery_median_.record(since(issued.median));
  }

  // A marked post, meant to be sent at `intended`, was received at `now`.
  void received(std::uint64_t intended, std::uint64_t now) noexcept {
    if (window_.measures(intended, now))
      delivery_receive_.record(clock_.to_ns(now - std::min(intended, now)));
  }

  // All threads' recorders, this one included: starvation shows only beside others.
  void set_peers(std::span<const std::unique_ptr<Recorder>> peers) noexcept { peers_ = peers; }

  [[nodiscard]] const Window& window() const noexcept { return window_; }
  [[nodiscard]] std::size_t slices() const noexcept { return measure_.size(); }
  // Slices of the measured phase that this thread has left behind for good, by add_slice() to be read from any thread
  // (those of the warm-up from the first one on). Costs the thread a store a slice.
  [[nodiscard]] std::size_t closed_slices() const noexcept { return measure_clock_.closed(); }
  // By the thread itself: it records nothing more.
  void finish() noexcept { measure_clock_.close_all(); }
  // Adds what happened in a closed slice. `offered` may still grow: it is counted when an operation ends.
  void add_slice(bool measured, std::size_t slice, IntervalReport& into) const noexcept;
  // Adds this thread's measurements; after the threads were joined.
  void merge_into(TrialReport& report) const noexcept;

 private:
  [[nodiscard]] KindReport& kind(Kind which) noexcept {
    return kinds_[place_[static_cast<std::size_t>(which)]];
  }

  // relaxed: see progress(); this thread alone writes it.
  void note_progress() noexcept {
    progress_.store(progress_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  // Tallies the client, and looks whether others of the kind completed while this operation was waiting. `sums`: responses;
  // else the client's sum is not touched, since in an open loop another thread counts there what it offers.
  void note_end(const Sample& sample, std::uint64_t response_ns, bool sums) noexcept {
    if (sample.kind == Kind::receive) return;  // not asked for by the client
    ClientTally& tally = tallies_[sample.client];
    if (sums) tally.sum += response_ns;
    ++tally.completed;
    if (peers_.size() < 2) return;
    // relaxed: a hint for the other threads' gap_max_ns; being a little late only misses a gap that has just begun.
    last_end_[static_cast<std::size_t>(sample.kind)].store(sample.ended, std::memory_order_relaxed);
    if (response_ns > kind(sample.kind).gap_max_ns) note_gap(sample, response_ns);
  }
  void note_gap(const Sample& sample, std::uint64_t response_ns) noexcept;
  void merge_closed(Kind which, TrialReport& report) const noexcept;

  Clock clock_;
  Window window_;
  std::uint64_t late_ticks_ = 0;
  bool sums_responses_ = true;
  std::span<ClientTally> tallies_;
  std::vector<KindReport> kinds_;  // the first is shared by all kinds that are not to be recorded
  std::array<std::size_t, workloads::kOpKindCount> place_{};  // of a kind in kinds_
  SliceClock warmup_clock_;
  SliceClock measure_clock_;
  std::vector<IntervalReport> warmup_;
  std::vector<IntervalReport> measure_;  // not used by record_service()
  std::vector<reports::Histogram>
      closed_;  // record_service(): of slice s and kind k at s * kinds_.size() + place of k
  std::uint64_t warmup_interval_ticks_ = 1;
  std::uint64_t interval_ticks_ = 1;
  // relaxed everywhere: counts of this thread's own, which others may look at meanwhile.
  std::array<std::atomic<std::uint64_t>, kIntervals> offered_warmup_{};
  std::array<std::atomic<std::uint64_t>, kIntervals> offered_measure_{};
  std::uint64_t repeats_ = 0;
  std::uint64_t counts_from_ = Window::kNever;
  reports::Histogram delivery_first_;
  reports::Histogram delivery_last_;
  reports::Histogram delivery_median_;
  reports::Histogram delivery_receive_;
  std::span<const std::unique_ptr<Recorder>> peers_;
  alignas(pool::kCacheLine) std::array<std::atomic<std::uint64_t>, workloads::kOpKindCount> last_end_{};
  std::atomic<std::uint64_t> progress_{0};
};

}  // namespace crosstalk::harness
