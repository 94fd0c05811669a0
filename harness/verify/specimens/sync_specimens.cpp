// What waits, orders and owns, each with a deliberate bug and without: a semaphore, a value reached by requests, a bounded queue, a strand, a
// memory resource, a reclamation domain, an event count.
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/verify/service_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/sync_cases.h"

namespace crosstalk::harness::verify {

namespace {

// M32: a release wakes one waiter, however many permits come.
class M32Permits final : public PermitsOnTrial {
 public:
  M32Permits(std::uint32_t permits, bool broken) : broken_(broken), permits_(permits) {}
  bool try_acquire() override {
    const std::lock_guard guard(mutex_);
    return take();
  }
  bool acquire(std::chrono::nanoseconds time) override {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(guard, time, [this] { return take(); });
  }
  void release(std::uint32_t count) override {
    const std::lock_guard guard(mutex_);
    permits_ += count;
    broken_ ? changed_.notify_one() : changed_.notify_all();
  }

 private:
  bool take() {
    if (permits_ == 0) return false;
    --permits_;
    return true;
  }
  const bool broken_;
  std::mutex mutex_;  // guards the permits
  std::condition_variable changed_;
  std::uint32_t permits_;
};

// M33: a request that throws leaves the value locked.
class M33Requests final : public RequestsOnTrial {
 public:
  explicit M33Requests(bool broken) : broken_(broken) {}
  std::int64_t ask(const std::function<std::int64_t(std::int64_t&)>& request) override {
    mutex_.lock();
    try {
      const std::int64_t answer = request(value_);
      mutex_.unlock();
      return answer;
    } catch (...) {
      if (!broken_) mutex_.unlock();
      throw;
    }
  }

 private:
  const bool broken_;
  std::mutex mutex_;  // guards the value
  std::int64_t value_ = 0;
};

// M34: the end is told to who takes, and not to those who wait for room.
class M34Queue final : public BlockingQueueOnTrial {
 public:
  M34Queue(std::size_t entries, bool broken) : broken_(broken), most_(entries) {}
  Put push(const Item& item, std::chrono::nanoseconds time) override {
    std::unique_lock guard(mutex_);
    const auto room = [this] { return closed_ || items_.size() < most_; };
    if (!room() && (time.count() == 0 || !room_.wait_for(guard, time, room))) return Put::full;
    if (closed_) return Put::closed;
    items_.push_back(item);
    work_.notify_one();
    return Put::queued;
  }
  std::vector<Item> take() override {
    std::unique_lock guard(mutex_);
    work_.wait(guard, [this] { return closed_ || !items_.empty(); });
    room_.notify_all();
    const auto items = std::exchange(items_, {});
    return {items.begin(), items.end()};
  }
  void close() override {
    const std::lock_guard guard(mutex_);
    closed_ = true;
    work_.notify_all();
    if (!broken_) room_.notify_all();
  }

 private:
  const bool broken_;
  const std::size_t most_;
  std::mutex mutex_;  // guards the two below
  std::condition_variable room_, work_;
  std::deque<Item> items_;
  bool closed_ = false;
};

// M35: two workers may take up the same strand, for it looks whether somebody has before it says that it has.
class M35Strand final : public StrandOnTrial {
 public:
  explicit M35Strand(bool broken) : broken_(broken) {
    for (std::thread& worker : workers_) worker = std::thread([this] { work(); });
  }
  ~M35Strand() override {
    {
      const std::lock_guard guard(mutex_);
      ends_ = true;
      changed_.notify_all();
    }
    for (std::thread& worker : workers_) worker.join();
  }
  bool post(std::function<void()> task) override {
    const std::lock_guard guard(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_all();
    return true;
  }
  void settle() override {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return tasks_.empty() && running_ == 0; });
  }

 private:
  void work() {
    std::unique_lock guard(mutex_);
    for (;;) {
      changed_.wait(guard, [this] { return ends_ || (!tasks_.empty() && running_ == 0); });
      if (ends_) return;
      if (broken_) {
        guard.unlock();
        std::this_thread::yield();
        guard.lock();
        if (tasks_.empty()) continue;
      }
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      ++running_;
      guard.unlock();
      try {
        task();
      } catch (...) {  // nobody asks
      }
      guard.lock();
      --running_;
      changed_.notify_all();
    }
  }

  const bool broken_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  unsigned running_ = 0;
  bool ends_ = false;
  std::array<std::thread, 2> workers_;
};

// M36: the place of the next block is read and written back, not moved on.
class M36Memory final : public std::pmr::memory_resource {
 public:
  explicit M36Memory(bool broken) : broken_(broken), bytes_(kBytes) {}

