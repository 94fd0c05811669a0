// What may differ between two processes of one program without meaning anything, and changes its speed all the same: how
// large its environment is, which moves the stack (Mytkowicz et al., ASPLOS 2009), where its heap begins, which of several
// links of the same objects it is, and on which processors it runs. Each is drawn anew, so that it becomes noise, which the
// test knows how to treat, and not a difference between base and head.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/random.h"

namespace crosstalk::harness::gate {

inline constexpr std::size_t kLargestEnvironmentPad =
    4095;  // bytes: a page, beyond which the stack repeats itself

// Of one process.
struct Surroundings {
  std::size_t layout = 0;           // which of the programs that are one build linked differently
  std::size_t environment_pad = 0;  // bytes, 0 to kLargestEnvironmentPad
  std::size_t plan_row =
      0;  // which of the equal rows of its plan: by its number the pad before the heap is drawn
  std::vector<int> cpus{};  // that it may use, ascending; empty: all that we may
};

// What there is to draw from.
struct Choices {
  std::vector<std::size_t> layouts{0};  // not empty
  std::size_t plan_rows = 1;            // at least 1
  std::vector<int> cpus{};              // of the pair: base and head run on the same
};

[[nodiscard]] Surroundings draw_surroundings(workloads::RandomStream& random, const Choices& choices);

// Which of the processors `usable` a pair runs on, the same for both of its processes: as many as it has `threads`,
// neighbours in the list, beginning anywhere. Empty where that would leave none out.
[[nodiscard]] std::vector<int> draw_cpus(workloads::RandomStream& random, const std::vector<int>& usable,
                                         std::size_t threads);

// Which of `layouts` links a phase draws from. What is red is confirmed with links it was not found with: the search has
// those of even number, the confirmation those of odd number. Where there is one only, both have that.
[[nodiscard]] std::vector<std::size_t> layouts_of(std::size_t layouts, bool confirmation);

// "NAME=xxx" of `bytes` bytes beyond the name; nothing for 0. The name is none that crosstalk reads.
[[nodiscard]] std::string padding_variable(std::size_t bytes);

}  // namespace crosstalk::harness::gate
