// The verifier on trial: what it catches of known bugs, and whom it accuses wrongly.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/verify/specimen.h"

namespace crosstalk::harness::verify {

struct SelfTestOptions {
  double seconds = 10;  // for each specimen and seed
  std::uint64_t seeds = 1;
  std::uint64_t first_seed = 1;
  std::string pattern = "*";  // names of specimens
  // Only what an ordinary stress test does, for comparison: threads that use the component, left alone, and its answers, sums and
  // histories checked. No drills, no injected faults, no disturbances. Any property named counts.
  bool plain = false;
};

// One specimen under all seeds.
struct SelfTestRow {
  std::string specimen;
  SpecimenKind kind = SpecimenKind::mutant;
  std::uint64_t caught = 0;  // runs in which the right property was named; of twins and decoys: any was
  std::uint64_t wrong = 0;   // runs of a mutant in which another property was named
  std::string property{};    // the one named most recently
  std::string layer{};
  double seconds_median = 0;  // until it was caught; 0: it never was
  double seconds_most = 0;
  std::uint64_t seeds = 0;
  std::string note{};  // the bug, or why it is not expected to be caught
  bool expected = true;
};

// Rows in the order of the specimens; `progress` is called with each as it is ready. `stop`, which a signal sets, ends it
// early; may be null.
[[nodiscard]] std::vector<SelfTestRow> run_self_test(const SelfTestOptions& options,
                                                     const std::atomic<bool>* stop,
                                                     const std::function<void(const SelfTestRow&)>& progress);

// A mutant that is expected to be caught was caught under every seed but one in twenty; a twin or decoy never.
[[nodiscard]] bool as_expected(const SelfTestRow& row);

[[nodiscard]] std::string kind_word(SpecimenKind kind);

}  // namespace crosstalk::harness::verify
