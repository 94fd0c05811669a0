#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

#include "pool/builtin.h"
#include "pool/guarded.h"

namespace crosstalk::pool {
namespace {

struct LogProbe {
  static inline std::string log;
  void before(Access access) { log += access == Access::shared ? "b" : "B"; }
  void acquired(Access access) { log += access == Access::shared ? "a" : "A"; }
  void released(Access access) { log += access == Access::shared ? "r" : "R"; }
};

TEST_CASE("a probe sees the way through the lock in order", "[pool][guarded]") {
  LogProbe::log.clear();
  Guarded<int, RwLock, LogProbe> value(1);
  CHECK(value.read([](const int& v) { return v; }) == 1);
  value.write([](int& v) { return v = 2; });
  CHECK(LogProbe::log == "barBAR");
}

TEST_CASE("a read through an exclusive lock is exclusive", "[pool][guarded]") {
  LogProbe::log.clear();
  const Guarded<int, TtasLock, LogProbe> value(1);
  CHECK(value.read([](const int& v) { return v; }) == 1);
  CHECK(LogProbe::log == "BAR");
}

TEMPLATE_LIST_TEST_CASE("an exception inside leaves the lock free", "[pool][guarded]", SampleLocks) {
  Guarded<int, TestType> value(0);
  CHECK_THROWS_AS(value.write([](int& v) -> int {
    v = 1;
    throw std::runtime_error("x");
  }),
                  std::runtime_error);
  CHECK_THROWS_AS(value.read([](const int&) -> int { throw std::runtime_error("x"); }), std::runtime_error);
  CHECK(value.write([](int& v) { return ++v; }) == 2);
}

static_assert(sizeof(Guarded<std::uint64_t, NullLock>) <= 16, "the empty probe takes no room");

}  // namespace
}  // namespace crosstalk::pool
