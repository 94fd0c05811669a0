// What the pool's locks, queues and pools sleep on, explored, also with deadlines; the counters; the mailbox; the epochs. Judged by
// pool_scenarios_test.cpp, and run by crosstalk_explore_pool.
#include <atomic>
#include <chrono>
#include <memory_resource>
#include <mutex>
#include <thread>

#include "harness/explore/scenario.h"
#include "pool/containers/counter.h"
#include "pool/sync/condition.h"
#include "pool/sync/epoch.h"
#include "pool/sync/event_count.h"
#include "pool/sync/mailbox.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::chrono::milliseconds kBrief{1};

template <class Counter>
void two_increment() {
  Counter counter;
  {
    const auto count = [&] {
      const std::int64_t seen = counter.get();
      static_cast<void>(counter.compare_and_swap(seen, seen));
      counter.increment(2);
    };
    std::jthread first(count);
    std::jthread second(count);
  }
  require(counter.get() == 4, "an addition is lost");
}

}  // namespace

EXPLORE_AS("sync/semaphore/one_permit_excludes") {
  pool::Semaphore semaphore(1);
  int count = 0;
  {
    const auto enter = [&] {
      semaphore.acquire();
      ++count;
      semaphore.release();
    };
    std::jthread first(enter);
    std::jthread second(enter);
    std::jthread third(enter);
  }
  require(count == 3, "an entry is lost");
  require(semaphore.available() == 1, "a permit is lost");
}

EXPLORE_AS("sync/semaphore/time_out_keeps_no_permit") {
  pool::Semaphore semaphore(0);
  bool got = false;
  {
    std::jthread waiting([&] { got = semaphore.try_acquire_for(kBrief); });
    std::jthread releasing([&] { semaphore.release(); });
  }
  require(semaphore.available() == (got ? 0U : 1U), "a permit is lost or made");
}

// A wake-up that reaches somebody who gives up must not be lost for the other one.
EXPLORE_AS("sync/semaphore/time_out_beside_a_waiter") {
  pool::Semaphore semaphore(0);
  bool got = false;
  {
    std::jthread hasty([&] {
      got = semaphore.try_acquire_for(kBrief);
      if (got) semaphore.release();
    });
    std::jthread patient([&] { semaphore.acquire(); });
    semaphore.release();
  }
  require(semaphore.available() == 0, "a permit is made");
}

EXPLORE_AS("sync/semaphore/release_of_two") {
  pool::Semaphore semaphore(0);
  {
    std::jthread first([&] { semaphore.acquire(); });
    std::jthread second([&] { semaphore.acquire(); });
    semaphore.release(2);
  }
  require(semaphore.available() == 0, "a permit is made");
}

// release() does not touch it after the step that gives the permit.
EXPLORE_AS("sync/semaphore/destroyed_by_the_waiter") {
  auto semaphore = std::make_unique<pool::Semaphore>(0);
  std::jthread releasing([target = semaphore.get()] { target->release(); });
  semaphore->acquire();
  semaphore.reset();
}

EXPLORE_AS("sync/condition/no_notification_lost") {
  std::mutex mutex;
  pool::Condition changed;
  int ready = 0;
  const auto wait = [&] {
    const std::lock_guard locked(mutex);
    changed.wait(mutex, [&] { return ready > 0; });
    --ready;
  };
  std::jthread first(wait);
  std::jthread second(wait);
  for (int i = 0; i < 2; ++i) {
    {
      const std::lock_guard locked(mutex);
      ++ready;
    }
    changed.notify_one();
  }
}

// One of the two may give up, at any moment; the other one is always served.
EXPLORE_AS("sync/condition/time_out_beside_a_waiter") {
  std::mutex mutex;
  pool::Condition changed;
  int ready = 0;
  int taken = 0;
  {
    std::jthread hasty([&] {
      const std::lock_guard locked(mutex);
      if (!changed.wait_for(mutex, kBrief, [&] { return ready > 0; })) return;
      --ready;
      ++taken;
    });
    std::jthread patient([&] {
      const std::lock_guard locked(mutex);
      changed.wait(mutex, [&] { return ready > 0; });
      --ready;
      ++taken;
    });
    for (int i = 0; i < 2; ++i) {
      {
        const std::lock_guard locked(mutex);
        ++ready;
      }
      changed.notify_one();
    }
  }
  require(ready + taken == 2, "something is lost or made");
}

EXPLORE_AS("sync/event_count/no_notification_lost") {
  pool::EventCount event;
  std::atomic<bool> ready{false};
  int data = 0;
  const auto wait = [&] {
    event.await([&] { return ready.load(std::memory_order_acquire); });
    require(data == 1, "not there");
  };
  std::jthread first(wait);
  std::jthread second(wait);
  data = 1;
  ready.store(true, std::memory_order_release);
  event.notify_all();
}

