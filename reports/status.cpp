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

}  // namespace

Judgement judge_row(const OpResult& all, const Surroundings& surroundings) {
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
  if (all.offered_ops_s && all.achieved_ops_s < 0.95 * *all.offered_ops_s) {
    return {Status::saturated, "completed " + percent(all.achieved_ops_s / *all.offered_ops_s) +
                                   " of the offered operations; the server cannot sustain this rate"};
  }
  return {};
}

}  // namespace crosstalk::reports
