#include "reports/operational_laws.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace crosstalk::reports {

namespace {

double inside_s(const StageFlow& flow) {
  return flow.residence_sum_s - flow.clipped_before_s + flow.open_at_end_s;
}

std::string figure(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

bool is_time(double value) {
  return std::isfinite(value) && value >= 0;
}

// Sums of doubles, and of instants read twice, differ in their last digits.
bool exceeds(double part, double whole) {
  return part > whole * (1 + 1e-9) + 1e-9;
}

std::optional<std::string> impossible(const StageFlow& flow) {
  if (!is_time(flow.window_s) || flow.window_s == 0) return "the window has no length";
  for (const double value :
       {flow.in_flight_integral_s, flow.residence_sum_s, flow.clipped_before_s, flow.open_at_end_s}) {
    if (!is_time(value)) return "a time of " + figure(value) + " s was summed up";
  }
  if (exceeds(flow.clipped_before_s, flow.residence_sum_s)) {
    return "the parts of residences before the window, " + figure(flow.clipped_before_s) +
           " s, are longer than all residences, " + figure(flow.residence_sum_s) + " s";
  }
  if (flow.completed_inside == 0 && flow.residence_sum_s > 0)
    return "no operation completed, yet residences sum up to " + figure(flow.residence_sum_s) + " s";
  const double most = static_cast<double>(flow.completed_inside) * flow.window_s;
  if (exceeds(flow.residence_sum_s - flow.clipped_before_s, most)) {
    return "a completed operation stayed longer inside the window than the window lasts: " +
           figure(flow.residence_sum_s - flow.clipped_before_s) + " s of at most " + figure(most) + " s";
  }
  return std::nullopt;
}

}  // namespace

double little_error(const StageFlow& flow) {
  const double larger = std::max(std::abs(flow.in_flight_integral_s), std::abs(inside_s(flow)));
  if (larger == 0) return 0;
  return std::abs(flow.in_flight_integral_s - inside_s(flow)) / larger;
}

double closed_loop_error(double n, double x_ops_s, double r_s, double z_s) {
  const double found = x_ops_s * (r_s + z_s);
  if (n == 0) return found == 0 ? 0 : 1;
  return std::abs(found - n) / n;
}

std::optional<std::string> audit_failure(std::string_view stage, const StageFlow& flow) {
  const std::string name(stage);
  if (const auto reason = impossible(flow)) return name + ": " + *reason;
  const double error = little_error(flow);
  if (error <= kLawBound) return std::nullopt;
  return name + ": Little's law is off by " + figure(100 * error) + " % (bound 2 %): the counter saw " +
         figure(flow.in_flight_integral_s / flow.window_s) +
         " operations in flight on average, the recorded times say " +
         figure(inside_s(flow) / flow.window_s) +
         (flow.in_flight_integral_s > inside_s(flow) ? "; operations were not recorded, or cut short"
                                                     : "; operations were recorded twice, or too long");
}

std::optional<std::string> audit_failure(const ClosedLoop& loop) {
  for (const double value : {loop.n, loop.x_ops_s, loop.r_s, loop.z_s, loop.window_s}) {
    if (!is_time(value)) return "closed loop: a figure of " + figure(value) + " was measured";
  }
  if (loop.window_s == 0) return "closed loop: the window has no length";
  const double error = closed_loop_error(loop.n, loop.x_ops_s, loop.r_s, loop.z_s);
  const double bound = std::max(kLawBound, (loop.r_s + loop.z_s) / loop.window_s);
  if (error <= bound) return std::nullopt;
  return "closed loop: N = X (R + Z) is off by " + figure(100 * error) + " % (bound " + figure(100 * bound) +
         " %): " + figure(loop.n) + " clients, but " + figure(loop.x_ops_s) + " operations/s of " +
         figure(loop.r_s + loop.z_s) + " s each keep " + figure(loop.x_ops_s * (loop.r_s + loop.z_s)) +
         " of them busy";
}

}  // namespace crosstalk::reports
