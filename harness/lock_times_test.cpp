#include "harness/lock_times.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

TEST_CASE("waits and holds add up, nested ones too", "[harness][anatomy]") {
  LockTimes times;
  times.asked(100, 0);
  times.acquired(130, 0, true);  // waited 30
  times.asked(150, 4);
  times.acquired(190, 4, false);  // waited 40 with the first one held
  times.released(200);
  CHECK(times.totals().hold_ticks == 0);  // the outer one is still held
  times.released(210);
  CHECK(times.totals().wait_ticks == 70);
  CHECK(times.totals().hold_ticks == 210 - 130 - 40);
  CHECK(times.totals().sections == 2);
  CHECK(times.wait_max_ticks() == 40);
  CHECK(times.writer_wait_max_ticks() == 30);
  times.forget_maxima();
  CHECK(times.wait_max_ticks() == 0);
}

TEST_CASE("who is served after later arrivals was bypassed by as many at least", "[harness][anatomy]") {
  LockTimes times;
  times.asked(0, 5);
  times.acquired(1, 5, true);  // in order
  times.released(2);
  CHECK(times.bypass_max() == 0);
  times.asked(3, 10);
  times.acquired(4, 13, true);
  times.released(5);
  CHECK(times.bypass_max() == 3);
  times.asked(6, 20);
  times.acquired(7, 18, true);  // earlier ones are still waiting
  times.released(8);
  CHECK(times.bypass_max() == 3);
  times.asked(9, 0xFFFF'FFFF);
  times.acquired(10, 1, true);  // the counter has wrapped
  times.released(11);
  CHECK(times.bypass_max() == 3);
}

TEST_CASE("locks deeper than can be told are counted and not timed", "[harness][anatomy]") {
  LockTimes times;
  for (std::uint64_t i = 0; i < 10; ++i) {
    times.asked(i, 0);
    times.acquired(i, 0, true);
  }
  for (std::uint64_t i = 10; i < 20; ++i) times.released(i);
  CHECK(times.totals().sections == 10);
  CHECK(times.totals().hold_ticks == 19);
}

TEST_CASE("a writer inside is in everybody's way, who asks only in that of who wants it alone",
          "[harness][anatomy]") {
  LockTimes times;
  const auto section = [&](InTheWay way, bool exclusive) {
    const std::uint64_t before = times.contended();
    times.asked(0, 0, way);
    times.acquired(1, 0, exclusive);
    times.released(2);
    return times.contended() - before;
  };
  CHECK(section(InTheWay::nobody, true) == 0);
  CHECK(section(InTheWay::asker, true) == 1);
  CHECK(section(InTheWay::asker, false) == 0);
  CHECK(section(InTheWay::writer, true) == 1);
  CHECK(section(InTheWay::writer, false) == 1);
  CHECK(times.shared() == 2);
  CHECK(times.totals().sections == 5);
}

}  // namespace
}  // namespace crosstalk::harness
