// epoch: when may memory be freed that others may still be reading? Epoch-based reclamation after Fraser, "Practical
// lock-freedom" (2004), section 5.2.3, with counters instead of registered threads.
//
//   reader:  EpochDomain::Pin pin(domain);  load a pointer, read what it points to; until the pin dies nothing is freed that
//            could be loaded since the pin was made
//   writer:  unlink the object, so that no new reader finds it; domain.retire(object)
//
// A pin counts itself in one of many slots, under the epoch that it sees; a thread has a slot of its own, as long as there
// are enough, and otherwise shares one. So threads come and go without a word, and pins of different threads write nothing
// in common. The epoch moves on from e to e + 1 when no pin of e - 1 is left; an object that was retired in epoch r is freed
// in r + 2.
//
// Why that is enough. A pin of epoch p keeps the epoch at p + 1 or lower. If it can read an object retired in r, then p <= r: a
// pin of r + 1 or later has seen the epoch move on (2), which the retiring thread's look at the epoch (3) came before, and so
// loads a pointer that is newer than the unlinking. So the epoch is at most r + 1 while the pin is there.
// Why no pin is missed. A pin counts itself, then sees that the epoch is still e (1), all in the single order of seq_cst; who
// moves the epoch on to e + 2 has seen e + 1, so looks at the counters after the pin's step in that order, and finds it.
// Epoch numbers modulo 3 tell the counters apart, since pins count under e and e - 1 only; a pin that came too late, and
// finds another epoch than the one it counted under, takes its count back, and has at most delayed the epoch.
//
// Bound: what waits to be freed is at most `bytes_most`, by retire() of whoever passes that bound: it then waits for the pins
// of others. So a reader that stands still stops writers in the end, and never readers.
//
// Progress: Pin is lock-free, and repeats its step only where the epoch has moved on; its end is wait-free. retire() blocks: for
// a brief lock, and at the bound. Readers never wait for writers. Errors: none but those of the constructor's allocation.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>

