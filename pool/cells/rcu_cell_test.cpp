#include <sched.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "pool/cell.h"
#include "pool/cell_conformance.h"
#include "pool/cells/rcu_cell.h"
#include "pool/lock_exercise.h"
#include "pool/stress_rounds.h"
#include "pool/sync/asymmetric_barrier.h"

namespace crosstalk::pool {
namespace {

struct RcuTrouble {};

// Counts how many there are.
struct CountedVersion {
  static inline int alive = 0;
  int value = 0;
  CountedVersion() { ++alive; }
  CountedVersion(const CountedVersion& other) : value(other.value) { ++alive; }
  CountedVersion& operator=(const CountedVersion&) = delete;
  ~CountedVersion() { --alive; }
};

TEST_CASE("rcu: the old version is gone when a write returns, and the new one if it throws", "[pool][cell]") {
  {
    CellOf<Rcu, CountedVersion> cell;
    CHECK(CountedVersion::alive == 1);
    for (int i = 1; i <= 5; ++i) {
      CHECK(cell.write([](CountedVersion& data) {
        CHECK(CountedVersion::alive == 2);
        return ++data.value;
      }) == i);
      CHECK(CountedVersion::alive == 1);
      CHECK_THROWS_AS(cell.write([](CountedVersion& data) -> int {
        data.value = 100;
        throw RcuTrouble();
      }),
                      RcuTrouble);
      CHECK(CountedVersion::alive == 1);
      CHECK(cell.read([](const CountedVersion& data) { return data.value; }) == i);
    }
  }
  CHECK(CountedVersion::alive == 0);
}

TEST_CASE("rcu: a read may read again, and one that throws has left", "[pool][cell]") {
  CellOf<Rcu, int> cell(3);
  CHECK(cell.read([&](const int& outer) {
    return cell.read([&](const int& inner) { return inner * 10 + outer; });
  }) == 33);
  CHECK_THROWS_AS(cell.read([](const int&) -> int { throw RcuTrouble(); }), RcuTrouble);
  CHECK(cell.write([](int& value) { return ++value; }) == 4);  // would wait for ever
}

TEST_CASE("rcu: the end of an inner read does not end the outer one", "[pool][cell]") {
  CellOf<Rcu, int> cell(1);
  std::atomic<bool> returned{false};
  std::thread writer;
  cell.read([&](const int& outer) {
    writer = std::thread([&] {
      cell.write([](int& value) { return value = 2; });
      returned = true;
    });
    while (cell.read([](const int& value) { return value; }) != 2) sched_yield();
    CHECK(outer == 1);
    CHECK_FALSE(returned);
    return 0;
  });
  writer.join();
}

TEST_CASE("rcu: right without membarrier, too", "[pool][cell][stress]") {
  detail::set_barrier_mode(detail::BarrierMode::symmetric);
  const auto report = check_cell<Rcu>({4, stress_rounds(20), 1'000});
  detail::set_barrier_mode(detail::BarrierMode::undecided);
  detail::decide_barrier_mode();
  INFO(report.property << ": " << report.detail);
  CHECK(report.passed);
}

}  // namespace
}  // namespace crosstalk::pool
