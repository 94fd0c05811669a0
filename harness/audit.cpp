#include "harness/audit.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/quota.h"
#include "reports/operational_laws.h"

namespace crosstalk::harness {

namespace {

using workloads::OpKind;

__extension__ using SignedTickSum = __int128;

// What the recorders hold of one stage.
struct Recorded {
  double sum_s = 0;
  std::uint64_t count = 0;
};

Recorded recorded(const TrialReport& report, reports::Histogram KindReport::*stage, bool receives = true) {
  Recorded result;
  for (std::size_t i = 0; i < report.kinds.size(); ++i) {
    if (static_cast<OpKind>(i) == OpKind::persist) continue;  // of no driver
    if (static_cast<OpKind>(i) == OpKind::receive && !receives) continue;
    const reports::Histogram& histogram = report.kinds[i].*stage;
    result.sum_s += histogram.mean() * static_cast<double>(histogram.count()) * 1e-9;
    result.count += histogram.count();
  }
  return result;
}

class Auditor {
 public:
  Auditor(const TrialInput& input, const TrialReport& report)
      : input_(input), report_(report), ns_per_tick_(1 / input.clock.ticks_per_ns()) {}

  Audit run() {
    if (report_.measured_ticks == 0) return {};
    const FlowReport& flows = report_.flows;
    const bool back_to_back = !input_.options.open_loop && !input_.options.thinks();
    const bool pooled = input_.options.path == Path::pooled;
    stage("service", flows.service, recorded(report_, &KindReport::service));
    if (pooled || !back_to_back) stage("response", flows.system, recorded(report_, &KindReport::response));
    if (pooled) stage("queue", flows.queue, recorded(report_, &KindReport::queue));
    if (back_to_back) loop(pooled);
    if (input_.options.thinks()) thinking_loop();
    return std::move(audit_);
  }

 private:
  [[nodiscard]] double seconds(double ticks) const { return ticks * ns_per_tick_ * 1e-9; }
  [[nodiscard]] double window_s() const { return seconds(static_cast<double>(report_.measured_ticks)); }
  // Operation-seconds under way, from the meters alone.
  [[nodiscard]] double integral_s(const FlowSums& flow) const {
    const auto open = static_cast<std::int64_t>(flow.open());
    const auto net = static_cast<SignedTickSum>(flow.net_ticks);  // below zero where much is open
    return seconds(static_cast<double>(net) +
                   static_cast<double>(open) * static_cast<double>(report_.measured_ticks));
  }

  // Inside the window, of what is not in the recorder.
  [[nodiscard]] double cut_s(const FlowSums& flow) const {
    return seconds(static_cast<double>(flow.apart_ticks) - static_cast<double>(flow.clipped_ticks) +
                   static_cast<double>(flow.open_ticks));
  }

  void stage(std::string_view name, const FlowSums& flow, const Recorded& recorded) {
    const reports::StageFlow sums{
        .window_s = window_s(),
        .in_flight_integral_s = integral_s(flow),
        .completed_inside = flow.ended_inside,
        .residence_sum_s = recorded.sum_s + seconds(static_cast<double>(flow.apart_ticks)),
        .clipped_before_s = seconds(static_cast<double>(flow.clipped_ticks)),
        .open_at_end_s = seconds(static_cast<double>(flow.open_ticks))};
    // A record holds whole nanoseconds: what lies within half of one an operation is no error.
    const double accounted = sums.residence_sum_s - sums.clipped_before_s + sums.open_at_end_s;
    const double resolution_s = 0.5e-9 * static_cast<double>(recorded.count);
    if (std::abs(accounted - sums.in_flight_integral_s) <= resolution_s) {
      audit_.little_error = audit_.little_error.value_or(0);
      return;
    }
    audit_.little_error = std::max(audit_.little_error.value_or(0), reports::little_error(sums));
    if (!audit_.failure.empty()) return;
    if (const auto failure = reports::audit_failure(name, sums)) audit_.failure = *failure;
  }

  // Drivers, or the slots of the window, that are never idle: between two operations each only does the harness's work,
  // which is what is left of its time.
  void loop(bool pooled) {
    const double n = pooled ? static_cast<double>(slots()) : busy_drivers();
    const double left_s = n * window_s() - integral_s(report_.flows.service);
    judge(n, recorded(report_, pooled ? &KindReport::response : &KindReport::service), report_.flows.service,
          left_s / static_cast<double>(report_.flows.service.ended_inside));
  }
  void thinking_loop() {
    const FlowSums& think = report_.flows.think;
    // Receives are no operations of the clients: nobody thinks after them.
    judge(clients(), recorded(report_, &KindReport::response, false), report_.flows.system,
          integral_s(think) / static_cast<double>(think.ended_inside));
  }

  // Residences are corrected for what the window cuts off: a single operation that is stalled across its end may be a
  // tenth of a short trial.
  void judge(double n, const Recorded& all, const FlowSums& flow, double think_s) {
    if (all.count == 0 || !std::isfinite(think_s) || input_.options.operations > 0) return;
    const reports::ClosedLoop loop{.n = n,
                                   .x_ops_s = static_cast<double>(all.count) / window_s(),
                                   .r_s = (all.sum_s + cut_s(flow)) / static_cast<double>(all.count),
                                   .z_s = std::max(0.0, think_s),
                                   .window_s = window_s()};
    audit_.loop_error = reports::closed_loop_error(loop.n, loop.x_ops_s, loop.r_s, loop.z_s);
    if (!audit_.failure.empty()) return;
    if (const auto failure = reports::audit_failure(loop)) audit_.failure = *failure;
  }

  [[nodiscard]] double busy_drivers() const {
    return static_cast<double>(std::count_if(input_.drivers->begin(), input_.drivers->end(),
                                             [](const auto& ops) { return !ops.empty(); }));
  }
  [[nodiscard]] std::uint64_t slots() const {
    std::uint64_t slots = 0;
    for (unsigned driver = 0; driver < input_.drivers->size(); ++driver)
      slots += (*input_.drivers)[driver].empty() ? 0 : inflight_of(input_, driver);
    return slots;
  }
  [[nodiscard]] double clients() const {
    std::vector<bool> busy(input_.trace->clients);
    for (const workloads::Op& op : input_.trace->ops) busy[op.client] = true;
    return static_cast<double>(std::count(busy.begin(), busy.end(), true));
  }

  const TrialInput& input_;
  const TrialReport& report_;
  double ns_per_tick_;
  Audit audit_;
};

}  // namespace

Audit audit(const TrialInput& input, const TrialReport& report) {
  return Auditor(input, report).run();
}

}  // namespace crosstalk::harness
