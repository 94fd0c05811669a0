#include "harness/verify/lock_order.h"

#include <catch2/catch.hpp>
#include <memory>
#include <shared_mutex>
#include <thread>

#include "harness/verify/watched_lock.h"
#include "pool/locks/futex_mutex.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::harness::verify {

namespace {

// A graph and what it has said; all locks that the test makes are watched by it.
struct WatchedOrder {
  std::string said;
  LockOrder order{[this](const std::string& what) { said = what; }};
  LockOrder::Scope scope{order};
};
// Locks of our own: the orders are wrong on purpose, and ThreadSanitizer would tell of those of the system's.
using Mutex = WatchedLock<pool::FutexMutex>;
struct FreeRwLock : pool::RwLock {  // promises no order: its readers may go ahead of a writer that waits
  static constexpr pool::LockContract kContract{.shared = true, .algorithm = "as RwLock", .source = ""};
};

template <class First, class Second>
void take_both(First& first, Second& second) {
  const std::scoped_lock outer(first);
  const std::scoped_lock inner(second);
}
template <class First, class Second>
void on_another_thread(First& first, Second& second) {
  std::thread([&] { take_both(first, second); }).join();
}

}  // namespace

TEST_CASE("two orders are a deadlock that has not happened", "[harness][verify]") {
  WatchedOrder watched;
  Mutex a;
  Mutex b;
  take_both(a, b);
  CHECK(watched.said.empty());
  on_another_thread(b, a);
  CHECK_THAT(watched.said, Catch::Contains("lock_order_test.cpp:") &&
                               Catch::Contains("thread 1 took lock 0") &&
                               Catch::Contains("thread 0 took lock 0"));
}

TEST_CASE("one order is none, however often", "[harness][verify]") {
  WatchedOrder watched;
  Mutex locks[3];
  for (int i = 0; i < 3; ++i) {
    take_both(locks[0], locks[1]);
    take_both(locks[1], locks[2]);
    on_another_thread(locks[0], locks[2]);
  }
  CHECK(watched.said.empty());
}

TEST_CASE("three locks in a ring are found", "[harness][verify]") {
  WatchedOrder watched;
  Mutex locks[3];
  for (unsigned i = 0; i < 3; ++i) take_both(locks[i], locks[(i + 1) % 3]);
  CHECK_FALSE(watched.said.empty());
}

TEST_CASE("orders under a common gate never meet", "[harness][verify]") {
  WatchedOrder watched;
  Mutex gate;
  Mutex a;
  Mutex b;
  {
    const std::scoped_lock held(gate);
    take_both(a, b);
  }
  {
    const std::scoped_lock held(gate);
    take_both(b, a);
  }
  CHECK(watched.said.empty());
  // Outside the gate it is the same order, but nothing keeps it from the other one.
  take_both(a, b);
  CHECK_FALSE(watched.said.empty());
}

TEST_CASE("a gate that both only read lets them meet", "[harness][verify]") {
  WatchedOrder watched;
  WatchedLock<FreeRwLock> gate;
  Mutex a;
  Mutex b;
  {
    const std::shared_lock held(gate);
    take_both(a, b);
  }
  const std::shared_lock held(gate);
  take_both(b, a);
  CHECK_FALSE(watched.said.empty());
}

TEST_CASE("who only tries does not wait, but what it got it holds", "[harness][verify]") {
  WatchedOrder watched;
  Mutex a;
  Mutex b;
  take_both(a, b);
  {
    const std::scoped_lock outer(b);
    REQUIRE(a.try_lock());
    a.unlock();
  }
  CHECK(watched.said.empty());
  REQUIRE(b.try_lock());
  a.lock();
  CHECK_FALSE(watched.said.empty());
  a.unlock();
  b.unlock();
}

TEST_CASE("locks made at one place are one class among other classes", "[harness][verify]") {
  WatchedOrder watched;
  Mutex rooms[2];
  Mutex session;
  take_both(rooms[0], session);
  take_both(session, rooms[1]);
  CHECK_FALSE(watched.said.empty());
}

TEST_CASE("a lock that is taken twice by a thread is found before it hangs", "[harness][verify]") {
  WatchedOrder watched;
  Mutex a;
  a.lock();
  watched.order.waits(0, HoldMode::exclusive);
  CHECK_THAT(watched.said, Catch::Contains("again while it holds it"));
  a.unlock();
}

TEST_CASE("a reader that reads again is found where writers go first, and only there", "[harness][verify]") {
  {
    WatchedOrder watched;
    WatchedLock<FreeRwLock> free_for_all;
    const std::shared_lock one(free_for_all);
    const std::shared_lock two(free_for_all);
    CHECK(watched.said.empty());
  }
  WatchedOrder watched;
  WatchedLock<pool::RwLock> bounded;
  const std::shared_lock one(bounded);
  const std::shared_lock two(bounded);
  CHECK_THAT(watched.said, Catch::Contains("as a reader"));
}

TEST_CASE("readers of two locks in two orders meet only where writers go first", "[harness][verify]") {
  const auto said_by = []<class L>(std::unique_ptr<L>*) {
    WatchedOrder watched;
    L a;
    L b;
    {
      const std::shared_lock outer(a);
      const std::shared_lock inner(b);
    }
    const std::shared_lock outer(b);
    const std::shared_lock inner(a);
    return watched.said;
  };
  CHECK(said_by(static_cast<std::unique_ptr<WatchedLock<FreeRwLock>>*>(nullptr)).empty());
  CHECK_FALSE(said_by(static_cast<std::unique_ptr<WatchedLock<pool::RwLock>>*>(nullptr)).empty());
}

TEST_CASE("a lock that nobody watches is the lock inside", "[harness][verify]") {
  CHECK(LockOrder::current() == nullptr);
  Mutex a;
  Mutex b;
  take_both(a, b);
  take_both(b, a);
  static_assert(WatchedLock<pool::RwLock>::kContract.shared);
}

}  // namespace crosstalk::harness::verify
