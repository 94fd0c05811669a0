// What of pthread blocks: mutex, reader-writer lock, condition variable, barrier; and sem_t. Their state is kept inside the objects,
// as the standard library's mutexes are initialised by constants and never destroyed.
#include <pthread.h>
#include <semaphore.h>

#include <cerrno>
#include <climits>
#include <ctime>

#include "harness/explore/conflicts.h"
#include "harness/explore/memory_model.h"
#include "harness/explore/real_calls.h"
#include "harness/explore/scheduler.h"
#include "harness/explore/shadow.h"

namespace crosstalk::harness::explore {

namespace {

enum class Wish : std::uint8_t { wait, try_once };

// Of who may go on without the lock, or ends it.
void note_attempt(Address lock, std::uint64_t deadline_ns, Wish wish) noexcept {
  if (wish == Wish::try_once || deadline_ns != 0) note_use(lock, Use::change);
}

std::uint64_t to_deadline_ns(const timespec* time) noexcept {
  const auto ns =
      static_cast<std::uint64_t>(time->tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time->tv_nsec);
  return ns == 0 ? 1 : ns;
}

void own_mutex(pthread_mutex_t* mutex) noexcept {
  auto& data = mutex->__data;
  data.__owner = self().id + 1;
  data.__lock = 1;
  data.__count = 1;
  note_use(mutex, Use::change);
  acquire(mutex);
  note_change();
}

int relock(pthread_mutex_t* mutex, Wish wish, std::uint32_t place) noexcept {
  auto& data = mutex->__data;
  if (data.__kind == PTHREAD_MUTEX_RECURSIVE_NP) {
    ++data.__count;
    return 0;
  }
  if (wish == Wish::try_once) return EBUSY;
  if (data.__kind == PTHREAD_MUTEX_ERRORCHECK_NP) return EDEADLK;
  fail(Finding::deadlock, "T%d locks at @%x@ a mutex that it holds already", self().id, place);
}

int lock_mutex(pthread_mutex_t* mutex, std::uint64_t deadline_ns, Wish wish, std::uint32_t place) noexcept {
  step(wish == Wish::wait ? "lock" : "try-lock", mutex, place);
  note_attempt(mutex, deadline_ns, wish);
  if (mutex->__data.__owner == self().id + 1) return relock(mutex, wish, place);
  while (mutex->__data.__owner != 0) {
    if (wish == Wish::try_once) {
      look_in_vain(mutex);
      return EBUSY;
    }
    if (block(State::mutex, mutex, deadline_ns) && mutex->__data.__owner != 0) {
      note_use(mutex, Use::change);
      return ETIMEDOUT;
    }
  }
  own_mutex(mutex);
  return 0;
}

void free_mutex(pthread_mutex_t* mutex, std::uint32_t place) noexcept {
  auto& data = mutex->__data;
  if (data.__owner == 0)
    fail(Finding::misuse, "T%d unlocks at @%x@ a mutex that nobody holds", self().id, place);
  if (data.__owner != self().id + 1) {
    fail(Finding::misuse, "T%d unlocks at @%x@ a mutex that T%d holds", self().id, place, data.__owner - 1);
  }
  if (--data.__count != 0) return;
  data.__owner = 0;
  data.__lock = 0;
  note_use(mutex, Use::hand_back);
  release(mutex);
  wake_all(State::mutex, mutex);
  note_change();
}

bool is_taken(const pthread_rwlock_t* lock, bool writes) noexcept {
  return lock->__data.__writers != 0 || (writes && lock->__data.__readers != 0);
}

// Readers acquire what writers released; a writer also what readers did.
Address readers_of(const pthread_rwlock_t* lock) noexcept {
  return reinterpret_cast<const char*>(lock) + 1;
}

int lock_shared_or_not(pthread_rwlock_t* lock, bool writes, std::uint64_t deadline_ns, Wish wish,
                       std::uint32_t place) noexcept {
  step(writes ? "write-lock" : "read-lock", lock, place);
  note_attempt(lock, deadline_ns, wish);
  auto& data = lock->__data;
  if (data.__writers == static_cast<unsigned>(self().id) + 1 && wish == Wish::wait) return EDEADLK;
  while (is_taken(lock, writes)) {
    if (wish == Wish::try_once) {
      look_in_vain(lock);
      return EBUSY;
    }
    if (block(State::rw_lock, lock, deadline_ns) && is_taken(lock, writes)) {
      note_use(lock, Use::change);
      return ETIMEDOUT;
    }
  }
  if (writes) {
    data.__writers = static_cast<unsigned>(self().id) + 1;
    acquire(readers_of(lock));
  } else {
    ++data.__readers;
  }
  note_use(lock, Use::change);
  acquire(lock);
  note_change();
  return 0;
}

void unlock_shared_or_not(pthread_rwlock_t* lock, std::uint32_t place) noexcept {
  step("rw-unlock", lock, place);
  auto& data = lock->__data;
  if (data.__writers != 0) {
    if (data.__writers != static_cast<unsigned>(self().id) + 1) {
      fail(Finding::misuse, "T%d unlocks at @%x@ a reader-writer lock that T%u holds", self().id, place,
           data.__writers - 1);
    }
    data.__writers = 0;
    release(lock);
  } else if (data.__readers != 0) {
    --data.__readers;
    release(readers_of(lock));
  } else {
    fail(Finding::misuse, "T%d unlocks at @%x@ a reader-writer lock that nobody holds", self().id, place);
  }
  note_use(lock, Use::hand_back);
  wake_all(State::rw_lock, lock);
  note_change();
}

int wait_on(pthread_cond_t* condition, pthread_mutex_t* mutex, std::uint64_t deadline_ns,
            std::uint32_t place) noexcept {
  step("wait", condition, place);
  note_use(condition, Use::change);
  if (deadline_ns != 0) note_use(&runtime->time_ns, Use::look);
  free_mutex(mutex, place);
  const bool timed_out = block(State::condition, condition, deadline_ns);
  record(timed_out ? "timed out" : "woken", condition, place);
  while (mutex->__data.__owner != 0) block(State::mutex, mutex);
  own_mutex(mutex);
  return timed_out ? ETIMEDOUT : 0;
}

void check_nobody_waits(State state, Address address, const char* what, std::uint32_t place) noexcept {
  note_use(address, Use::change);
  for (int i = 0; i < runtime->thread_count; ++i) {
    const Thread& each = runtime->threads[i];
    if (each.state == state && each.waits_for == address) {
      fail(Finding::misuse, "T%d destroys at @%x@ a %s on which T%d waits", self().id, place, what, i);
    }
  }
}

int& count_of(sem_t* semaphore) noexcept {
  return *reinterpret_cast<int*>(semaphore);
}

int take_semaphore(sem_t* semaphore, std::uint64_t deadline_ns, Wish wish, std::uint32_t place) noexcept {
  step("sem-wait", semaphore, place);
  while (count_of(semaphore) == 0) {
    if (wish == Wish::try_once) {
      note_use(semaphore, Use::change);
      look_in_vain(semaphore);
      errno = EAGAIN;
      return -1;
    }
    if (block(State::semaphore, semaphore, deadline_ns) && count_of(semaphore) == 0) {
      note_use(semaphore, Use::change);
      errno = ETIMEDOUT;
      return -1;
    }
  }
  note_use(semaphore, Use::change);
  --count_of(semaphore);
  acquire(semaphore);
  note_change();
  return 0;
}

struct BarrierState {
  unsigned size, here, round;
};
static_assert(sizeof(BarrierState) <= sizeof(pthread_barrier_t));

int wait_at(pthread_barrier_t* barrier, std::uint32_t place) noexcept {
  auto& state = *reinterpret_cast<BarrierState*>(barrier);
  step("barrier", barrier, place);
  note_use(barrier, Use::change);
  release(barrier);
  if (++state.here == state.size) {
    state.here = 0;
    ++state.round;
    wake_all(State::barrier, barrier);
    note_change();
    acquire(barrier);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  for (const unsigned round = state.round; state.round == round;) block(State::barrier, barrier);
  acquire(barrier);
  return 0;
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

#define CALL extern "C" __attribute__((visibility("default"), noinline))
#define PLACE CROSSTALK_EXPLORE_PLACE
#define REAL CROSSTALK_EXPLORE_REAL

CALL int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  return exploring ? lock_mutex(mutex, 0, Wish::wait, PLACE) : REAL(pthread_mutex_lock)(mutex);
}
CALL int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  return exploring ? lock_mutex(mutex, 0, Wish::try_once, PLACE) : REAL(pthread_mutex_trylock)(mutex);
}
CALL int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  return exploring ? lock_mutex(mutex, to_deadline_ns(until), Wish::wait, PLACE)
                   : REAL(pthread_mutex_timedlock)(mutex, until);
}
CALL int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) noexcept {
  return exploring ? lock_mutex(mutex, to_deadline_ns(until), Wish::wait, PLACE)
                   : REAL(pthread_mutex_clocklock)(mutex, clock, until);
}
CALL int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  if (!exploring) return REAL(pthread_mutex_unlock)(mutex);
  step("unlock", mutex, PLACE);
  free_mutex(mutex, PLACE);
  return 0;
}
CALL int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  if (!exploring) return REAL(pthread_mutex_destroy)(mutex);
  note_use(mutex, Use::change);
  if (mutex->__data.__owner != 0) {
    fail(Finding::misuse, "T%d destroys at @%x@ a mutex that T%d holds", self().id, PLACE,
         mutex->__data.__owner - 1);
  }
  return 0;
}

