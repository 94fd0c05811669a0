// How far a row can be trusted: a pure judgement over what was measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reports/run_result.h"

namespace crosstalk::reports {

struct Judgement {
  Status status = Status::ok;
  std::string reason;
};

// From here on somebody else's work has a share in what was measured. Of what the hypervisor takes, two fifths are as bad.
inline constexpr double kForeignLimitPct = 5;
inline constexpr double kStealLimitOfForeign = 0.4;

// What the machine says of the time in which a trial ran; empty where nothing was measured, which excuses nobody.
struct Surroundings {
  std::optional<std::uint64_t> lateness_limit_ns{};  // twice what this machine's own generator shows at p99
  std::optional<double> steal_pct{};                 // processor time that the hypervisor gave to others
  std::optional<double> foreign_cpu_pct{};           // that other programs took
  double foreign_limit_pct = kForeignLimitPct;       // from 100 on, whatever others take is accepted
};

// Of what was offered in an open loop, the shares that were neither done nor refused when the measured phase ended.
struct Leftover {
  double waiting = 0;    // had not been started, so that no latency knows how long it would have waited
  double under_way = 0;  // may yet be done in time: not lost
};

// Judges the row `all` of a trial that ran to its end. Precedence: too_short, contaminated, generator, saturated, ok: a
// defect of the measurement outweighs a finding about the server, and its cause what came of it.
[[nodiscard]] Judgement judge_row(const OpResult& all, const Surroundings& surroundings,
                                  const Leftover& left = {});

}  // namespace crosstalk::reports