EXPLORE_AS("sync/event_count/one_after_the_other") {
  pool::EventCount event;
  std::atomic<int> permits{0};
  const auto take = [&] {
    event.await([&] {
      int seen = permits.load(std::memory_order_acquire);
      while (seen > 0 && !permits.compare_exchange_strong(seen, seen - 1, std::memory_order_acq_rel)) {
      }
      return seen > 0;
    });
  };
  std::jthread first(take);
  std::jthread second(take);
  for (int i = 0; i < 2; ++i) {
    permits.fetch_add(1, std::memory_order_release);
    event.notify_one();
  }
}

EXPLORE_AS("sync/event_count/deadline_against_notification") {
  pool::EventCount event;
  std::atomic<bool> ready{false};
  int data = 0;
  std::jthread waiting([&] {
    const auto done = [&] { return ready.load(std::memory_order_acquire); };
    if (event.await(done, pool::deadline_in(kBrief))) require(data == 1, "not there");
  });
  data = 1;
  ready.store(true, std::memory_order_release);
  event.notify_one();
}

EXPLORE_AS("sync/mailbox/three_ask") {
  pool::Mailbox<int> mailbox(0);  // the int is plain
  {
    const auto ask = [&] { require(mailbox.ask([](int& value) { return ++value; }) <= 3, "a wrong answer"); };
    std::jthread first(ask);
    std::jthread second(ask);
    std::jthread third(ask);
  }
  require(mailbox.ask([](int& value) { return value; }) == 3, "a request is lost");
}

EXPLORE_AS("sync/mailbox/one_throws") {
  pool::Mailbox<int> mailbox(0);
  {
    std::jthread first([&] {
      try {
        mailbox.ask([](int&) -> int { throw 7; });
        require(false, "an exception is lost");
      } catch (int) {
      }
    });
    std::jthread second(
        [&] { require(mailbox.ask([](int& value) { return ++value; }) == 1, "a wrong answer"); });
  }
  require(mailbox.ask([](int& value) { return value; }) == 1, "a request is lost");
}

// A request that asks another mailbox, in one order of the two.
EXPLORE_AS("sync/mailbox/ask_within") {
  pool::Mailbox<int> outer(0);
  pool::Mailbox<int> inner(0);
  const auto ask = [&] {
    outer.ask([&](int& value) { return value += inner.ask([](int& other) { return ++other; }); });
  };
  std::jthread first(ask);
  std::jthread second(ask);
  std::jthread third([&] { inner.ask([](int& value) { return ++value; }); });
}

namespace {

struct RetiredNumber {
  explicit RetiredNumber(int number) : value(number) {}

  pool::EpochDomain::Retired retired;  // first: what is freed is the whole
  int value;

  static void free_it(pool::EpochDomain::Retired* object) noexcept {
    delete reinterpret_cast<RetiredNumber*>(object);
  }
};

}  // namespace

// Whoever is pinned may read what was there when it looked; the writer, who may keep nothing, waits for it.
EXPLORE_AS("sync/epoch/retire_beside_a_pin") {
  pool::EpochDomain domain(std::pmr::new_delete_resource(), 0);
  std::atomic<RetiredNumber*> shared{new RetiredNumber(7)};
  {
    std::jthread reader([&] {
      const pool::EpochDomain::Pin pin(domain);
      require(shared.load(std::memory_order_acquire)->value >= 7, "not the object");
    });
    std::jthread writer([&] {
      RetiredNumber* const old = shared.exchange(new RetiredNumber(8), std::memory_order_acq_rel);
      old->retired.bytes = sizeof(RetiredNumber);
      old->retired.free_it = &RetiredNumber::free_it;
      domain.retire(&old->retired);
    });
  }
  require(domain.bytes_waiting() == 0, "something waits although nobody is pinned");
  delete shared.load(std::memory_order_relaxed);
}

EXPLORE_AS("counter/locked/two_increment") {
  two_increment<pool::LockedCounter<std::mutex>>();
}

EXPLORE_AS("counter/atomic/two_increment") {
  two_increment<pool::AtomicCounter>();
}

EXPLORE_AS("counter/striped/two_add") {
  pool::StripedCounter counter;
  {
    std::jthread first([&] { counter.add(1); });
    std::jthread second([&] { counter.add(2); });
  }
  require(counter.sum() == 3, "an addition is lost");
}

}  // namespace crosstalk::harness::explore
