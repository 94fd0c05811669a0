#include "harness/count/call_tally.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <new>

#include "harness/count/call_redirect.h"

namespace crosstalk::harness::count {

namespace {

using PlainNew = void* (*)(std::size_t);
using AlignedNew = void* (*)(std::size_t, std::align_val_t);
using PlainNewOrNull = void* (*)(std::size_t, const std::nothrow_t&);
using AlignedNewOrNull = void* (*)(std::size_t, std::align_val_t, const std::nothrow_t&);
using SystemCall = long (*)(long, ...);

// The functions themselves; set before the calls are redirected, and never again.
PlainNew plain_new = nullptr;
PlainNew plain_new_array = nullptr;
AlignedNew aligned_new = nullptr;
AlignedNew aligned_new_array = nullptr;
PlainNewOrNull plain_new_or_null = nullptr;
PlainNewOrNull plain_new_array_or_null = nullptr;
AlignedNewOrNull aligned_new_or_null = nullptr;
AlignedNewOrNull aligned_new_array_or_null = nullptr;
SystemCall system_call = nullptr;

std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> bytes{0};
std::atomic<std::uint64_t> wakes{0};
thread_local bool this_counts = false;

// One form of operator new may call another one: only the outermost call counts.
class Allocation {
 public:
  explicit Allocation(std::size_t size) noexcept : counted_(this_counts) {
    if (!counted_) return;
    this_counts = false;
    // relaxed (both): counts, read by whoever has seen to it that nobody counts meanwhile.
    allocations.fetch_add(1, std::memory_order_relaxed);
    bytes.fetch_add(size, std::memory_order_relaxed);
  }
  ~Allocation() {
    if (counted_) this_counts = true;
  }
  Allocation(const Allocation&) = delete;
  Allocation& operator=(const Allocation&) = delete;

 private:
  bool counted_;
};

void* counted_new(std::size_t size) {
  const Allocation counted(size);
  return plain_new(size);
}
void* counted_new_array(std::size_t size) {
  const Allocation counted(size);
  return plain_new_array(size);
}
void* counted_aligned_new(std::size_t size, std::align_val_t alignment) {
  const Allocation counted(size);
  return aligned_new(size, alignment);
}
void* counted_aligned_new_array(std::size_t size, std::align_val_t alignment) {
  const Allocation counted(size);
  return aligned_new_array(size, alignment);
}

void* counted_new_or_null(std::size_t size, const std::nothrow_t& how) {
  const Allocation counted(size);
  return plain_new_or_null(size, how);
}
void* counted_new_array_or_null(std::size_t size, const std::nothrow_t& how) {
  const Allocation counted(size);
  return plain_new_array_or_null(size, how);
}
void* counted_aligned_new_or_null(std::size_t size, std::align_val_t alignment, const std::nothrow_t& how) {
  const Allocation counted(size);
  return aligned_new_or_null(size, alignment, how);
}
void* counted_aligned_new_array_or_null(std::size_t size, std::align_val_t alignment,
                                        const std::nothrow_t& how) {
  const Allocation counted(size);
  return aligned_new_array_or_null(size, alignment, how);
}

// Takes the place of syscall(), which has as many arguments as the call wants: all of them are handed on, as syscall() itself does.
long counted_system_call(long number, long a, long b, long c, long d, long e, long f) {
  const bool futex = number == SYS_futex && this_counts;
  const long command = futex ? b & FUTEX_CMD_MASK : -1;
  // relaxed: a count, as above.
  if (command == FUTEX_WAKE || command == FUTEX_WAKE_BITSET) wakes.fetch_add(1, std::memory_order_relaxed);
  return system_call(number, a, b, c, d, e, f);
}

template <class Function>
void redirect(const char* symbol, Function& original, Function counted) noexcept {
  original = reinterpret_cast<Function>(find_function(symbol));
  if (original != nullptr) redirect_calls(symbol, reinterpret_cast<void*>(counted));
}

}  // namespace

void CallTally::switch_on() noexcept {
  if (system_call != nullptr) return;
  redirect("_Znwm", plain_new, &counted_new);
  redirect("_Znam", plain_new_array, &counted_new_array);
  redirect("_ZnwmSt11align_val_t", aligned_new, &counted_aligned_new);
  redirect("_ZnamSt11align_val_t", aligned_new_array, &counted_aligned_new_array);
  redirect("_ZnwmRKSt9nothrow_t", plain_new_or_null, &counted_new_or_null);
  redirect("_ZnamRKSt9nothrow_t", plain_new_array_or_null, &counted_new_array_or_null);
  redirect("_ZnwmSt11align_val_tRKSt9nothrow_t", aligned_new_or_null, &counted_aligned_new_or_null);
  redirect("_ZnamSt11align_val_tRKSt9nothrow_t", aligned_new_array_or_null,
           &counted_aligned_new_array_or_null);
  system_call = reinterpret_cast<SystemCall>(find_function("syscall"));
  if (system_call != nullptr) redirect_calls("syscall", reinterpret_cast<void*>(&counted_system_call));
}

bool CallTally::sees_heap() noexcept {
  const bool before = this_counts;
  const CallTotals seen = totals();
  this_counts = true;
  void* const memory = ::operator new(1);
  this_counts = before;
  ::operator delete(memory);
  return totals().allocations == seen.allocations + 1;
}

bool CallTally::sees_kernel() noexcept {
  const int error = errno;
  const bool before = this_counts;
  const CallTotals seen = totals();
  const std::uint32_t nobody = 0;
  this_counts = true;
  syscall(SYS_futex, &nobody, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, nullptr, nullptr, 0);
  this_counts = before;
  errno = error;
  return totals().wakes == seen.wakes + 1;
}

void CallTally::count_this_thread(bool counts) noexcept {
  this_counts = counts;
}

CallTotals CallTally::totals() noexcept {
  // relaxed (all): counts, as above.
  return {.allocations = allocations.load(std::memory_order_relaxed),
          .bytes = bytes.load(std::memory_order_relaxed),
          .wakes = wakes.load(std::memory_order_relaxed)};
}

}  // namespace crosstalk::harness::count
