// Which thread runs on which processor.
#pragma once

#include <vector>

#include "harness/plan.h"

namespace crosstalk::harness {

// A processor as the kernel describes it.
struct Processor {
  int cpu = 0;
  int package = 0;
  int core = 0;  // within the package; processors of one core share its execution units
  friend bool operator==(const Processor&, const Processor&) = default;
};

struct Placement {
  std::vector<int> drivers;  // processor of each driver; empty: not pinned
  std::vector<int> workers;
  bool oversubscribed = false;  // more threads than processors: some share one
};

// Processors this process may use, ascending.
[[nodiscard]] std::vector<Processor> usable_processors();

// Threads take processors in turn, drivers first, so that no two share one while there are enough. spread: one
// processor of each core before the second of any, packages in turn. compact: core after core, package after package.
// none: wherever the kernel likes.
[[nodiscard]] Placement place(Pin pin, std::vector<Processor> processors, unsigned drivers, unsigned workers);

// Does nothing where the kernel refuses.
void pin_this_thread(int cpu) noexcept;
// Sleeps of this thread end as soon as the timer says, not up to 50 us later.
void sharpen_timers() noexcept;

}  // namespace crosstalk::harness
