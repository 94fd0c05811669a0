// Every built-in lock against its contract, and broken locks against the checks.
#include <catch2/catch.hpp>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "pool/builtin.h"
#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEMPLATE_LIST_TEST_CASE("a built-in lock keeps its contract", "[pool][lock]", BuiltinLocks) {
  const auto report = check_lock<TestType>({.threads = 4, .rounds = stress_rounds(10), .operations = 1'000});
  INFO(kLockName<TestType> << ": " << report.property << ": " << report.detail);
  CHECK(report.passed);
}

TEMPLATE_LIST_TEST_CASE("a built-in lock keeps its contract under churn", "[pool][lock][stress]",
                        BuiltinLocks) {
  const auto report = check_lock<TestType>({.threads = 8, .rounds = stress_rounds(100), .operations = 40});
  INFO(kLockName<TestType> << ": " << report.property << ": " << report.detail);
  CHECK(report.passed);
}

TEST_CASE("every built-in lock has a name of its own", "[pool][lock]") {
  std::set<std::string_view> names;
  for_each_builtin_lock([&]<class L>(std::string_view name) {
    CHECK_FALSE(name.empty());
    CHECK(names.insert(name).second);
    CHECK_FALSE(kContractOf<L>.algorithm.empty());
  });
  CHECK(names.size() == std::tuple_size_v<BuiltinLocks>);
}

// The write lock of the chat-room chapter: waits for readers, but marks nothing, so it excludes nobody.
class ExcludesNobody {
 public:
  void lock() noexcept {}
  void unlock() noexcept {}
};

class AdmitsReadersDuringWrite {
 public:
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }
  void lock_shared() noexcept {}
  void unlock_shared() noexcept {}

 private:
  std::mutex mutex_;
};

class SkipsATicket {
 public:
  void lock() {
    const unsigned mine = next_.fetch_add(1);
    while (serving_.load() < mine) sched_yield();
  }
  void unlock() { serving_.fetch_add(++unlocks_ % 50 == 0 ? 2 : 1); }  // lets two in now and then

 private:
  std::atomic<unsigned> next_{0};
  std::atomic<unsigned> serving_{0};
  std::atomic<unsigned> unlocks_{0};
};

TEST_CASE("a lock that excludes nobody is caught", "[pool][lock]") {
  CHECK(check_lock<ExcludesNobody>().property == "exclusion");
}

TEST_CASE("a lock that lets readers in during a write is caught", "[pool][lock]") {
  CHECK(check_lock<AdmitsReadersDuringWrite>().property == "exclusion of readers");
}

TEST_CASE("a ticket lock that skips a ticket is caught", "[pool][lock]") {
  CHECK(check_lock<SkipsATicket>().property == "exclusion");
}

// Its try_lock_for forgets to take back that it waits.
class LeavesATrace {
 public:
  void lock() { lock_.lock(); }
  bool try_lock() { return lock_.try_lock(); }
  void unlock() { lock_.unlock(); }
  void lock_shared() {
    while (!try_lock_shared()) sched_yield();
  }
  bool try_lock_shared() { return waiting_ == 0 && lock_.try_lock_shared(); }
  void unlock_shared() { lock_.unlock_shared(); }
  template <class Time>
  bool try_lock_for(Time) {
    if (lock_.try_lock()) return true;
    ++waiting_;
    return false;
  }

 private:
  std::shared_mutex lock_;
  std::atomic<int> waiting_{0};
};

TEST_CASE("a lock whose writer gives up and goes on keeping readers out is caught", "[pool][lock]") {
  CHECK(detail::check_try_lock_shared<LeavesATrace>().property == "try_lock_shared");
}

class TryNeverSucceeds : public std::mutex {
 public:
  bool try_lock() { return false; }
};

TEST_CASE("a try that never succeeds is caught", "[pool][lock]") {
  CHECK(check_lock<TryNeverSucceeds>({.threads = 2, .rounds = 1, .operations = 10}).property == "try_lock");
}

TEST_CASE("rw_lock: a writer that waits keeps later readers out, and gets in before them", "[pool][lock]") {
  RwLock lock;
  lock.lock_shared();
  std::atomic<bool> wrote{false};
  std::thread writer([&] {
    lock.lock();
    wrote = true;
    lock.unlock();
  });
  while (lock.try_lock_shared()) lock.unlock_shared();  // until the writer is present
  CHECK_FALSE(wrote);
  std::atomic<bool> read_before_write{false};
  std::thread reader([&] {
    lock.lock_shared();
    read_before_write = !wrote;
    lock.unlock_shared();
  });
  lock.unlock_shared();
  writer.join();
  reader.join();
  CHECK_FALSE(read_before_write);
}

TEST_CASE("rw_lock: readers that never pause do not starve writers", "[pool][lock][stress]") {
  RwLock lock;
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        lock.lock_shared();
        lock.unlock_shared();
      }
    });
  }
  for (unsigned i = 0; i < stress_rounds(2'000); ++i) {
    lock.lock();
    lock.unlock();
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  SUCCEED("all writes went through");
}

TEST_CASE("rw_lock: try_lock fails beside readers and leaves no trace", "[pool][lock]") {
  RwLock lock;
  lock.lock_shared();
  CHECK_FALSE(lock.try_lock());
  CHECK(lock.try_lock_shared());
  lock.unlock_shared();
  lock.unlock_shared();
  for (int i = 0; i < 70'000; ++i) {  // past the wrap of the 16-bit tickets
    REQUIRE(lock.try_lock());
    lock.unlock();
  }
  lock.lock();
  lock.unlock();
}

TEST_CASE("ticket lock: a free lock can be tried, a held one cannot", "[pool][lock]") {
  TicketLock lock;
  REQUIRE(lock.try_lock());
  CHECK_FALSE(lock.try_lock());
  lock.unlock();
  REQUIRE(lock.try_lock());
  lock.unlock();
}

}  // namespace
}  // namespace crosstalk::pool
