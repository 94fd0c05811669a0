// What is measured after the call that brought it about has returned: deliveries that others hand out, and posts that become
// stored. Instants in ticks; a mark is the instant at which the post was meant to be sent.
//
// Thread-safe: the threads of the server tell it. Progress: a small spin lock for O(1), never allocates.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>

#include "harness/clock.h"
#include "harness/trial_report.h"
#include "harness/window.h"
#include "pool/chat/post_watch.h"
#include "pool/locks/ttas_lock.h"
#include "pool/resources/receipt.h"
#include "reports/histogram.h"

namespace crosstalk::harness {

class LateSink {
 public:
  explicit LateSink(const Clock& clock) noexcept : clock_(clock) {}

  // Before the first operation.
  void start(const Window& window, const WindowSwitch& news) noexcept {
    window_ = window;
    news_ = &news;
  }

  // pool::PostWatch::delivered; `self` is the sink.
  static void delivered(void* self, std::uint64_t mark, pool::Placed placed) noexcept {
    auto& sink = *static_cast<LateSink*>(self);
    const std::uint64_t now = sink.clock_.now();
    const std::scoped_lock guard(sink.lock_);
    sink.news_->inform(sink.window_);
    if (sink.window_.measures(mark, now))
      sink.placed_[static_cast<std::size_t>(placed)].record(sink.since(mark, now));
  }

  // pool::Completion::done.
  static void persisted(void* self, std::uint64_t mark, pool::StoreResult result) noexcept {
    auto& sink = *static_cast<LateSink*>(self);
    const std::uint64_t now = sink.clock_.now();
    const std::scoped_lock guard(sink.lock_);
    ++(result.ok() ? sink.stored_ : sink.not_stored_);
    sink.news_->inform(sink.window_);
    if (!sink.window_.measures(mark, now)) return;
    ++sink.persist_.count;
    sink.persist_.errors += result.ok() ? 0 : 1;
    sink.persist_.service.record(sink.since(mark, now));
  }

  // Posts, those of the warm-up among them. Once the server has settled.
  [[nodiscard]] std::uint64_t stored() const noexcept { return stored_; }
  [[nodiscard]] std::uint64_t not_stored() const noexcept { return not_stored_; }

  void merge_into(TrialReport& report) const noexcept {
    report.delivery_first.merge(placed_[static_cast<std::size_t>(pool::Placed::first)]);
    report.delivery_median.merge(placed_[static_cast<std::size_t>(pool::Placed::median)]);
    report.delivery_last.merge(placed_[static_cast<std::size_t>(pool::Placed::last)]);
    KindReport& persist = report.kinds[static_cast<std::size_t>(workloads::OpKind::persist)];
    persist.count += persist_.count;
    persist.errors += persist_.errors;
    persist.service.merge(persist_.service);
  }

 private:
  [[nodiscard]] std::uint64_t since(std::uint64_t mark, std::uint64_t now) const noexcept {
    return clock_.to_ns(now - std::min(mark, now));
  }

  Clock clock_;
  Window window_;
  const WindowSwitch* news_ = nullptr;
  pool::TtasLock lock_;                       // guards the members below
  std::array<reports::Histogram, 3> placed_;  // by pool::Placed
  KindReport persist_;
  std::uint64_t stored_ = 0;
  std::uint64_t not_stored_ = 0;
};

}  // namespace crosstalk::harness
