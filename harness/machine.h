// The machine as people should see it before they trust a number: its facts, and what to do about those that disturb.
#pragma once

#include <string>
#include <vector>

#include "reports/environment.h"

namespace crosstalk::harness {

struct MachineFact {
  std::string key;  // as in environment.csv
  std::string value;
  std::string advice;  // names the fix; empty: nothing to be done
};

// Pure: the advice that facts of reports::machine_facts() call for.
[[nodiscard]] std::vector<MachineFact> with_advice(const reports::Facts& facts);

// This machine: those facts, and whether the processor's counters can be had ("hardware_counters").
[[nodiscard]] std::vector<MachineFact> describe_machine();

}  // namespace crosstalk::harness
