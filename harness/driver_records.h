// Writes what a driver on the direct path does into its recorder, its flow meters and, on request, its anatomy.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
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

  // The recorder must outlive this. `offers`: operations are offered at an instant, whatever becomes of them.
  DriverRecords(Recorder& recorder, bool offers) noexcept : recorder_(recorder), offers_(offers) {}

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
    flows_.service.passed_alone(issued.started, issued.ended, measured);
    if (anatomy_.on()) [[unlikely]]
      recorder_.anatomize(sample, 0, anatomy_.end(measured));
    if (issued.first != 0 && measured) recorder_.delivery(issued, issued.started);
    return measured;
  }

  // An operation that was due at `intended`, on a driver that was free since `free_since`. Written down in catch_up(), or
  // when many wait for it: what a driver that is behind writes at once makes its next operation later still.
  [[gnu::always_inline]] void due(const Window& window, const workloads::Op& op, std::uint64_t intended,
                                  std::uint64_t free_since, const Issued& issued) noexcept {
    pending_[pending_count_++] = {op.kind, op.client, intended, free_since, issued};
    // The anatomy is of the latest operation.
    if (pending_count_ == kPending || anatomy_.on()) [[unlikely]]
      catch_up(window);
  }

  // Writes down all that is due. The window is that of the operations.
  [[gnu::noinline]] void catch_up(const Window& window) noexcept {
    for (std::size_t i = 0; i < pending_count_; ++i) write(window, pending_[i]);
    pending_count_ = 0;
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
  struct Due {
    Kind kind{};
    std::uint32_t client = 0;
    std::uint64_t intended = 0;
    std::uint64_t free_since = 0;
    Issued issued;
  };
  // At a million a second, what a gap of some ten microseconds leaves behind.
  static constexpr std::size_t kPending = 64;

  void write(const Window& window, const Due& op) noexcept {
    // What the server's own slowness delayed is queueing; only the rest is the generator's fault.
    const std::uint64_t could_start = std::max(op.intended, op.free_since);
    const std::uint64_t started = op.issued.started;
    const Sample sample{.kind = op.kind,
                        .client = op.client,
                        .intended = op.intended,
                        .started = started,
                        .ended = op.issued.ended,
                        .lateness = started - std::min(could_start, started),
                        .error = op.issued.error};
    recorder_.record(sample);
    if (offers_) recorder_.offered(op.kind, op.client, op.intended);
    const bool measured = window.measures(op.intended, op.issued.ended);
    if (anatomy_.on()) [[unlikely]] {
      const std::uint64_t waited = started - std::min(op.intended, started);
      recorder_.anatomize(sample, waited - std::min(sample.lateness, waited), anatomy_.end(measured));
    }
    passed(op.intended, op.issued, measured);
    if (op.issued.first != 0 && measured) recorder_.delivery(op.issued, op.intended);
  }

  void passed(std::uint64_t intended, const Issued& issued, bool measured) noexcept {
    flows_.system.passed(intended, issued.ended, measured);
    flows_.service.passed_alone(issued.started, issued.ended, measured);
  }

  Recorder& recorder_;
  bool offers_;
  Flows flows_;
  AnatomyTaker anatomy_;
  std::array<Due, kPending> pending_{};
  std::size_t pending_count_ = 0;
};

}  // namespace crosstalk::harness
