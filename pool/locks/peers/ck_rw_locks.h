// Reader-writer locks of Concurrency Kit under the member names of the standard. All spin without a pause for the scheduler: with more threads than
// processors a waiter burns its time slice.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include <ck_brlock.h>
#include <ck_pflock.h>
#include <ck_rwlock.h>
#include <ck_tflock.h>

#include "pool/contract.h"
#include "pool/locks/peers/ck_shim.h"
#include "pool/locks/peers/tsan_marks.h"
#include "pool/resources/thread_number.h"

namespace crosstalk::pool {

// Progress: a reader waits for one writer at most; a writer for the writers before it and the readers between them.
class CkPflock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .fairness = Fairness::bounded,
                                          .bypass_bound = 1,  // of phases
                                          .algorithm = "phase-fair tickets",
                                          .source = "Concurrency Kit, Brandenburg, Anderson 2010"};

  CkPflock() noexcept { ck_pflock_init(&lock_); }
  void lock() noexcept {
    ck_pflock_write_lock(&lock_);
    mark_acquired(this);
  }
  void unlock() noexcept {
    mark_releasing(this);
    ck_pflock_write_unlock(&lock_);
  }
  void lock_shared() noexcept {
    ck_pflock_read_lock(&lock_);
    mark_acquired(this);
  }
  void unlock_shared() noexcept {
    mark_releasing(this);
    ck_pflock_read_unlock(&lock_);
  }

 private:
  ck_pflock_t lock_;
};

// Progress: in order of arrival, neighbouring readers together.
class CkTflock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .fairness = Fairness::fifo,
                                          .algorithm = "task-fair tickets",
                                          .source = "Concurrency Kit, Mellor-Crummey, Scott 1991"};

  CkTflock() noexcept { ck_tflock_ticket_init(&lock_); }
  void lock() noexcept {
    ck_tflock_ticket_write_lock(&lock_);
    mark_acquired(this);
  }
  void unlock() noexcept {
    mark_releasing(this);
    ck_tflock_ticket_write_unlock(&lock_);
  }
  void lock_shared() noexcept {
    ck_tflock_ticket_read_lock(&lock_);
    mark_acquired(this);
  }
  void unlock_shared() noexcept {
    mark_releasing(this);
    ck_tflock_ticket_read_unlock(&lock_);
  }

 private:
  ck_tflock_ticket_t lock_;
};

// Progress: writers come first, and readers may starve.
class CkRwlock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .algorithm = "writer flag and reader count, prefers writers",
                                          .source = "Concurrency Kit"};

  CkRwlock() noexcept { ck_rwlock_init(&lock_); }
  void lock() noexcept {
    ck_rwlock_write_lock(&lock_);
    mark_acquired(this);
  }
  bool try_lock() noexcept {
    const bool got = ck_rwlock_write_trylock(&lock_);
    if (got) mark_acquired(this);
    return got;
  }
  void unlock() noexcept {
    mark_releasing(this);
    ck_rwlock_write_unlock(&lock_);
  }
  void lock_shared() noexcept {
    ck_rwlock_read_lock(&lock_);
    mark_acquired(this);
  }
  bool try_lock_shared() noexcept {
    const bool got = ck_rwlock_read_trylock(&lock_);
    if (got) mark_acquired(this);
    return got;
  }
  void unlock_shared() noexcept {
    mark_releasing(this);
    ck_rwlock_read_unlock(&lock_);
  }

 private:
  ck_rwlock_t lock_;
};

// A reader writes to a line of its own and a writer looks at them all. Concurrency Kit leaves the readers' nodes to the
// caller; here each lock has one per thread number (resources/thread_number.h). Enlisting a node takes a writer's turn, so the
// lowest numbers, as many as there are processors but at least 8, are enlisted from the beginning; a thread with a higher
// number waits in its first read until all readers have left, and one without a number reads as a writer.
// Progress: writers come first, and readers may starve. Errors: std::bad_alloc from the constructor, and from a first read
// that enlists.
class CkBrlock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .algorithm = "big-reader, a flag a thread, prefers writers",
                                          .source = "Concurrency Kit"};

  CkBrlock() {
    ck_brlock_init(&lock_);
    const std::uint32_t first = std::clamp(std::thread::hardware_concurrency(), 8U, kThreadNumbers);
    for (std::uint32_t number = 0; number < first; ++number) enlist(number);
  }
  CkBrlock(const CkBrlock&) = delete;
  CkBrlock& operator=(const CkBrlock&) = delete;

  void lock() noexcept {
    crosstalk_ck_brlock_write_lock(&lock_);
    mark_acquired(this);
  }
  bool try_lock() noexcept {
    const bool got = crosstalk_ck_brlock_write_trylock(&lock_);
    if (got) mark_acquired(this);
    return got;
  }
  void unlock() noexcept {
    mark_releasing(this);
    crosstalk_ck_brlock_write_unlock(&lock_);
  }
  void lock_shared() {
    const std::uint32_t number = thread_number();
    if (number == kNoThreadNumber) return lock();
    if (readers_[number] == nullptr) [[unlikely]]
      enlist(number);
    ck_brlock_read_lock(&lock_, &readers_[number]->node);
    mark_acquired(this);
  }
  void unlock_shared() noexcept {
    const std::uint32_t number = thread_number();
    if (number == kNoThreadNumber) return unlock();
    mark_releasing(this);
    ck_brlock_read_unlock(&readers_[number]->node);
  }

 private:
  struct alignas(128) Reader {
    ck_brlock_reader_t node{};
  };

  void enlist(std::uint32_t number) {
    auto reader = std::make_unique<Reader>();
    crosstalk_ck_brlock_register(&lock_, &reader->node);
    readers_[number] = std::move(reader);
  }

  ck_brlock_t lock_;
  // Once shared, an entry is touched by the thread that has its number and by no other.
  std::array<std::unique_ptr<Reader>, kThreadNumbers> readers_{};
};

}  // namespace crosstalk::pool
