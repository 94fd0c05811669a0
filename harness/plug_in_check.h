// What is plugged in is checked against its contract before it is timed: a lock that excludes nobody would win.
#pragma once

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/catalog.h"

namespace crosstalk::harness {

// A strategy broke its contract; the message names it and the property.
class BrokenContract : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Checks the mechanisms of those of the named strategies that are plugged in, each once and in a process of its own; one that does not
// end within `patience` has hung. Strategies without a check are left to the laws of their trials. `stop`, which a signal
// sets, ends it early; may be null. The calling process must have one thread only. Throws BrokenContract, and
// std::system_error if the system has no more processes.
void check_plugged_in(const Catalog& catalog, const std::vector<std::string>& strategies,
                      const std::atomic<bool>* stop = nullptr,
                      std::chrono::seconds patience = std::chrono::seconds(60));

}  // namespace crosstalk::harness
