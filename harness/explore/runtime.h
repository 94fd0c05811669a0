// Runtime: all that an exploration changes, in one region of memory which the exploring child shares with its parent, so that
// it survives the child, and which is no part of the program's globals, so that these can be put back before every execution.
//
// Inside an execution exactly one thread runs: `current`. It keeps the processor until it comes to a scheduling point.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/explore/finding.h"
#include "harness/explore/vector_clock.h"

namespace crosstalk::harness::explore {

using Address = const volatile void*;

inline constexpr int kMaxDecisions = 1 << 16;
inline constexpr int kMaxSwitches = 2048;
inline constexpr int kMaxTrace = 4096;
inline constexpr int kMaxKeys = 32;
inline constexpr int kMaxCalls = 64;
inline constexpr int kMaxDestructors = 64;
inline constexpr std::uint32_t kLooksKept = 32;
inline constexpr std::uint32_t kMaxSteps = 200'000;  // scheduling points of one execution
inline constexpr std::size_t kStackBytes = 256 << 10;

enum class State : std::uint8_t {
  ready,
  mutex,
  spin_lock,
  rw_lock,
  condition,
  futex,
  semaphore,
  barrier,
  join,
  guard,  // of a static local, or pthread_once
  sleep,
  spin,  // has looked at the same thing often: until something changes
  end,   // the scenario's own thread, when it is done and others are not
  finished,
};

struct Destructor {
  void (*call)(void*);
  void* object;
};

// Of the system's thread whose stack and thread-local storage a thread of the scenario has.
struct Home {
  std::uint64_t thread_pointer;  // also its pthread_t
  std::uint64_t stack_top;
  std::uint64_t stack_pointer;                 // of a fiber that does not run
  std::uint64_t parked_stack, parked_pointer;  // of a fiber, as every exploring child finds them
  int parked;
  int token;  // of a thread of the kernel: 1 lets it run
};

struct Thread {
  int id;
  State state;
  bool timed_out;
  bool detached;
  bool joined;
  Address waits_for;
  std::uint64_t deadline_ns;  // 0: none
  std::uint32_t channels;     // of a futex wait
  std::uint32_t events;       // counted at scheduling points only, so that every compiler counts alike
  std::uint32_t place;        // of its last scheduling point
  std::uint32_t accesses;     // since the last scheduling point
  std::uint32_t quiet;        // looks, since anything changed, at what it had looked at before
  std::uint64_t quiet_since;
  Address looked_at[kLooksKept];  // since then, the last of them
  std::uint32_t looked_count;
  int let_go_on;         // the decision by which it was not preempted before its present step, or -1
  std::uint32_t streak;  // steps since it was given the processor
  Address last_address;  // of its last atomic operation
  const void* last_called_from;
  std::uint32_t last_caller;  // of the function it was in
  std::uint32_t
      same_looks;  // it was the same as so many looks before, and nothing has changed since the first
  std::uint64_t last_change;
  long priority;

  void* (*function)(void*);
  void* argument;
  void* result;

  VectorClock clock;
  VectorClock released;        // by the last release fence
  VectorClock acquiring;       // by the next acquire fence
  VectorClock fenced;          // by the last seq_cst fence, and those before it
  std::uint64_t fenced_total;  // seq_cst stores before that fence

  Destructor destructors[kMaxDestructors];
  int destructor_count;
  const void* key_values[kMaxKeys];
  std::uint32_t calls[kMaxCalls];  // where the functions it is in were called
  int depth;

