// Exceptions that threads hand over: who gives one up, and who destroys it as the last. libstdc++ counts in its library, unseen, so that
// the destructor would seem to race with those who have looked at the exception before. Weak, as a program may bring its own libstdc++:
// linked into it (-static-libstdc++) that is used, and the order is not seen.
#include <exception>

#include "harness/explore/memory_model.h"
#include "harness/explore/real_calls.h"

namespace crosstalk::harness::explore {

namespace {

using EndOfCatch = void();
using ReleaseOfPointer = void(void*);

template <class F>
F* function_behind(F*& known, const char* name) noexcept {
  if (known == nullptr) known = real_function<F>(name);
  return known;
}

// libstdc++'s count of those who hold the exception, which lies before it.
int holders_of(const void* exception) noexcept {
  constexpr int kHeaderBytes = 128;
  return *reinterpret_cast<const int*>(static_cast<const char*>(exception) - kHeaderBytes);
}

// As the count does: everybody releases; who holds it last, `own` times, acquires what all did before, and destroys it.
void give_up(const void* exception, int own) noexcept {
  if (exception == nullptr) return;
  release(exception);
  if (holders_of(exception) <= own) acquire(exception);
}

const void* exception_of(const void* pointer) noexcept {
  return *static_cast<const void* const*>(pointer);
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

// The names are the library's.
// NOLINTBEGIN(bugprone-reserved-identifier)
#define CALL extern "C" __attribute__((visibility("default"), noinline, weak))

CALL void _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void* pointer) noexcept {
  static ReleaseOfPointer* real = nullptr;
  if (exploring) give_up(exception_of(pointer), 1);
  function_behind(real, "_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv")(pointer);
}

// Not noexcept: a destructor may throw.
CALL void __cxa_end_catch() {
  static EndOfCatch* real = nullptr;
  if (exploring) {
    const std::exception_ptr caught = std::current_exception();
    give_up(exception_of(&caught), 2);  // the catch and this pointer
  }
  function_behind(real, "__cxa_end_catch")();
}
// NOLINTEND(bugprone-reserved-identifier)
