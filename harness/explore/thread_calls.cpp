// Threads: pthread_create, join, keys, once; guards of static locals; destructors of thread_local objects.
#include <pthread.h>

#include <cerrno>

#include "harness/explore/conflicts.h"
#include "harness/explore/decisions.h"
#include "harness/explore/image.h"
#include "harness/explore/memory_model.h"
#include "harness/explore/real_calls.h"
#include "harness/explore/scheduler.h"
#include "harness/explore/stall.h"
#include "harness/explore/switching.h"
#include "harness/explore/thread_body.h"

namespace crosstalk::harness::explore {

namespace {

constexpr int kDestructorRounds = 4;  // as PTHREAD_DESTRUCTOR_ITERATIONS

void run_destructors(Thread& me) {
  while (me.destructor_count > 0) {
    const Destructor last = me.destructors[--me.destructor_count];
    last.call(last.object);
  }
}

bool run_key_destructors(Thread& me) {
  bool any = false;
  for (int i = 0; i < kMaxKeys; ++i) {
    const Key& key = runtime->keys[i];
    void* const value = const_cast<void*>(me.key_values[i]);
    if (!key.used || key.destructor == nullptr || value == nullptr) continue;
    me.key_values[i] = nullptr;
    key.destructor(value);
    any = true;
  }
  return any;
}

void end_thread(Thread& me) {
  run_destructors(me);
  for (int i = 0; i < kDestructorRounds && run_key_destructors(me); ++i) {
  }
}

bool others_are_finished() noexcept {
  for (int i = 1; i < runtime->thread_count; ++i) {
    if (runtime->threads[i].state != State::finished) return false;
  }
  return true;
}

// The scenario's own thread waits for all others, also for those that nobody joins.
void end_execution(Thread& me) {
  while (!others_are_finished()) block(State::end, nullptr);
  end_thread(me);
  for (int i = 1; i < runtime->thread_count; ++i) {
    const Thread& each = runtime->threads[i];
    if (!each.joined && !each.detached) fail(Finding::misuse, "T%d was neither joined nor detached", i);
  }
  report_rescue();
  exploring = false;
  leave_execution(me);
}

void end_other(Thread& me) {
  end_thread(me);
  step("end", nullptr, 0);
  release(&me);
  me.state = State::finished;
  wake_all(State::join, &me);
  if (others_are_finished() && runtime->threads[0].state == State::end)
    runtime->threads[0].state = State::ready;
  note_change();
  give_up_for_good();
}

Thread* find_thread(pthread_t handle) noexcept {
  for (int i = 0; i < runtime->thread_count; ++i) {
    if (runtime->threads[i].home.thread_pointer == handle) return &runtime->threads[i];
  }
  return nullptr;
}

int start_thread(pthread_t* handle, void* (*function)(void*), void* argument, std::uint32_t place) noexcept {
  step("create", nullptr, place);
  Thread& me = self();
  Thread& thread = make_thread(function, argument);
  thread.clock = me.clock;
  thread.fenced = me.fenced;
  thread.fenced_total = me.fenced_total;
  thread.clock.at[thread.id] = 1;
  ++me.clock.at[me.id];
  note_use(&runtime->thread_count, Use::change);  // it gives the thread its number
  *handle = thread.home.thread_pointer;
  note_change();
  return 0;
}

int join_thread(pthread_t handle, void** result, std::uint32_t place) noexcept {
  step("join", nullptr, place);
  Thread* const thread = find_thread(handle);
  if (thread == nullptr || thread->joined || thread->detached) {
    fail(Finding::misuse, "T%d joins at @%x@ a thread that is not there to be joined", self().id, place);
  }
  if (thread == &self()) return EDEADLK;
  while (thread->state != State::finished) block(State::join, thread);
  thread->joined = true;
  acquire(thread);
  if (result != nullptr) *result = thread->result;
  return 0;
}

constexpr int kOnceRunning = 1;
constexpr int kOnceDone = 2;

void wake_for_guard(Address guard) noexcept {
  wake_all(State::guard, guard);
  note_change();
}

int run_once(pthread_once_t* once, void (*function)(), std::uint32_t place) {
  step("once", once, place);
  while (*once == kOnceRunning) block(State::guard, once);
  note_use(once, Use::change);
  acquire(once);  // also from one that threw: the standard orders all calls
  if (*once == kOnceDone) return 0;
  *once = kOnceRunning;
  try {
    function();
  } catch (...) {
    *once = 0;
    note_use(once, Use::change);
    release(once);
    wake_for_guard(once);
    throw;
  }
  step("once done", once, place);
  note_use(once, Use::change);
  *once = kOnceDone;
  release(once);
  wake_for_guard(once);
  return 0;
}

// The first byte says that it is done, the second that somebody is at it.
char* bytes_of(long long* guard) noexcept {
  return reinterpret_cast<char*>(guard);
}

int enter_guard(long long* guard, std::uint32_t place) noexcept {
  step("static local", guard, place);
  while (bytes_of(guard)[0] == 0 && bytes_of(guard)[1] != 0) block(State::guard, guard);
  note_use(guard, Use::change);
  acquire(guard);
  if (bytes_of(guard)[0] != 0) return 0;
  bytes_of(guard)[1] = 1;
  return 1;
}

}  // namespace

Thread& make_thread(void* (*function)(void*), void* argument) noexcept {
  Runtime& r = *runtime;
  if (r.thread_count == kMaxThreads) {
    fail(Finding::limit, "the scenario starts more than %d threads", kMaxThreads - 1);
  }
  Thread& thread = r.threads[r.thread_count];
  const Home home = thread.home;
  thread = Thread{};
  thread.home = home;
  thread.id = r.thread_count++;
  if (r.thread_count > r.most_threads) r.most_threads = r.thread_count;
  thread.function = function;
  thread.argument = argument;
  thread.state = State::ready;
  thread.let_go_on = -1;
  thread.clock.at[thread.id] = 1;
  thread.priority = fresh_priority();
  return thread;
}

void run_thread(Thread& me) noexcept {
  put_thread_locals_back();
  me.result = me.function(me.argument);
  if (me.id == 0) {
    end_execution(me);
  } else {
    end_other(me);
  }
}

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

// The names are the system's.
// NOLINTBEGIN(bugprone-reserved-identifier)
#define CALL extern "C" __attribute__((visibility("default"), noinline))
#define PLACE CROSSTALK_EXPLORE_PLACE
#define REAL CROSSTALK_EXPLORE_REAL

CALL int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*function)(void*),
                        void* argument) noexcept {
  if (!exploring) return REAL(pthread_create)(handle, attributes, function, argument);
  int detached = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &detached);
  const int error = start_thread(handle, function, argument, PLACE);
  if (detached == PTHREAD_CREATE_DETACHED) find_thread(*handle)->detached = true;
  return error;
}
CALL int pthread_join(pthread_t handle, void** result) {
  return exploring ? join_thread(handle, result, PLACE) : REAL(pthread_join)(handle, result);
}
CALL int pthread_detach(pthread_t handle) noexcept {
  if (!exploring) return REAL(pthread_detach)(handle);
  Thread* const thread = find_thread(handle);
  if (thread == nullptr || thread->joined) return ESRCH;
  thread->detached = true;
  return 0;
}

