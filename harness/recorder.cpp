#include "harness/recorder.h"

namespace crosstalk::harness {

namespace {

constexpr double kLateNs = 1e6;  // an operation is late from one millisecond on

std::size_t slice_of(std::uint64_t instant, std::uint64_t begin, std::uint64_t length,
                     std::size_t slices) noexcept {
  if (instant <= begin) return 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>((instant - begin) / length, slices - 1));
}

// By the one thread that counts: no operation that others could get in between.
void count_one(std::atomic<std::uint64_t>& counter) noexcept {
  // relaxed: a count that stands for itself.
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void merge(const std::vector<IntervalReport>& from, std::array<IntervalReport, kIntervals>& into) noexcept {
  for (std::size_t i = 0; i < from.size(); ++i) {
    into[i].completed += from[i].response.count();
    into[i].response.merge(from[i].response);
    into[i].lateness.merge(from[i].lateness);
  }
}

}  // namespace

Recorder::Recorder(const Clock& clock, const std::array<bool, workloads::kOpKindCount>& kinds,
                   std::size_t slices, std::span<ClientTally> tallies, bool closed)
    : clock_(clock),
      late_ticks_(clock.to_ticks(kLateNs)),
      tallies_(tallies),
      kinds_(1 + static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), true))),
      warmup_clock_(slices),
      measure_clock_(slices),
      warmup_(slices),
      measure_(slices),
      closed_(closed ? slices * kinds_.size() : 0) {
  std::size_t next = 1;
  for (std::size_t i = 0; i < kinds.size(); ++i) place_[i] = kinds[i] ? next++ : 0;
}

void Recorder::start(const Window& window, std::uint64_t warmup_interval, std::uint64_t interval) noexcept {
  window_ = window;
  warmup_interval_ticks_ = std::max<std::uint64_t>(warmup_interval, 1);
  interval_ticks_ = std::max<std::uint64_t>(interval, 1);
  warmup_clock_.start(window.start, warmup_interval_ticks_);
  measure_clock_.start(window.measure, interval_ticks_);
}

void Recorder::record(const Sample& sample) noexcept {
  if (sample.ended >= window_.end) return;
  const std::uint64_t response_ns = clock_.to_ns(sample.ended - std::min(sample.intended, sample.started));
  const std::uint64_t lateness_ns = clock_.to_ns(sample.lateness);
  const bool measured = sample.intended >= window_.measure;
  // What the warm-up leaves behind ends in nobody's slice.
  if (sample.kind != Kind::receive && (measured || sample.ended < window_.measure)) {
    IntervalReport& slice =
        measured ? measure_[measure_clock_.at(sample.ended)] : warmup_[warmup_clock_.at(sample.ended)];
    slice.response.record(response_ns);
    slice.lateness.record(lateness_ns);
    if (!measured) note_progress();
  }
  if (!measured) return;
  KindReport& report = kind(sample.kind);
  ++report.count;
  report.errors += sample.error ? 1 : 0;
  report.late += sample.started > sample.intended + late_ticks_ ? 1 : 0;
  report.service.record(clock_.to_ns(sample.ended - sample.started));
  report.response.record(response_ns);
  report.lateness.record(lateness_ns);
  note_end(sample, response_ns, sums_responses_);
}

void Recorder::note_gap(const Sample& sample, std::uint64_t response_ns) noexcept {
  for (const auto& peer : peers_) {
    if (peer.get() == this) continue;
    // relaxed: see note_end().
    const std::uint64_t other =
        peer->last_end_[static_cast<std::size_t>(sample.kind)].load(std::memory_order_relaxed);
    if (other > std::min(sample.intended, sample.started) && other < sample.ended) {
      kind(sample.kind).gap_max_ns = response_ns;
      return;
    }
  }
}

void Recorder::offered(Kind which, std::uint32_t client, std::uint64_t intended) noexcept {
  if (intended < window_.measure) {
    count_one(offered_warmup_[slice_of(intended, window_.start, warmup_interval_ticks_, warmup_.size())]);
    return;
  }
  count_one(offered_measure_[slice_of(intended, window_.measure, interval_ticks_, measure_.size())]);
  ++kind(which).offered;
  ++tallies_[client].sum;
}

void Recorder::merge_into(TrialReport& report) const noexcept {
  for (std::size_t i = 0; i < place_.size(); ++i) {
    KindReport& into = report.kinds[i];
    if (place_[i] == 0) continue;
    const KindReport& from = kinds_[place_[i]];
    into.count += from.count;
    into.errors += from.errors;
    into.late += from.late;
    into.offered += from.offered;
    into.gap_max_ns = std::max(into.gap_max_ns, from.gap_max_ns);
    into.anatomy += from.anatomy;
    into.service.merge(from.service);
    into.response.merge(from.response);
    into.queue.merge(from.queue);
    into.lateness.merge(from.lateness);
    if (!closed_.empty()) merge_closed(static_cast<Kind>(i), report);
  }
  merge(warmup_, report.warmup);
  merge(measure_, report.measure);
  for (std::size_t i = 0; i < kIntervals; ++i) {
    // relaxed: the threads have been joined.
    report.warmup[i].offered += offered_warmup_[i].load(std::memory_order_relaxed);
    report.measure[i].offered += offered_measure_[i].load(std::memory_order_relaxed);
  }
  report.repeats += repeats_;
  report.delivery_first.merge(delivery_first_);
  report.delivery_last.merge(delivery_last_);
  report.delivery_median.merge(delivery_median_);
  report.delivery_receive.merge(delivery_receive_);
}

void Recorder::add_slice(bool measured, std::size_t slice, IntervalReport& into) const noexcept {
  const auto& offered = measured ? offered_measure_ : offered_warmup_;
  into.offered += offered[slice].load(std::memory_order_relaxed);  // relaxed: see offered_warmup_
  const auto add = [&into](const reports::Histogram& response) {
    into.completed += response.count();
    into.response.merge(response);
  };
  const IntervalReport& own = measured ? measure_[slice] : warmup_[slice];
  add(own.response);
  into.lateness.merge(own.lateness);
  if (!measured || closed_.empty()) return;
  for (std::size_t i = 0; i < place_.size(); ++i) {
    if (place_[i] == 0 || static_cast<Kind>(i) == Kind::receive) continue;
    add(closed_[slice * kinds_.size() + place_[i]]);
  }
}

void Recorder::merge_closed(Kind which, TrialReport& report) const noexcept {
  KindReport& into = report.kinds[static_cast<std::size_t>(which)];
  for (std::size_t slice = 0; slice < slices(); ++slice) {
    const reports::Histogram& from = closed_[slice * kinds_.size() + place_[static_cast<std::size_t>(which)]];
    into.count += from.count();
    into.service.merge(from);
    if (which == Kind::receive) continue;
    report.measure[slice].completed += from.count();
    report.measure[slice].response.merge(from);
  }
}

}  // namespace crosstalk::harness
