// The laws that every trial is judged by: what the harness asked and received, against what the server says it did.
#pragma once

#include <string>

#include "harness/law_counts.h"

namespace crosstalk::harness {

struct LawScope {
  bool counting_only = false;  // null server: only "issued = counted"
  bool pooled = false;
  bool stored = false;    // there is a message store
  bool ordered = true;    // posts of a sender arrive in order: not with a thread for each
  bool may_drop = false;  // a bounded inbox may lose deliveries: received + dropped replaces received
};

// The first law that is broken, with both sides in numbers; empty while all hold. The trial has ended and every inbox
// has been emptied.
[[nodiscard]] std::string broken_law(const LawCounts& counts, const LawScope& scope);

}  // namespace crosstalk::harness
