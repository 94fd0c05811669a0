// Rounds of a fresh lock, a canary under it, and threads that take it in every form.
#include <memory>

#include "harness/verify/canary.h"
#include "harness/verify/crew.h"
#include "harness/verify/lock_cases.h"

namespace crosstalk::harness::verify {

namespace {

class LockOwner {
 public:
  explicit LockOwner(const AnyLock& any) : any_(any), lock_(any.make()) {}
  ~LockOwner() { any_.destroy(lock_); }
  LockOwner(const LockOwner&) = delete;
  LockOwner& operator=(const LockOwner&) = delete;
  [[nodiscard]] void* get() const noexcept { return lock_; }

 private:
  const AnyLock& any_;
  void* const lock_;
};

// Places in the histogram.
struct LockCells {
  LockCells(CaseRun& run, const AnyLock& any) : lock(run.cell("lock")) {
    if (any.lock_shared != nullptr) lock_shared = run.cell("lock_shared");
    if (any.try_lock != nullptr) add(run, try_lock, "try_lock");
    if (any.try_lock_for != nullptr) add(run, try_lock_for, "try_lock_for");
    if (any.try_lock_shared != nullptr) add(run, try_lock_shared, "try_lock_shared");
    if (any.try_lock_shared_for != nullptr) add(run, try_lock_shared_for, "try_lock_shared_for");
  }
  static void add(CaseRun& run, std::size_t (&place)[2], const std::string& name) {
    place[0] = run.cell(name + " = false");
    place[1] = run.cell(name + " = true");
  }
  std::size_t lock;
  std::size_t lock_shared = 0;
  std::size_t try_lock[2] = {}, try_lock_for[2] = {}, try_lock_shared[2] = {}, try_lock_shared_for[2] = {};
};

// What one thread does with the lock in one round.
class LockUser {
 public:
  LockUser(Crew& crew, Member& member, const AnyLock& any, void* lock, Canary& canary, const LockCells& cells)
      : crew_(crew), member_(member), any_(any), lock_(lock), canary_(canary), cells_(cells) {}

  void run(std::uint64_t operations) {
    for (std::uint64_t i = 0; i < operations; ++i) {
      member_.injector().outside();
      const std::uint64_t number = member_.random().next();
      if (any_.lock_shared != nullptr && number % 2 == 0) {
        read(number >> 8);
      } else {
        write(number >> 8);
      }
    }
  }
  [[nodiscard]] std::uint64_t writes() const noexcept { return writes_; }

 private:
  // The time that a try has: sometimes none, sometimes more than others hold the lock.
  static std::chrono::nanoseconds patience(std::uint64_t number) {
    return std::chrono::microseconds((number >> 8) % 4 == 0 ? (number >> 16) % 600 : (number >> 16) % 20);
  }

  bool take(const char* what, void (*whole)(void*), std::size_t cell) {
    member_.begin(what, 0, 0, 0);
    whole(lock_);
    member_.end(1);
    member_.run().count(cell);
    return true;
  }
  bool attempt(const char* what, bool (*attempt_it)(void*), const std::size_t (&cells)[2]) {
    member_.begin(what, 0, 0, 0);
    const bool got = attempt_it(lock_);
    member_.end(got ? 1 : 0);
    member_.run().count(cells[got ? 1 : 0]);
    return got;
  }
  bool attempt(const char* what, bool (*attempt_it)(void*, std::chrono::nanoseconds), std::uint64_t number,
               const std::size_t (&cells)[2]) {
    member_.begin(what, 0, 0, 0);
    const bool got = attempt_it(lock_, patience(number));
    member_.end(got ? 1 : 0);
    member_.run().count(cells[got ? 1 : 0]);
    return got;
  }
  bool enter(std::uint64_t number) {
    const std::uint64_t form = number % 8;
    if (form == 0 && any_.try_lock_for != nullptr)
      return attempt("try_lock_for", any_.try_lock_for, number, cells_.try_lock_for);
    if (form <= 1 && any_.try_lock != nullptr) return attempt("try_lock", any_.try_lock, cells_.try_lock);
    return take("lock", any_.lock, cells_.lock);
  }
  bool enter_shared(std::uint64_t number) {
    const std::uint64_t form = number % 8;
    if (form == 0 && any_.try_lock_shared_for != nullptr) {
      return attempt("try_lock_shared_for", any_.try_lock_shared_for, number, cells_.try_lock_shared_for);
    }
    if (form <= 1 && any_.try_lock_shared != nullptr) {
      return attempt("try_lock_shared", any_.try_lock_shared, cells_.try_lock_shared);
    }
    return take("lock_shared", any_.lock_shared, cells_.lock_shared);
  }

  void write(std::uint64_t number) {
    if (!enter(number)) return;
    member_.holds(0);
    std::uint64_t seen = 0;
    const std::uint64_t owner = member_.id() + 1;
    bool alone = canary_.enter_writer(seen, owner);
    const std::uint64_t before = canary_.count();
    member_.injector().inside();
    canary_.work();
    alone = canary_.count() == before + 1 && alone;
    alone = canary_.leave_writer(seen, owner) && alone;
    member_.drops(0);
    ++writes_;
    if (!alone) crew_.fail("exclusion", "a writer was not alone between its lock and its unlock");
    member_.begin("unlock");
    any_.unlock(lock_);
    member_.end();
  }
  void read(std::uint64_t number) {
    if (!enter_shared(number)) return;
    member_.holds(0);
    std::uint64_t seen = 0;
    bool alone = canary_.enter_reader(seen);
    member_.injector().inside();
    alone = canary_.leave_reader(seen) && alone;
    member_.drops(0);
    if (!alone) crew_.fail("exclusion of readers", "a reader was inside beside a writer");
    member_.begin("unlock_shared");
    any_.unlock_shared(lock_);
    member_.end();
  }

  Crew& crew_;
  Member& member_;
  const AnyLock& any_;
  void* const lock_;
  Canary& canary_;
  const LockCells& cells_;
  std::uint64_t writes_ = 0;
};

}  // namespace

void stress_lock(CaseRun& run, const AnyLock& any) {
  const LockCells cells(run, any);
  const auto most = static_cast<unsigned>(std::max<std::uint64_t>(run.options().threads_most, 4));
  Crew crew(run, most);
  run.rounds({2, 3, 4, 3, 8, 2, 4, 64}, 20, 300, [&](const Round& round) {
    const LockOwner lock(any);
    Canary canary;
    std::atomic<std::uint64_t> writes{0};
    // A crowd takes long to hand a lock around.
    const std::uint64_t operations = round.threads > 8 ? round.operations / 8 + 1 : round.operations;
    crew.round(round, [&](Member& member) {
      LockUser user(crew, member, any, lock.get(), canary, cells);
      user.run(operations);
      raise(writes, user.writes());
    });
    if (canary.count() != look(writes)) {
      crew.fail("exclusion", std::to_string(look(writes) - canary.count()) + " of " +
                                 std::to_string(look(writes)) + " updates lost");
    }
  });
}

}  // namespace crosstalk::harness::verify
