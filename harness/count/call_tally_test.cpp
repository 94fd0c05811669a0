#include "harness/count/call_tally.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <cstdint>
#include <memory_resource>
#include <new>
#include <thread>
#include <vector>

#include "harness/count/count_test_help.h"
#include "pool/sync/futex.h"

namespace crosstalk::harness::count {
namespace {

struct alignas(64) Wide {
  char bytes[64];
};

// What f does on this thread.
template <class F>
CallTotals counted(F&& f) {
  CallTally::switch_on();
  const CallTotals before = CallTally::totals();
  CallTally::count_this_thread(true);
  f();
  CallTally::count_this_thread(false);
  const CallTotals after = CallTally::totals();
  return {after.allocations - before.allocations, after.bytes - before.bytes, after.wakes - before.wakes};
}

TEST_CASE("every form of operator new is counted once, with its bytes", "[count]") {
  CallTally::switch_on();
  REQUIRE(CallTally::sees_heap() != kHeapIsOwn);
  if (kHeapIsOwn) return;
  const CallTotals plain = counted([] { ::operator delete(::operator new(100)); });
  CHECK(plain.allocations == 1);
  CHECK(plain.bytes == 100);
  CHECK(counted([] { ::operator delete[](::operator new[](10)); }).allocations == 1);
  CHECK(counted([] { ::operator delete(::operator new(10, std::nothrow)); }).allocations == 1);
  CHECK(counted([] { ::operator delete[](::operator new[](10, std::nothrow)); }).allocations == 1);
  constexpr std::align_val_t kWide{64};
  CHECK(counted([] { ::operator delete(::operator new(9, kWide, std::nothrow), kWide); }).allocations == 1);
  CHECK(counted([] { ::operator delete[](::operator new[](9, kWide, std::nothrow), kWide); }).allocations ==
        1);
  CHECK(counted([] {
          ::operator delete (::operator new (64, std::align_val_t{64}), std::align_val_t{64});
        }).bytes == 64);
  CHECK(counted([] {
          ::operator delete[](::operator new[](64, std::align_val_t{64}), std::align_val_t{64});
        }).allocations == 1);
}

TEST_CASE("what a memory resource and the standard library's containers take is counted", "[count]") {
  if (kHeapIsOwn) return;
  CHECK(counted([] {
          std::pmr::vector<int> numbers(std::pmr::new_delete_resource());
          numbers.reserve(25);
        }).bytes == 100);
  CHECK(counted([] {
          std::vector<Wide> wide;
          wide.reserve(3);
        }).bytes == 192);
}

TEST_CASE("only threads that ask for it are counted", "[count]") {
  const CallTotals others = counted([] {
    CallTally::count_this_thread(false);
    ::operator delete(::operator new(100));
    CallTally::count_this_thread(true);
  });
  CHECK(others.allocations == 0);
  const CallTotals with_thread = counted([] {
    CallTally::count_this_thread(false);
    std::thread thread([] { ::operator delete(::operator new(100)); });
    thread.join();
    CallTally::count_this_thread(true);
  });
  CHECK(with_thread.allocations == 0);
}

TEST_CASE("wake-ups are counted, and errno is kept", "[count]") {
  CallTally::switch_on();
  REQUIRE(CallTally::sees_kernel());
  const std::uint32_t word = 0;
  errno = 77;
  CHECK(counted([&] { pool::futex_wake(&word, 1); }).wakes == 1);
  CHECK(errno == 77);
}

}  // namespace
}  // namespace crosstalk::harness::count
