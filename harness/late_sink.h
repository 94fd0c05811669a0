// What is measured after the call that brought it about has returned: deliveries that others hand out, and posts that become
// stored. Instants in ticks; a mark is the instant at which the post was meant to be sent.
//
// Thread-safe: the threads of the server tell it. Progress: a small spin lock for O(1), never allocates.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "harness/clock.h"
#include "harness/trial_report.h"
#include "harness/window.h"
#include "pool/locks/ttas_lock.h"
#include "pool/resources/receipt.h"
#include "reports/histogram.h"

namespace crosstalk::harness {

class LateSink {
 public:
  explicit LateSink(const Clock& clock) noexcept : clock_(clock) {}

  // Before the first operation.
  void start(const Window& window) noexcept { window_ = window; }

  // pool::PostWatch::delivered; `self` is the sink.
  static void delivered(void* self, std::uint64_t mark, bool last) noexcept {
    auto& sink = *static_cast<LateSink*>(self);
    const std::uint64_t now = sink.clock_.now();
    const std::scoped_lock guard(sink.lock_);
    if (sink.window_.measures(mark, now)) (last ? sink.last_ : sink.first_).record(sink.since(mark, now));
  }

  // pool::Completion::done.
  static void persisted(void* self, std::uint64_t mark, pool::StoreResult result) noexcept {
    auto& sink = *static_cast<LateSink*>(self);
    const std::uint64_t now = sink.clock_.now();
    const std::scoped_lock guard(sink.lock_);
    ++(result.ok() ? sink.stored_ : sink.not_stored_);
    if (!sink.window_.measures(mark, now)) return;
    ++sink.persist_.count;
    sink.persist_.errors += result.ok() ? 0 : 1;
    sink.persist_.service.record(sink.since(mark, now));
  }

  // Posts, those of the warm-up among them. Once the server has settled.
  [[nodiscard]] std::uint64_t stored() const noexcept { return stored_; }
  [[nodiscard]] std::uint64_t not_stored() const noexcept { return not_stored_; }

  void merge_into(TrialReport& report) const noexcept {
    report.delivery_first.merge(first_);
    report.delivery_last.merge(last_);
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
  pool::TtasLock lock_;  // guards the members below
  reports::Histogram first_;
  reports::Histogram last_;
  KindReport persist_;
  std::uint64_t stored_ = 0;
  std::uint64_t not_stored_ = 0;
};

}  // namespace crosstalk::harness