 private:
  static constexpr std::size_t kBytes = std::size_t{8} << 20;
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const std::size_t length = bytes + alignment;
    // relaxed (all): only the number counts.
    std::size_t begin = next_.load(std::memory_order_relaxed);
    if (broken_) {
      std::this_thread::yield();
      next_.store(begin + length, std::memory_order_relaxed);
    } else {
      begin = next_.fetch_add(length, std::memory_order_relaxed);
    }
    if (begin + length > kBytes) return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    const auto place = reinterpret_cast<std::uintptr_t>(bytes_.data()) + begin;
    return reinterpret_cast<void*>((place + alignment - 1) / alignment * alignment);
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    auto* const at = static_cast<std::byte*>(block);
    const bool own = at >= bytes_.data() && at < bytes_.data() + kBytes;
    if (!own) std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  const bool broken_;
  std::vector<std::byte> bytes_;
  std::atomic<std::size_t> next_{0};
};

// M37: waits for the readers of one of its two sides only.
class M37Reclaimer final : public ReclaimerOnTrial {
 public:
  explicit M37Reclaimer(bool broken) : broken_(broken) {}
  void read(const std::function<void()>& reading) override {
    // seq_cst (all): a reader announces itself, then looks; a writer unlinks, then looks for readers.
    auto& mine = readers_[side_.fetch_add(1, std::memory_order_seq_cst) % 2];
    mine.fetch_add(1, std::memory_order_seq_cst);
    reading();
    mine.fetch_sub(1, std::memory_order_seq_cst);
  }
  void retire(std::function<void()> free) override {
    for (std::size_t side = 0; side < (broken_ ? 1U : 2U); ++side) {
      while (readers_[side].load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
    }
    free();
  }
  void drain() override {}

 private:
  const bool broken_;
  std::atomic<unsigned> side_{0};
  std::array<std::atomic<unsigned>, 2> readers_{};
};

// M38: notify_all() wakes one.
class M38Events final : public EventsOnTrial {
 public:
  explicit M38Events(bool broken) : broken_(broken) {}
  void await(const std::function<bool()>& done) override {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, done);
  }
  void notify() override {
    const std::lock_guard guard(mutex_);
    changed_.notify_one();
  }
  void notify_all() override {
    const std::lock_guard guard(mutex_);
    broken_ ? changed_.notify_one() : changed_.notify_all();
  }

 private:
  const bool broken_;
  std::mutex mutex_;  // guards what is waited for
  std::condition_variable changed_;
};

template <class Cases>
void add_sync_pair(std::vector<Specimen>& all, const char* name, const char* bug, Cases cases,
                   const std::vector<std::string>& properties) {
  add_pair(all,
           {.name = name,
            .bug = bug,
            .cases = cases(true),
            .properties = properties,
            .of_the_chapter = false,
            .layer = "waiting and owning"},
           cases(false));
}

}  // namespace

void add_sync_specimens(std::vector<Specimen>& all) {
  add_sync_pair(all, "M32", "a release wakes one, however many permits come",
                [](bool broken) {
                  return permit_cases({[broken](std::uint32_t permits) {
                    return std::make_unique<M32Permits>(permits, broken);
                  }});
                },
                {"wake-up"});
  add_sync_pair(
      all, "M33", "a request that throws leaves the value locked",
      [](bool broken) { return request_cases({[broken] { return std::make_unique<M33Requests>(broken); }}); },
      {"errors"});
  add_sync_pair(all, "M34", "those who wait for room are not told of the end",
                [](bool broken) {
                  return blocking_queue_cases({[broken](std::size_t entries) {
                    return std::make_unique<M34Queue>(entries, broken);
                  }});
                },
                {"wake-up"});
  add_sync_pair(
      all, "M35", "two workers take up the same strand",
      [](bool broken) {
        return strand_cases({[broken](std::size_t) { return std::make_unique<M35Strand>(broken); }});
      },
      {"one at a time", "order of submission"});
  add_sync_pair(
      all, "M36", "the place of the next block is read and written back",
      [](bool broken) { return memory_cases({[broken] { return std::make_shared<M36Memory>(broken); }}); },
      {"no overlap"});
  add_sync_pair(all, "M37", "frees when half of the readers have left",
                [](bool broken) {
                  return reclaim_cases({[broken] { return std::make_unique<M37Reclaimer>(broken); }});
                },
                {"no use after free"});
  add_sync_pair(
      all, "M38", "a notification of all wakes one",
      [](bool broken) { return event_cases({[broken] { return std::make_unique<M38Events>(broken); }}); },
      {"wake-up"});
}

}  // namespace crosstalk::harness::verify