#define RW_LOCK_CALL(name, writes, wish)                                                                     \
  CALL int pthread_rwlock_##name(pthread_rwlock_t* lock) noexcept {                                          \
    return exploring ? lock_shared_or_not(lock, writes, 0, wish, PLACE) : REAL(pthread_rwlock_##name)(lock); \
  }
RW_LOCK_CALL(rdlock, false, Wish::wait)
RW_LOCK_CALL(wrlock, true, Wish::wait)
RW_LOCK_CALL(tryrdlock, false, Wish::try_once)
RW_LOCK_CALL(trywrlock, true, Wish::try_once)
#define RW_TIMED_CALLS(kind, writes)                                                              \
  CALL int pthread_rwlock_timed##kind(pthread_rwlock_t* lock, const timespec* until) noexcept {   \
    return exploring ? lock_shared_or_not(lock, writes, to_deadline_ns(until), Wish::wait, PLACE) \
                     : REAL(pthread_rwlock_timed##kind)(lock, until);                             \
  }                                                                                               \
  CALL int pthread_rwlock_clock##kind(pthread_rwlock_t* lock, clockid_t clock,                    \
                                      const timespec* until) noexcept {                           \
    return exploring ? lock_shared_or_not(lock, writes, to_deadline_ns(until), Wish::wait, PLACE) \
                     : REAL(pthread_rwlock_clock##kind)(lock, clock, until);                      \
  }
RW_TIMED_CALLS(rdlock, false)
RW_TIMED_CALLS(wrlock, true)
CALL int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
  if (!exploring) return REAL(pthread_rwlock_unlock)(lock);
  unlock_shared_or_not(lock, PLACE);
  return 0;
}
CALL int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  if (!exploring) return REAL(pthread_rwlock_destroy)(lock);
  note_use(lock, Use::change);
  if (is_taken(lock, true))
    fail(Finding::misuse, "T%d destroys at @%x@ a reader-writer lock that is held", self().id, PLACE);
  return 0;
}

