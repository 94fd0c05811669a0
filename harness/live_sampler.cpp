#include "harness/live_sampler.h"

#include <algorithm>
#include <chrono>

namespace crosstalk::harness {

namespace {

constexpr std::chrono::milliseconds kLookEvery{100};

}  // namespace

LiveSampler::LiveSampler(std::span<const std::unique_ptr<Recorder>> recorders, std::size_t recording,
                         TrialReport& report)
    : recorders_(recorders),
      recording_(recording),
      report_(report),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void LiveSampler::begin() {
  {
    const std::scoped_lock guard(mutex_);
    begun_ = true;
  }
  begins_.notify_all();
}

void LiveSampler::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!begins_.wait(lock, stop, [this] { return begun_; })) return;
  while (!stop.stop_requested()) {
    lock.unlock();
    look();
    lock.lock();
    begins_.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

void LiveSampler::look() {
  std::size_t closed = kIntervals;
  for (std::size_t i = 0; i < recording_; ++i) closed = std::min(closed, recorders_[i]->closed_slices());
  // All of them: the phase is over, and how many slices it has is not for us to say.
  if (closed == 0 || closed >= recorders_.front()->slices()) return;
  if (shown_ == 0 && report_.warmup_interval_ns > 0) {
    const std::uint64_t length = report_.warmup_interval_ns;
    const std::uint64_t slices = (report_.warmup_ns + length - 1) / length;
    for (std::size_t i = 0; i < std::min<std::uint64_t>(slices, recorders_.front()->slices()); ++i)
      show(false, i);
  }
  for (; shown_ < closed; ++shown_) {
    show(true, shown_);
    so_far_.merge(sum_->response);
  }
  report_.live.set_p99_ns(so_far_.percentile(0.99).value_or(LiveSlice::kNone));
}

void LiveSampler::show(bool measured, std::size_t slice) {
  *sum_ = IntervalReport();
  for (const auto& recorder : recorders_) recorder->add_slice(measured, slice, *sum_);
  LiveSlice& live = report_.live.next(measured);
  live.completed = sum_->completed;
  live.offered = sum_->offered;
  live.response_p50_ns = sum_->response.percentile(0.5).value_or(LiveSlice::kNone);
  live.response_p99_ns = sum_->response.percentile(0.99).value_or(LiveSlice::kNone);
  if (!sum_->response.empty()) live.response_max_ns = sum_->response.max();
  live.lateness_p99_ns = sum_->lateness.percentile(0.99).value_or(LiveSlice::kNone);
  report_.live.publish(measured);
}

}  // namespace crosstalk::harness
