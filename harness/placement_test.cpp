#include <catch2/catch.hpp>

#include <sched.h>

#include <algorithm>
#include <set>
#include <vector>

#include "harness/placement.h"

namespace crosstalk::harness {
namespace {

// Two packages of two cores of two processors, numbered as Linux likes to: the second processors of all cores
// last.
const std::vector<Processor> kBig{{0, 0, 0}, {1, 0, 1}, {2, 1, 0}, {3, 1, 1},
                                  {4, 0, 0}, {5, 0, 1}, {6, 1, 0}, {7, 1, 1}};

std::vector<int> order(Pin pin, const std::vector<Processor>& processors) {
  return place(pin, processors, static_cast<unsigned>(processors.size()), 0).drivers;
}

TEST_CASE("spread uses every core before a second processor of any, packages in turn",
          "[harness][placement]") {
  CHECK(order(Pin::spread, kBig) == std::vector<int>{0, 2, 1, 3, 4, 6, 5, 7});
}

TEST_CASE("compact fills core after core, package after package", "[harness][placement]") {
  CHECK(order(Pin::compact, kBig) == std::vector<int>{0, 4, 1, 5, 2, 6, 3, 7});
}

TEST_CASE("the order in which the kernel lists processors does not matter", "[harness][placement]") {
  std::vector<Processor> reversed(kBig.rbegin(), kBig.rend());
  CHECK(order(Pin::spread, reversed) == order(Pin::spread, kBig));
  CHECK(order(Pin::compact, reversed) == order(Pin::compact, kBig));
}

TEST_CASE("spread copes with packages and cores of unequal size", "[harness][placement]") {
  const std::vector<Processor> uneven{{0, 0, 0}, {1, 0, 0}, {2, 0, 1}, {3, 1, 0}};
  CHECK(order(Pin::spread, uneven) == std::vector<int>{0, 3, 2, 1});
}

TEST_CASE("drivers come first, and nobody shares a processor while there are enough",
          "[harness][placement]") {
  for (const Pin pin : {Pin::spread, Pin::compact}) {
    const Placement placement = place(pin, kBig, 3, 5);
    CHECK_FALSE(placement.oversubscribed);
    CHECK(placement.drivers.size() == 3);
    CHECK(placement.workers.size() == 5);
    std::set<int> used(placement.drivers.begin(), placement.drivers.end());
    used.insert(placement.workers.begin(), placement.workers.end());
    CHECK(used.size() == 8);
  }
}

TEST_CASE("more threads than processors share them in turn", "[harness][placement]") {
  const Placement placement = place(Pin::compact, {{0, 0, 0}, {1, 0, 1}}, 1, 2);
  CHECK(placement.oversubscribed);
  CHECK(placement.drivers == std::vector<int>{0});
  CHECK(placement.workers == std::vector<int>{1, 0});
}

TEST_CASE("without pins threads have no place, but too many are still too many", "[harness][placement]") {
  const Placement enough = place(Pin::none, kBig, 4, 4);
  CHECK(enough.drivers.empty());
  CHECK(enough.workers.empty());
  CHECK_FALSE(enough.oversubscribed);
  CHECK(place(Pin::none, kBig, 4, 5).oversubscribed);
}

TEST_CASE("the processors of this process are those it may run on", "[harness][placement]") {
  cpu_set_t set;
  CPU_ZERO(&set);
  REQUIRE(sched_getaffinity(0, sizeof set, &set) == 0);
  const std::vector<Processor> usable = usable_processors();
  CHECK(usable.size() == static_cast<std::size_t>(CPU_COUNT(&set)));
  for (const Processor& processor : usable) CHECK(CPU_ISSET(static_cast<unsigned>(processor.cpu), &set));
  CHECK(std::is_sorted(usable.begin(), usable.end(),
                       [](const Processor& a, const Processor& b) { return a.cpu < b.cpu; }));
}

TEST_CASE("a pinned thread may run on its processor alone", "[harness][placement]") {
  cpu_set_t before;
  CPU_ZERO(&before);
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  const int cpu = usable_processors().back().cpu;
  pin_this_thread(cpu);
  cpu_set_t pinned;
  CPU_ZERO(&pinned);
  sched_getaffinity(0, sizeof pinned, &pinned);
  sched_setaffinity(0, sizeof before, &before);
  CHECK(CPU_COUNT(&pinned) == 1);
  CHECK(CPU_ISSET(static_cast<unsigned>(cpu), &pinned));
}

}  // namespace
}  // namespace crosstalk::harness