#include "pool/cache_line.h"
#include "pool/containers/fixed_array.h"
#include "pool/executor/brief_lock.h"
#include "pool/resources/thread_number.h"
#include "pool/sync/brief_wait.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class EpochDomain {
  struct alignas(kCacheLine) Slot {
    std::atomic<std::uint32_t> pins[3] = {};  // by epoch modulo 3
  };

 public:
  static constexpr std::size_t kBytesMost = std::size_t{64} << 20;

  // What can be retired: a part of it. `free_it` frees the whole, on any thread, and does not call the domain.
  struct Retired {
    using Free = void (*)(Retired*) noexcept;

    Retired* next = nullptr;
    std::uint64_t epoch = 0;
    std::size_t bytes = 0;
    Free free_it = nullptr;
  };

  // Slots come from `memory`, which outlives the domain.
  explicit EpochDomain(std::pmr::memory_resource* memory, std::size_t bytes_most = kBytesMost)
      : slots_(memory, kSlots), bytes_most_(bytes_most) {}
  // Frees what is left; nobody may be pinned.
  ~EpochDomain() { free_all(oldest_); }
  EpochDomain(const EpochDomain&) = delete;
  EpochDomain& operator=(const EpochDomain&) = delete;

  // While it lives, nothing is freed that its thread could have loaded. Does not wait for locks or other threads meanwhile. Of
  // one thread, but several may be nested.
  class [[nodiscard]] Pin {
   public:
    explicit Pin(EpochDomain& domain) noexcept : slot_(domain.slots_[slot_of_this_thread()]) {
      // relaxed: a guess; (1) decides.
      std::uint64_t epoch = domain.epoch_.load(std::memory_order_relaxed);
      while (true) {
        turn_ = epoch % 3;
        // (1) - seq_cst (both): ordered against the steps of advance() (2), see above. The load's acquire also
        // synchronizes with (2): who sees the epoch r + 1 sees what was unlinked in r.
        slot_.pins[turn_].fetch_add(1, std::memory_order_seq_cst);
        const std::uint64_t now = domain.epoch_.load(std::memory_order_seq_cst);
        if (now == epoch) return;
        // relaxed: nothing was read under this count.
        slot_.pins[turn_].fetch_sub(1, std::memory_order_relaxed);
        epoch = now;
      }
    }
    ~Pin() {
      // (4) - release: synchronizes with advance() (2), so that all reading happens before the freeing.
      slot_.pins[turn_].fetch_sub(1, std::memory_order_release);
    }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;

   private:
    Slot& slot_;
    std::uint64_t turn_;
  };

  // Frees `object`, which no new reader can find any more, once no pin of now is left. Not while pinned.
  void retire(Retired* object) noexcept {
    bool due = false;
    bool over = false;
    {
      const std::scoped_lock guard(lock_);
      // (3) - acq_rel, by a read-modify-write. release: whoever moves the epoch on from this one (2) synchronizes with it, and
      // so do the pins of the next epoch (1): they see the unlinking. acquire: the numbers in the list ascend.
      object->epoch = epoch_.fetch_add(0, std::memory_order_acq_rel);
      object->next = nullptr;
      *newest_ = object;
      newest_ = &object->next;
      bytes_ += object->bytes;
      over = bytes_ > bytes_most_;
      due = ++since_look_ >= kBetweenLooks;
      if (due) since_look_ = 0;
    }
    if (over) return wait_for_bound(bytes_most_);
    if (due) static_cast<void>(free_some());
  }

  // Returns when nothing waits to be freed: what others retire meanwhile is waited for too, so without limit while they go
  // on. Waits for the pins that it takes. Not while pinned.
  void drain() noexcept { wait_for_bound(0); }

  // Retired and not yet freed.
  [[nodiscard]] std::size_t bytes_waiting() noexcept {
    const std::scoped_lock guard(lock_);
    return bytes_;
  }

 private:
  static constexpr std::uint32_t kSlots =
      2 * kThreadNumbers;                             // the second half is shared by threads without a number
  static constexpr std::uint32_t kBetweenLooks = 16;  // retired objects: to look costs a load for each slot

  static std::uint32_t slot_of_this_thread() noexcept {
    const std::uint32_t number = thread_number();
    if (number != kNoThreadNumber) return number;
    // Where the thread's own variables lie tells it from the others.
    const auto place = reinterpret_cast<std::uintptr_t>(&detail::this_thread_number);
    return kThreadNumbers + static_cast<std::uint32_t>((place >> 12) * 0x9E3779B1U >> 16) % kThreadNumbers;
  }

  // One attempt to move the epoch on; by any number of threads.
  void advance() noexcept {
    // (2) - seq_cst (all): see (1). acquire: synchronizes with (4). The CAS passes on, by acquire and release, what (3) and
    // earlier steps have let it see.
    std::uint64_t epoch = epoch_.load(std::memory_order_seq_cst);
    for (const Slot& slot : slots_) {
      if (slot.pins[(epoch + 2) % 3].load(std::memory_order_seq_cst) != 0) return;
    }
    epoch_.compare_exchange_strong(epoch, epoch + 1, std::memory_order_seq_cst);
  }

  // Frees what may be; returns the bytes that wait on.
  std::size_t free_some() noexcept {
    // Twice, so that where nobody is pinned nothing waits on.
    advance();
    advance();
    Retired* first = nullptr;
    std::size_t left = 0;
    {
      const std::scoped_lock guard(lock_);
      first = take_free();
      left = bytes_;
    }
    free_all(first);
    return left;
  }

  // Under the lock: takes out what may be freed.
  Retired* take_free() noexcept {
    // acquire: synchronizes with (2), whoever moved the epoch on.
    const std::uint64_t epoch = epoch_.load(std::memory_order_acquire);
    Retired* const first = oldest_;
    Retired** end = &oldest_;
    while (*end != nullptr && (*end)->epoch + 2 <= epoch) {
      bytes_ -= (*end)->bytes;
      end = &(*end)->next;
    }
    if (end == &oldest_) return nullptr;
    oldest_ = *end;
    *end = nullptr;
    if (oldest_ == nullptr) newest_ = &oldest_;
    return first;
  }

  static void free_all(Retired* first) noexcept {
    while (first != nullptr) {
      Retired* const next = first->next;
      first->free_it(first);
      first = next;
    }
  }

  // Looks briefly, then naps: nobody wakes who waits here.
  void wait_for_bound(std::size_t bytes) noexcept {
    const auto within_bound = [&] { return free_some() <= bytes; };
    if (wait_briefly(within_bound)) return;
    const std::uint32_t nothing = 0;
    while (!within_bound()) futex_wait(&nothing, 0, deadline_in(std::chrono::microseconds(100)));
  }

  FixedArray<Slot> slots_;
  alignas(kCacheLine) std::atomic<std::uint64_t> epoch_{2};
  alignas(kCacheLine) BriefLock lock_;  // guards what follows
  Retired* oldest_ = nullptr;
  Retired** newest_ = &oldest_;
  std::size_t bytes_ = 0;
  const std::size_t bytes_most_;
  std::uint32_t since_look_ = 0;
};

}  // namespace crosstalk::pool