CALL int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return exploring ? wait_on(condition, mutex, 0, PLACE) : REAL(pthread_cond_wait)(condition, mutex);
}
CALL int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  return exploring ? wait_on(condition, mutex, to_deadline_ns(until), PLACE)
                   : REAL(pthread_cond_timedwait)(condition, mutex, until);
}
CALL int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                const timespec* until) {
  return exploring ? wait_on(condition, mutex, to_deadline_ns(until), PLACE)
                   : REAL(pthread_cond_clockwait)(condition, mutex, clock, until);
}
CALL int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (!exploring) return REAL(pthread_cond_signal)(condition);
  step("notify one", condition, PLACE);
  note_use(condition, Use::change);
  wake_some(State::condition, condition, 1);
  return 0;
}
CALL int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (!exploring) return REAL(pthread_cond_broadcast)(condition);
  step("notify all", condition, PLACE);
  note_use(condition, Use::change);
  wake_some(State::condition, condition, INT_MAX);
  return 0;
}
CALL int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  if (!exploring) return REAL(pthread_cond_destroy)(condition);
  check_nobody_waits(State::condition, condition, "condition variable", PLACE);
  return 0;
}

CALL int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
  if (!exploring) return REAL(sem_init)(semaphore, shared, value);
  count_of(semaphore) = static_cast<int>(value);
  return 0;
}
CALL int sem_destroy(sem_t* semaphore) noexcept {
  if (!exploring) return REAL(sem_destroy)(semaphore);
  check_nobody_waits(State::semaphore, semaphore, "semaphore", PLACE);
  return 0;
}
CALL int sem_wait(sem_t* semaphore) {
  return exploring ? take_semaphore(semaphore, 0, Wish::wait, PLACE) : REAL(sem_wait)(semaphore);
}
CALL int sem_trywait(sem_t* semaphore) noexcept {
  return exploring ? take_semaphore(semaphore, 0, Wish::try_once, PLACE) : REAL(sem_trywait)(semaphore);
}
CALL int sem_timedwait(sem_t* semaphore, const timespec* until) {
  return exploring ? take_semaphore(semaphore, to_deadline_ns(until), Wish::wait, PLACE)
                   : REAL(sem_timedwait)(semaphore, until);
}
CALL int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  return exploring ? take_semaphore(semaphore, to_deadline_ns(until), Wish::wait, PLACE)
                   : REAL(sem_clockwait)(semaphore, clock, until);
}
CALL int sem_post(sem_t* semaphore) noexcept {
  if (!exploring) return REAL(sem_post)(semaphore);
  step("sem-post", semaphore, PLACE);
  note_use(semaphore, Use::change);
  ++count_of(semaphore);
  release(semaphore);
  wake_all(State::semaphore, semaphore);
  note_change();
  return 0;
}
CALL int sem_getvalue(sem_t* semaphore, int* value) noexcept {
  if (!exploring) return REAL(sem_getvalue)(semaphore, value);
  step("sem-value", semaphore, PLACE);
  note_use(semaphore, Use::look);
  *value = count_of(semaphore);
  return 0;
}

CALL int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                              unsigned count) noexcept {
  if (!exploring) return REAL(pthread_barrier_init)(barrier, attributes, count);
  if (count == 0) return EINVAL;
  *reinterpret_cast<BarrierState*>(barrier) = {count, 0, 0};
  return 0;
}
CALL int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  return exploring ? wait_at(barrier, PLACE) : REAL(pthread_barrier_wait)(barrier);
}
CALL int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  if (!exploring) return REAL(pthread_barrier_destroy)(barrier);
  check_nobody_waits(State::barrier, barrier, "barrier", PLACE);
  return 0;
}