  Home home;
};

enum class Mode : std::uint8_t { depth_first, priorities, random, replay };

struct SearchPlan {
  Mode mode;
  int bound;  // preemptions, depth_first
  int depth;  // of the bug looked for, priorities
  std::uint64_t seed;
  std::uint64_t executions;   // at most
  std::uint64_t deadline_ns;  // of the monotonic clock
};

// A place where there was a choice: depth-first search goes back to the last one with something left to try.
struct Decision {
  std::uint8_t count, extra, taken;
  bool matters;  // or only the first need be tried (conflicts.h)
};

// A choice that was not the usual one. Kinds: t who runs, s who is woken, r which store is read.
struct Switch {
  char kind;
  std::uint8_t thread, choice;
  std::uint32_t event;
  bool used;  // in a replay
};

struct TraceEvent {
  std::uint8_t thread;
  std::uint32_t place, caller;  // where it happened, and where the function was called in which it did
  const char* what;
  Address address;
  std::uint64_t value;
};

struct Key {
  bool used;
  void (*destructor)(void*);
};

struct Runtime {
  SearchPlan plan;
  bool stale_reads, spurious, recording;
  bool os_threads, process_each, reducing;

  Thread threads[kMaxThreads];
  int thread_count, most_threads;
  Thread* current;
  std::uint64_t driver_stack, driver_thread;
  int driver_token;
  void (*scenario)(void*);
  void* scenario_argument;
  std::uint64_t time_ns;
  std::uint64_t changes;  // of anything that a spinning thread may wait for
  const void*
      called_from;  // the last call of place_of() said so: the same whether a trace is recorded or not
  int idle_rounds;
  std::uint32_t rescued;  // threads that were woken to see whether a spurious wake-up would have helped
  char stalled[768];      // what was said before the first of them
  std::uint64_t generation;
  Key keys[kMaxKeys];

  // Search
  Decision decisions[kMaxDecisions];
  int decision_count, decision_next, preemptions;
  Switch switches[kMaxSwitches];
  int switch_count;
  bool switches_overflow;
  Switch replayed[kMaxSwitches];
  int replayed_count, replayed_used;
  std::uint32_t steps, steps_expected;
  std::uint32_t change_points[16];
  std::uint64_t random;
  std::uint64_t digest;
  bool exhausted, finished;
  bool cut;    // schedules of this kind have been left out
  bool ended;  // the execution came to its end: nobody left the process

  // Counts over all executions, and the outcome of the last.
  std::uint64_t executions, beats;
  Finding finding;
  char reason[1024];
  TraceEvent trace[kMaxTrace];
  int trace_count;

  // For handlers of signals: a thread of the kernel's each, and one for that which drives.
  alignas(64) char fault_stacks[kMaxThreads + 1][32 << 10];
};

// False if the system has no memory for it. In the parent, once.
[[nodiscard]] bool make_runtime() noexcept;

// Never null once an exploration has begun; it is the same then in all processes.
extern constinit Runtime* runtime;  // NOLINT(bugprone-dynamic-static-initializers): constinit
// Whether an execution is under way. Everything that is interposed does its ordinary work while not.
extern constinit bool exploring;  // NOLINT(bugprone-dynamic-static-initializers): constinit

inline Thread& self() noexcept {
  return *runtime->current;
}

// Ends the process with a finding; the parent reads it. "@1a2b@" in the text stands for a place in the program.
[[noreturn]] [[gnu::cold]] void fail(Finding finding, const char* format, ...) noexcept
    __attribute__((format(printf, 2, 3)));

// The place of a return address: its offset in the program. If it lies in a library, where that was called from, as far as the
// stack tells; it is only looked at when a trace is recorded.
// `frame`: that of the function that returns there.
std::uint32_t place_of(const void* return_address, const void* frame) noexcept;
[[nodiscard]] bool is_program(const void* return_address) noexcept;
void set_program_range() noexcept;

void mix(std::uint64_t value) noexcept;
void record(const char* what, Address address, std::uint32_t place, std::uint64_t value = 0) noexcept;

#define CROSSTALK_EXPLORE_PLACE                                                                       \
  ::crosstalk::harness::explore::place_of(__builtin_extract_return_addr(__builtin_return_address(0)), \
                                          __builtin_frame_address(0))

}  // namespace crosstalk::harness::explore
