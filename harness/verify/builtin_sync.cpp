// What our parts wait on and reach values by, and what owns memory and tasks, as the verifier calls them.
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "harness/verify/component.h"
#include "harness/verify/container_cases.h"
#include "harness/verify/service_cases.h"
#include "harness/verify/sync_cases.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"
#include "pool/locks/rw_lock.h"
#include "pool/resources/arena_resource.h"
#include "pool/resources/write_queue.h"
#include "pool/sync/condition.h"
#include "pool/sync/epoch.h"
#include "pool/sync/mailbox.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::harness::verify {

namespace {

class OurPermits final : public PermitsOnTrial {
 public:
  explicit OurPermits(std::uint32_t permits) : semaphore_(permits) {}
  bool try_acquire() override { return semaphore_.try_acquire(); }
  bool acquire(std::chrono::nanoseconds time) override {
    if (time < kWaitForEver) return semaphore_.try_acquire_for(time);
    semaphore_.acquire();
    return true;
  }
  void release(std::uint32_t count) override { semaphore_.release(count); }

 private:
  pool::Semaphore semaphore_;
};

// What is waited for changes outside of the lock, and is notified of with it held, as a condition wants it.
template <class Mutex, class Lock>
class OurConditionEvents final : public EventsOnTrial {
 public:
  void await(const std::function<bool()>& done) override {
    Lock lock(mutex_);
    condition_.wait(lock, done);
  }
  void notify() override {
    const std::lock_guard guard(mutex_);
    condition_.notify_one();
  }
  void notify_all() override {
    const std::lock_guard guard(mutex_);
    condition_.notify_all();
  }

 private:
  Mutex mutex_;  // guards what is waited for
  pool::Condition condition_;
};

class OurRequests final : public RequestsOnTrial {
 public:
  std::int64_t ask(const std::function<std::int64_t(std::int64_t&)>& request) override {
    return mailbox_.ask(request);
  }

 private:
  pool::Mailbox<std::int64_t> mailbox_;
};

// A mailbox as a counter, whose histories are judged.
class MailboxCounter {
 public:
  std::int64_t increment() {
    return mailbox_.ask([](std::int64_t& value) { return ++value; });
  }
  std::int64_t get() {
    return mailbox_.ask([](std::int64_t& value) { return value; });
  }
  std::int64_t exchange(std::int64_t next) {
    return mailbox_.ask([next](std::int64_t& value) { return std::exchange(value, next); });
  }
  bool compare_and_swap(std::int64_t expected, std::int64_t next) {
    return mailbox_.ask([=](std::int64_t& value) {
      const bool equal = value == expected;
      if (equal) value = next;
      return equal;
    });
  }

 private:
  pool::Mailbox<std::int64_t> mailbox_;
};

class OurQueue final : public QueueOnTrial {
 public:
  explicit OurQueue(std::size_t entries) : queue_(entries * sizeof(pool::WriteEntry)) {}
  Put push(const Item& item, std::chrono::nanoseconds time) override {
    pool::WriteEntry entry;
    entry.kind = pool::WriteKind::message;
    entry.room = static_cast<pool::RoomId>(item.sender);
    entry.sequence = item.number;
    const auto deadline = time.count() == 0 ? pool::Deadline{} : pool::deadline_in(time);
    switch (queue_.push(entry, nullptr, deadline)) {
      case pool::AppendStatus::queued:
        return Put::queued;
      case pool::AppendStatus::closed:
        return Put::closed;
      default:
        return Put::full;
    }
  }
  std::vector<Item> take() override {
    const pool::WriteBatch batch = queue_.take();
    std::vector<Item> items;
    const pool::WriteEntry* entry = batch.first;
    for (std::size_t i = 0; i < batch.entries; ++i) {
      items.push_back({entry->room, entry->sequence});
      entry = &entry->next();
    }
    return items;
  }
  void close() override { queue_.close(); }

