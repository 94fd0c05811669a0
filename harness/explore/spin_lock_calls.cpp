// pthread's spin locks: who waits for one gives the processor away, as for a mutex. The lock holds the number of its holder, counted from 1.
#include <pthread.h>

#include <cerrno>

#include "harness/explore/conflicts.h"
#include "harness/explore/memory_model.h"
#include "harness/explore/real_calls.h"
#include "harness/explore/scheduler.h"

namespace crosstalk::harness::explore {

namespace {

int my_mark() noexcept {
  return self().id + 1;
}

void own_spin_lock(pthread_spinlock_t* lock) noexcept {
  note_use(lock, Use::change);
  *lock = my_mark();
  acquire(lock);
  note_change();
}

int lock_spin(pthread_spinlock_t* lock, std::uint32_t place) noexcept {
  step("spin-lock", lock, place);
  if (*lock == my_mark())
    fail(Finding::deadlock, "T%d locks at @%x@ a spin lock that it holds already", self().id, place);
  while (*lock != 0) block(State::spin_lock, lock);
  own_spin_lock(lock);
  return 0;
}

int try_spin(pthread_spinlock_t* lock, std::uint32_t place) noexcept {
  step("try-spin-lock", lock, place);
  if (*lock == 0) {
    own_spin_lock(lock);
    return 0;
  }
  note_use(lock, Use::change);
  look_in_vain(lock);
  return EBUSY;
}

int unlock_spin(pthread_spinlock_t* lock, std::uint32_t place) noexcept {
  step("spin-unlock", lock, place);
  if (*lock != my_mark())
    fail(Finding::misuse, "T%d unlocks at @%x@ a spin lock that it does not hold", self().id, place);
  *lock = 0;
  note_use(lock, Use::hand_back);
  release(lock);
  wake_all(State::spin_lock, lock);
  note_change();
  return 0;
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

#define CALL extern "C" __attribute__((visibility("default"), noinline))
#define PLACE CROSSTALK_EXPLORE_PLACE
#define REAL CROSSTALK_EXPLORE_REAL

CALL int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  return exploring ? lock_spin(lock, PLACE) : REAL(pthread_spin_lock)(lock);
}
CALL int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
  return exploring ? try_spin(lock, PLACE) : REAL(pthread_spin_trylock)(lock);
}
CALL int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
  return exploring ? unlock_spin(lock, PLACE) : REAL(pthread_spin_unlock)(lock);
}
CALL int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
  if (!exploring) return REAL(pthread_spin_init)(lock, shared);
  *lock = 0;
  return 0;
}
