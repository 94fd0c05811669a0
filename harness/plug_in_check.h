// What is plugged in is judged by its contract before it is timed: a lock that excludes nobody would win.
#pragma once

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/catalog.h"
#include "harness/plan.h"

namespace crosstalk::harness {

// Something broke its contract; the message is one line that names it and the property, the page says all that is known.
class BrokenContract : public std::runtime_error {
 public:
  BrokenContract(const std::string& message, std::string page)
      : std::runtime_error(message), page_(std::move(page)) {}
  [[nodiscard]] const std::string& page() const noexcept { return page_; }

 private:
  std::string page_;
};

// What is to be measured, by name.
struct MeasuredParts {
  std::vector<std::string> strategies;
  std::vector<std::string> pools;
};
[[nodiscard]] MeasuredParts measured_parts(const Plan& plan);

// Lets `crosstalk verify` judge, for half a second each, those locks, cells, maps and pools among them that are plugged in; one that
// hangs or crashes breaks its contract. Whole servers are left to the laws of their trials, but for that around a map, which is tried with it. `stop`, which a signal sets, ends it
// early; may be null. The calling process must have one thread only. Throws BrokenContract, and std::system_error if the
// system has no more processes.
void check_plugged_in(const Catalog& catalog, const MeasuredParts& parts,
                      const std::atomic<bool>* stop = nullptr);

// Does this row measure something that check_plugged_in() would have judged?
[[nodiscard]] bool needs_check(const Catalog& catalog, const PlanRow& row);

}  // namespace crosstalk::harness
