#include "reports/status.h"

namespace crosstalk::reports {

namespace {

// Percent with one digit.
std::string percent(double share) {
  const long tenths = static_cast<long>(share * 1000 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

bool generator_is_late(const OpResult& all, std::optional<std::uint64_t> limit_ns) {
  const auto lateness = all.lateness.percentile(0.99);
  const auto response = all.response.percentile(0.99);
  if (!lateness || !response) return false;
  return *lateness * 10 > *response && *lateness > limit_ns.value_or(0);
}

// A server that does not keep up, or stops doing so at the end: a p99 is not what it says where more than one operation in
// a hundred is missing in it.
Judgement judge_load(const OpResult& all, const Leftover& left) {
  constexpr double kDoneShare = 0.95;
  constexpr double kWaitingShare = 0.01;
  const double offered_ops_s = all.offered_ops_s.value_or(0);
  if (offered_ops_s <= 0) return {};
  const double done = all.achieved_ops_s / offered_ops_s;
  if (done + left.under_way < kDoneShare) {
    return {Status::saturated,
            "completed " + percent(done) + " of the offered operations; the server cannot sustain this rate"};
  }
  if (left.waiting > kWaitingShare && all.response.percentile(0.99)) {
    return {Status::saturated,
            percent(left.waiting) +
                " of the offered operations had not been started at the end, and no latency "
                "knows of them; lower --rate or raise --duration"};
  }
  return {};
}

}  // namespace

Judgement judge_row(const OpResult& all, const Surroundings& surroundings, const Leftover& left) {
  if (!all.service.empty() && !all.service.percentile(0.5)) {
    return {Status::too_short,
            "p50 from " + std::to_string(all.service.count()) + " samples; raise --duration or --ops"};
  }
  // Who was offered work and completed none of it is overwhelmed.
  if (all.count == 0 && all.offered_ops_s.value_or(0) <= 0)
    return {Status::too_short, "no operation completed; raise --duration or --ops"};
  const double limit_pct = surroundings.foreign_limit_pct;
  const bool any = limit_pct < 100;
  if (any && surroundings.steal_pct.value_or(0) > limit_pct * kStealLimitOfForeign) {
    return {Status::contaminated, "the hypervisor gave " + percent(*surroundings.steal_pct / 100) +
                                      " of the processors to others (limit " +
                                      percent(limit_pct * kStealLimitOfForeign / 100) +
                                      "); measure again, or on a machine of its own"};
  }
  if (any && surroundings.foreign_cpu_pct.value_or(0) > limit_pct) {
    return {Status::contaminated, "other programs took " + percent(*surroundings.foreign_cpu_pct / 100) +
                                      " of the processors (limit " + percent(limit_pct / 100) +
                                      ", --foreign-limit); stop them and measure again"};
  }
  if (generator_is_late(all, surroundings.lateness_limit_ns)) {
    return {Status::generator, "the generator's p99 lateness of " +
                                   std::to_string(*all.lateness.percentile(0.99) / 1000) +
                                   " us is above 10 % of the p99 response; lower --rate or free a processor"};
  }
  return judge_load(all, left);
}

}  // namespace crosstalk::reports