CALL int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  if (!exploring) return REAL(pthread_key_create)(key, destructor);
  for (int i = 0; i < kMaxKeys; ++i) {
    if (runtime->keys[i].used) continue;
    runtime->keys[i] = {true, destructor};
    for (Thread& each : runtime->threads) each.key_values[i] = nullptr;
    *key = static_cast<pthread_key_t>(i);
    return 0;
  }
  fail(Finding::limit, "the scenario makes more than %d pthread keys", kMaxKeys);
}
CALL int pthread_key_delete(pthread_key_t key) noexcept {
  if (!exploring) return REAL(pthread_key_delete)(key);
  if (key >= kMaxKeys || !runtime->keys[key].used) return EINVAL;
  runtime->keys[key].used = false;
  return 0;
}
// Keys made before the exploration are the C library's affair.
CALL int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  if (!exploring || key >= kMaxKeys || !runtime->keys[key].used) return REAL(pthread_setspecific)(key, value);
  self().key_values[key] = value;
  return 0;
}
CALL void* pthread_getspecific(pthread_key_t key) noexcept {
  if (!exploring || key >= kMaxKeys || !runtime->keys[key].used) return REAL(pthread_getspecific)(key);
  return const_cast<void*>(self().key_values[key]);
}

CALL int pthread_once(pthread_once_t* once, void (*function)()) {
  return exploring ? run_once(once, function, PLACE) : REAL(pthread_once)(once, function);
}

extern "C" int __cxa_thread_atexit_impl(void (*)(void*), void*, void*);

// Before an exploration there is one thread, so no guard needs more than its bytes.
CALL int __cxa_guard_acquire(long long* guard) {
  if (exploring) return enter_guard(guard, PLACE);
  if (bytes_of(guard)[0] != 0) return 0;
  bytes_of(guard)[1] = 1;
  return 1;
}
CALL void __cxa_guard_release(long long* guard) {
  if (exploring) step("static local done", guard, PLACE);
  bytes_of(guard)[1] = 0;
  bytes_of(guard)[0] = 1;
  if (!exploring) return;
  note_use(guard, Use::change);
  release(guard);
  wake_for_guard(guard);
}
CALL void __cxa_guard_abort(long long* guard) {
  bytes_of(guard)[1] = 0;
  if (!exploring) return;
  note_use(guard, Use::change);
  release(guard);
  wake_for_guard(guard);
}
CALL int __cxa_thread_atexit(void (*destructor)(void*), void* object, void* library) {
  if (!exploring) return __cxa_thread_atexit_impl(destructor, object, library);
  Thread& me = self();
  if (me.destructor_count == kMaxDestructors) {
    fail(Finding::limit, "a thread makes more than %d thread_local objects with destructors",
         kMaxDestructors);
  }
  me.destructors[me.destructor_count++] = {destructor, object};
  return 0;
}
// NOLINTEND(bugprone-reserved-identifier)