 private:
  pool::WriteQueue queue_;
};

class OurStrand final : public StrandOnTrial {
 public:
  explicit OurStrand(std::size_t capacity) : workers_(options_of(capacity)), strand_(workers_) {}
  bool post(std::function<void()> task) override {
    return strand_.post(std::move(task), pool::Priority::normal) != pool::Admission::rejected;
  }
  void settle() override { workers_.wait_idle(); }

 private:
  static pool::PoolOptions options_of(std::size_t capacity) {
    pool::PoolOptions options = pool::PoolOptions::fixed(2);
    options.capacity = capacity;
    options.policy = pool::QueuePolicy::reject;
    return options;
  }
  pool::ThreadPool workers_;
  pool::Strand strand_;
};

class OurEpochs final : public ReclaimerOnTrial {
 public:
  void read(const std::function<void()>& reading) override {
    const pool::EpochDomain::Pin pin(domain_);
    reading();
  }
  void retire(std::function<void()> free) override {
    auto* const kept = new Kept;
    kept->free = std::move(free);
    kept->bytes = sizeof(Kept);
    kept->free_it = [](pool::EpochDomain::Retired* retired) noexcept {
      const std::unique_ptr<Kept> own(static_cast<Kept*>(retired));
      own->free();
    };
    domain_.retire(kept);
  }
  void drain() override { domain_.drain(); }

 private:
  struct Kept : pool::EpochDomain::Retired {
    std::function<void()> free;
  };
  // The bound is low, so that writers meet it.
  pool::EpochDomain domain_{std::pmr::new_delete_resource(), 32 * sizeof(Kept)};
};

void add_waiting(std::vector<Component>& all) {
  all.push_back(
      {.name = "sync/semaphore",
       .promises = "never more permits than given, as many woken as come",
       .cases = permit_cases({[](std::uint32_t permits) { return std::make_unique<OurPermits>(permits); }})});
  using OverMutex = OurConditionEvents<std::mutex, std::unique_lock<std::mutex>>;
  using OverReaders = OurConditionEvents<pool::RwLock, std::shared_lock<pool::RwLock>>;
  all.push_back({.name = "sync/condition",
                 .promises = "no notification lost",
                 .cases = event_cases({[] { return std::make_unique<OverMutex>(); }})});
  all.push_back({.name = "sync/condition_shared",
                 .promises = "no notification lost, with waiters that are readers",
                 .cases = event_cases({[] { return std::make_unique<OverReaders>(); }})});
}

void add_mailbox(std::vector<Component>& all) {
  std::vector<VerifyCase> cases = request_cases({[] { return std::make_unique<OurRequests>(); }});
  for (VerifyCase& one : counter_cases(any_counter<MailboxCounter>(pool::kLockedCounterContract)))
    cases.push_back(std::move(one));
  all.push_back({.name = "sync/mailbox",
                 .promises = "linearizable, one request at a time, errors to who asked",
                 .cases = std::move(cases)});
}

}  // namespace

void add_builtin_sync(std::vector<Component>& all) {
  add_waiting(all);
  add_mailbox(all);
  all.push_back({.name = "sync/epoch",
                 .promises = "nothing is freed while somebody may read it, all in the end",
                 .cases = reclaim_cases({[] { return std::make_unique<OurEpochs>(); }})});
  all.push_back({.name = "memory/arena_resource",
                 .promises = "blocks do not overlap, and are aligned",
                 .cases = memory_cases({[] { return std::make_shared<pool::ArenaResource>(); }})});
  all.push_back(
      {.name = "queue/write_queue",
       .promises = "bounded, a sender's in order, nothing lost at the end",
       .cases = queue_cases({[](std::size_t entries) { return std::make_unique<OurQueue>(entries); }})});
  all.push_back(
      {.name = "executor/strand",
       .promises = "one task at a time, in order, an accepted one once",
       .cases = strand_cases({[](std::size_t capacity) { return std::make_unique<OurStrand>(capacity); }})});
}

}  // namespace crosstalk::harness::verify
