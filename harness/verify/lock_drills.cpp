// Drills of a lock: short plays of two to five threads in which it is known who may be inside and who must wait.
#include <algorithm>
#include <functional>

#include "harness/verify/clock_jump.h"
#include "harness/verify/lock_cases.h"
#include "harness/verify/puppets.h"

namespace crosstalk::harness::verify {

namespace {

constexpr unsigned kActors = 5;
constexpr unsigned kDrillTries = 1'000;  // a try may fail for no reason, a few times
constexpr std::chrono::nanoseconds kTryTime = std::chrono::microseconds(300);
constexpr std::uint64_t kBypassesUncounted = 2;  // before the writer was in the queue, perhaps
constexpr std::uint64_t kBoundsTold = 5'000;     // one beyond takes too long to be told from none

// A fresh lock and what its actors can be told.
class Stage {
 public:
  Stage(Puppets& puppets, const AnyLock& any) : puppets_(puppets), any_(any), lock_(any.make()) {}
  ~Stage() { any_.destroy(lock_); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void ask(unsigned who) { puppets_.tell(who, whole("lock", any_.lock)); }
  void ask_shared(unsigned who) { puppets_.tell(who, whole("lock_shared", any_.lock_shared)); }
  void take(unsigned who) {
    puppets_.order(who, whole("lock", any_.lock), "progress", "lock() of a free lock does not return");
  }
  void take_shared(unsigned who, std::string_view property, std::string_view detail) {
    puppets_.order(who, whole("lock_shared", any_.lock_shared), property, detail);
  }
  void take_shared(unsigned who) {
    take_shared(who, "progress", "lock_shared() of a free lock does not return");
  }
  void leave(unsigned who) {
    puppets_.order(who, drop("unlock", any_.unlock), "progress", "unlock() does not return");
  }
  void leave_shared(unsigned who) {
    puppets_.order(who, drop("unlock_shared", any_.unlock_shared), "progress",
                   "unlock_shared() does not return");
  }
  // What the try came to; what it got it gives back.
  bool tries(unsigned who, const char* what, const std::function<bool(void*)>& attempt,
             void (*give_back)(void*), unsigned times = 1) {
    bool got = false;
    puppets_.order(
        who,
        [&](Member& member) {
          for (unsigned i = 0; i < times && !got; ++i) {
            member.begin(what, 0, 0, 0);
            got = attempt(lock_);
            member.end(got ? 1 : 0);
          }
          if (got) give_back(lock_);
        },
        "progress", std::string(what) + "() does not return");
    return got;
  }
  [[nodiscard]] Puppets& puppets() noexcept { return puppets_; }
  [[nodiscard]] const AnyLock& any() const noexcept { return any_; }

 private:
  Puppets::Step whole(const char* what, void (*operation)(void*)) {
    return [what, operation, lock = lock_](Member& member) {
      member.begin(what, 0, 0, 0);
      operation(lock);
      member.end();
      member.holds(0);
    };
  }
  Puppets::Step drop(const char* what, void (*operation)(void*)) {
    return [what, operation, lock = lock_](Member& member) {
      member.drops(0);
      member.begin(what, 0, 0, 0);
      operation(lock);
      member.end();
    };
  }

  Puppets& puppets_;
  const AnyLock& any_;
  void* const lock_;
};

// No form of asking gets in. `readers`: also those of readers.
void expect_tries_to_fail(Stage& stage, unsigned who, bool readers, const char* property) {
  const AnyLock& any = stage.any();
  const auto refuse = [&](bool got, const char* what) {
    if (got) stage.puppets().fail(property, std::string(what) + "() succeeded although it must not");
  };
  if (any.try_lock != nullptr) refuse(stage.tries(who, "try_lock", any.try_lock, any.unlock), "try_lock");
  if (any.try_lock_for != nullptr) {
    refuse(stage.tries(
               who, "try_lock_for", [&](void* l) { return any.try_lock_for(l, kTryTime); }, any.unlock),
           "try_lock_for");
  }
  if (!readers) return;
  if (any.try_lock_shared != nullptr) {
    refuse(stage.tries(who, "try_lock_shared", any.try_lock_shared, any.unlock_shared), "try_lock_shared");
  }
  if (any.try_lock_shared_for != nullptr) {
    refuse(stage.tries(
               who, "try_lock_shared_for", [&](void* l) { return any.try_lock_shared_for(l, kTryTime); },
               any.unlock_shared),
           "try_lock_shared_for");
  }
}

void expect_to_wait(Stage& stage, unsigned who, const char* property, const char* detail) {
  if (stage.puppets().settles(who)) stage.puppets().fail(property, detail);
}

bool sharing(const AnyLock& any) {
  return any.lock_shared != nullptr && any.contract.shared;
}

// A writer inside keeps everybody out, and lets them in when it leaves.
void writer_inside(Stage& stage) {
  stage.take(0);
  expect_tries_to_fail(stage, 1, true, "exclusion");
  stage.ask(1);
  expect_to_wait(stage, 1, "exclusion", "a second writer got in beside a writer");
  if (stage.any().lock_shared != nullptr) {
    stage.ask_shared(2);
    expect_to_wait(stage, 2, "exclusion of readers", "a reader got in beside a writer");
  }
  stage.leave(0);
  const char* what = "a waiter is not let in after unlock()";
  if (stage.any().lock_shared == nullptr) {
    stage.puppets().await(1, "wake-up", what);
    return stage.leave(1);
  }
  // Who comes first is the lock's business.
  const unsigned first = stage.puppets().await_any({1, 2}, "wake-up", what);
  first == 1 ? stage.leave(1) : stage.leave_shared(2);
  stage.puppets().await(3 - first, "wake-up", what);
  first == 1 ? stage.leave_shared(2) : stage.leave(1);
}

// Readers inside keep writers out and let readers in.
void readers_inside(Stage& stage) {
  stage.take_shared(0);
  stage.take_shared(1, "shared admission", "a reader is not let in beside a reader, with no writer there");
  if (stage.any().try_lock_shared != nullptr &&
      !stage.tries(3, "try_lock_shared", stage.any().try_lock_shared, stage.any().unlock_shared,
                   kDrillTries)) {
    stage.puppets().fail("shared admission", "try_lock_shared() fails beside a reader, with no writer there");
  }
  expect_tries_to_fail(stage, 2, false, "exclusion");
  stage.ask(2);
  expect_to_wait(stage, 2, "exclusion", "a writer got in beside readers");
  stage.leave_shared(0);
  expect_to_wait(stage, 2, "exclusion", "a writer got in beside a reader");
  stage.leave_shared(1);
  stage.puppets().await(2, "wake-up", "a writer is not let in after the last reader has left");
  stage.leave(2);
}

// A try that failed leaves nothing behind: neither a reader that never was, nor a writer that gave up.
void tries_leave_no_trace(Stage& stage) {
  stage.take(0);
  for (unsigned i = 0; i < 3; ++i) expect_tries_to_fail(stage, 1, true, "exclusion");
  stage.leave(0);
  const AnyLock& any = stage.any();
  if (!sharing(any)) {
    stage.take(1);
    return stage.leave(1);
  }
  stage.take_shared(0, "tries leave no trace",
                    "after tries that failed a reader is not let into a free lock");
  for (unsigned i = 0; i < 3; ++i) expect_tries_to_fail(stage, 1, false, "tries leave no trace");
  stage.ask(2);
  expect_to_wait(stage, 2, "tries leave no trace",
                 "after tries that failed a writer gets in beside a reader");
  stage.leave_shared(0);
  stage.puppets().await(2, "tries leave no trace", "after tries that failed a writer is not let in");
  stage.leave(2);
}

// Everybody waits; the holder leaves, and nobody new comes to wake those who were forgotten.
void all_get_in(Stage& stage, bool readers) {
  stage.take(0);
  for (unsigned who = 1; who < kActors; ++who) {
    if (readers && who % 2 == 0) {
      stage.ask_shared(who);
    } else {
      stage.ask(who);
    }
    expect_to_wait(stage, who, "exclusion", "somebody got in beside a writer");
  }
  stage.leave(0);
  std::vector<unsigned> waiting;
  for (unsigned who = 1; who < kActors; ++who) waiting.push_back(who);
  while (!waiting.empty()) {
    const unsigned who =
        stage.puppets().await_any(waiting, "wake-up", "not all who waited were let in, one after the other");
    waiting.erase(std::find(waiting.begin(), waiting.end(), who));
    readers&& who % 2 == 0 ? stage.leave_shared(who) : stage.leave(who);
  }
}

// Readers that wait for a writer get in together when it leaves.
void readers_get_in_together(Stage& stage) {
  stage.take(0);
  for (unsigned who = 1; who < kActors; ++who) {
    stage.ask_shared(who);
    expect_to_wait(stage, who, "exclusion of readers", "a reader got in beside a writer");
  }
  stage.leave(0);
  for (unsigned who = 1; who < kActors; ++who) {
    stage.puppets().await(who, "wake-up", "of several readers that waited not all are let in after a write");
  }
  for (unsigned who = 1; who < kActors; ++who) stage.leave_shared(who);
}

void order_of_arrival(Stage& stage) {
  std::vector<unsigned> order;
  stage.take(0);
  for (unsigned who = 1; who < kActors; ++who) {
    stage.ask(who);
    expect_to_wait(stage, who, "exclusion", "a second writer got in beside a writer");
  }
  stage.leave(0);
  for (unsigned who = 1; who < kActors; ++who) {
    stage.puppets().await(who, "order of arrival", "whose turn it is does not get in");
    for (unsigned later = who + 1; later < kActors; ++later) {
      if (stage.puppets().done(later)) {
        stage.puppets().fail(
            "order of arrival",
            "thread " + std::to_string(later) + " got in before or beside thread " + std::to_string(who));
      }
    }
    stage.leave(who);
  }
}

// How many may overtake one that waits.
std::uint64_t bypasses_allowed(const pool::LockContract& contract) {
  return contract.fairness == pool::Fairness::fifo ? 0 : contract.bypass_bound;
}

// Readers that never all leave, beside a writer that waits.
void writer_beside_readers(Stage& stage) {
  const std::uint64_t bound = bypasses_allowed(stage.any().contract);
  stage.take_shared(0);
  stage.ask(2);
  expect_to_wait(stage, 2, "exclusion", "a writer got in beside a reader");
  const std::uint64_t tries = bound > kBoundsTold ? 100 : bound + kBypassesUncounted + 1;
  unsigned inside = 0;
  bool reader_waits = false;
  for (std::uint64_t bypasses = 1; bypasses <= tries; ++bypasses) {
    const unsigned next = 1 - inside;
    stage.ask_shared(next);
    reader_waits = !stage.puppets().settles(next);
    if (reader_waits) break;
    if (bypasses > kBypassesUncounted && bypasses - kBypassesUncounted > bound) {
      stage.puppets().fail("bounded bypass",
                           std::to_string(bypasses) +
                               " readers overtook a writer that waited; the contract says " +
                               std::to_string(bound));
    }
    stage.leave_shared(inside);
    inside = next;
  }
  stage.leave_shared(inside);
  stage.puppets().await(2, "bounded bypass", "the writer that readers let pass is not let in");
  stage.leave(2);
  if (!reader_waits) return;
  stage.puppets().await(1 - inside, "wake-up", "a reader is not let in after a write");
  stage.leave_shared(1 - inside);
}

}  // namespace

void drill_lock(CaseRun& run, const AnyLock& any) {
  std::vector<std::pair<const char*, std::function<void(Stage&)>>> drills{
      {"a writer inside", writer_inside},
      {"tries that fail", tries_leave_no_trace},
      {"all who wait get in", [](Stage& stage) { all_get_in(stage, false); }},
  };
  if (sharing(any)) {
    drills.emplace_back("readers inside", readers_inside);
    drills.emplace_back("readers and writers wait", [](Stage& stage) { all_get_in(stage, true); });
    drills.emplace_back("readers get in together", readers_get_in_together);
  }
  if (any.contract.fairness == pool::Fairness::fifo)
    drills.emplace_back("order of arrival", order_of_arrival);
  if (sharing(any) && any.contract.fairness != pool::Fairness::none) {
    drills.emplace_back("a writer beside readers", writer_beside_readers);
  }
  std::vector<std::size_t> cells;
  for (const auto& drill : drills) cells.push_back(run.cell(std::string("drill: ") + drill.first));
  Puppets puppets(run, kActors);
  run.rounds([&](const Round& round) {
    const std::size_t which = round.number % drills.size();
    Stage stage(puppets, any);
    drills[which].second(stage);
    run.count(cells[which]);
  });
}

// So many that counters of eight bits wrap around.
void flood_lock(CaseRun& run, const AnyLock& any) {
  constexpr unsigned kCrowd = 300;
  const std::size_t cell = run.cell("300 threads");
  Puppets puppets(run, kCrowd);
  Stage stage(puppets, any);
  stage.take(0);
  for (unsigned who = 1; who < kCrowd; ++who) stage.ask(who);
  if (puppets.one_ends(1)) puppets.fail("exclusion", "of 300 threads two got in together");
  run.count(cell);
  // To hand the lock through such a crowd may take a turn of the scheduler for each: left undone.
  run.finish();
}

// Deadlines are those of the steady clock.
void drill_lock_by_wall_clock(CaseRun& run, const AnyLock& any) {
  const std::size_t cell = run.cell("wall clock that jumps", true);
  if (!let_wall_clock_jump()) return;
  run.count(cell);
  drill_lock(run, any);
}

std::vector<VerifyCase> lock_cases(const AnyLock& lock) {
  if (lock.contract.one_thread || !lock.contract.exclusive) return {};
  std::vector<VerifyCase> cases{{"drills", [lock](CaseRun& run) { drill_lock(run, lock); }, 0.3},
                                {"stress", [lock](CaseRun& run) { stress_lock(run, lock); }, 0.6},
                                {"flood", [lock](CaseRun& run) { flood_lock(run, lock); }, 0.1}};
  if (lock.try_lock_for != nullptr || lock.try_lock_shared_for != nullptr)
    cases.push_back({"wall clock", [lock](CaseRun& run) { drill_lock_by_wall_clock(run, lock); }, 0.1});
  return cases;
}

}  // namespace crosstalk::harness::verify
