// Writes what a driver on the direct path does into its recorder, its flow meters and, on request, its anatomy.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/anatomy_taker.h"
#include "harness/flow_meter.h"
#include "harness/issued.h"
#include "harness/recorder.h"
#include "harness/window.h"
#include "workloads/op.h"

namespace crosstalk::harness {

class DriverRecords {
 public:
  using Kind = workloads::OpKind;

  // The recorder must outlive this.
  explicit DriverRecords(Recorder& recorder) noexcept : recorder_(recorder) {}

  void start(const Window& window) noexcept { flows_.start(window); }
  // It is known when the measured phase begins.
  void adopt(const Window& window) noexcept {
    recorder_.adopt(window);
    flows_.start(window);
  }

  // Right before an operation.
  [[gnu::always_inline]] void begin() noexcept {
    if (anatomy_.on()) [[unlikely]]
      anatomy_.begin();
  }

  // Back to back: response = service. True if the operation belongs to the measured phase.
  [[gnu::always_inline]] bool back_to_back(const Window& window, Kind kind, std::uint32_t client,
                                           const Issued& issued) noexcept {
    const Sample sample{.kind = kind,
                        .client = client,
                        .intended = issued.started,
                        .started = issued.started,
                        .ended = issued.ended,
                        .error = issued.error};
    recorder_.record_service(sample);
    const bool measured = window.measures(issued.started, issued.ended);
    flows_.service.passed(issued.started, issued.ended, measured);
    if (anatomy_.on()) [[unlikely]]
      recorder_.anatomize(sample, 0, anatomy_.end(measured));
    if (issued.first != 0 && measured) recorder_.delivery(issued, issued.started);
    return measured;
  }

  // An operation that was due at `intended`, on a driver that was free since `free_since`.
  void due(const Window& window, const workloads::Op& op, std::uint64_t intended, std::uint64_t free_since,
           const Issued& issued) noexcept {
    // What the server's own slowness delayed is queueing; only the rest is the generator's fault.
    const std::uint64_t could_start = std::max(intended, free_since);
    const Sample sample{.kind = op.kind,
                        .client = op.client,
                        .intended = intended,
                        .started = issued.started,
                        .ended = issued.ended,
                        .lateness = issued.started - std::min(could_start, issued.started),
                        .error = issued.error};
    recorder_.record(sample);
    const bool measured = window.measures(intended, issued.ended);
    if (anatomy_.on()) [[unlikely]] {
      const std::uint64_t waited = issued.started - std::min(intended, issued.started);
      recorder_.anatomize(sample, waited - std::min(sample.lateness, waited), anatomy_.end(measured));
    }
    passed(intended, issued, measured);
    if (issued.first != 0 && measured) recorder_.delivery(issued, intended);
  }

  // A receive, which is nobody's operation and never late.
  void receive(const Window& window, std::uint32_t client, const Issued& issued) noexcept {
    passed(issued.started, issued, window.measures(issued.started, issued.ended));
    recorder_.record({.kind = Kind::receive,
                      .client = client,
                      .intended = issued.started,
                      .started = issued.started,
                      .ended = issued.ended});
  }

  // Was due and never began.
  void left_over(std::uint64_t intended) noexcept { flows_.system.passed(intended, Window::kNever, false); }
  void thinks(const Window& window, std::uint64_t since, std::uint64_t until) noexcept {
    flows_.think.passed(since, until, window.measures(since, until));
  }

  // Once the driver has run.
  [[nodiscard]] FlowReport flows() const noexcept { return flows_.report(); }
  void merge_into(LockMaxima& maxima) const noexcept { anatomy_.merge_into(maxima); }

 private:
  void passed(std::uint64_t intended, const Issued& issued, bool measured) noexcept {
    flows_.system.passed(intended, issued.ended, measured);
    flows_.service.passed(issued.started, issued.ended, measured);
  }

  Recorder& recorder_;
  Flows flows_;
  AnatomyTaker anatomy_;
};

}  // namespace crosstalk::harness
