#include "pool/resources/thread_number.h"

#include <atomic>
#include <bit>

namespace crosstalk::pool {

namespace {

static_assert(kThreadNumbers == 64);  // a bit each
constinit std::atomic<std::uint64_t> thread_numbers_taken{0};

// Gives the thread's number back at its end.
class ThreadNumberReturn {
 public:
  ThreadNumberReturn() = default;
  ThreadNumberReturn(const ThreadNumberReturn&) = delete;
  ThreadNumberReturn& operator=(const ThreadNumberReturn&) = delete;
  ~ThreadNumberReturn() {
    const std::uint32_t mine = detail::this_thread_number;
    detail::this_thread_number = kNoThreadNumber;
    if (mine >= kThreadNumbers) return;
    // (1) - release: synchronizes with the acquire in take_thread_number() (2) of the number's next owner.
    thread_numbers_taken.fetch_and(~(std::uint64_t{1} << mine), std::memory_order_release);
  }
};

}  // namespace

std::uint32_t detail::take_thread_number() noexcept {
  thread_local const ThreadNumberReturn at_end;
  static_cast<void>(at_end);
  // relaxed: validated by the CAS.
  std::uint64_t seen = thread_numbers_taken.load(std::memory_order_relaxed);
  std::uint32_t lowest = 0;
  do {
    lowest = static_cast<std::uint32_t>(std::countr_one(seen));
    if (lowest == kThreadNumbers) break;
    // (2) - acquire: synchronizes with the release in ~ThreadNumberReturn() (1). relaxed on failure: tried again.
  } while (!thread_numbers_taken.compare_exchange_weak(seen, seen | std::uint64_t{1} << lowest,
                                                       std::memory_order_acquire, std::memory_order_relaxed));
  return this_thread_number = lowest;
}

}  // namespace crosstalk::pool
