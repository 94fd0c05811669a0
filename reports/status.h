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

// Judges the row `all` of a trial that ran to its end. Precedence: too_short, generator, saturated, ok: a defect of the
// measurement outweighs a finding about the server. `lateness_limit_ns`: twice what this machine's own generator shows
// (p99 against the null server); empty where nothing was measured, which excuses nobody.
[[nodiscard]] Judgement judge_row(const OpResult& all, std::optional<std::uint64_t> lateness_limit_ns);

}  // namespace crosstalk::reports
