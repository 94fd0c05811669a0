// The threads of a case. They live as long as the crew, and run rounds together: all begin a round at once and the leading thread
// returns from it when the last one has ended.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/verify/case_run.h"
#include "harness/verify/event_log.h"
#include "harness/verify/injector.h"
#include "harness/verify/ticks.h"

namespace crosstalk::harness::verify {

// What a thread that asks has seen of a member that may wait inside an operation. One look at its processor time is not enough: its clock
// may jump, as where the machine below takes a processor away.
struct WaitProof {
  std::uint64_t operations = 0;  // how many the member had ended when the one that is asked about began
  // Processor time counts from here on, which moves on with each look; none: from the operation's beginning on.
  std::optional<std::uint64_t> from_ns{};
  unsigned looks = 0;  // that saw it grow
};

// One thread of the crew, as the work of a round sees it. Used by that thread, but for events(), cpu_ns() and visibly_waits().
class Member {
 public:
  Member(CaseRun& run, unsigned id, std::size_t events) : run_(run), id_(id), random_(id), log_(events) {}

  [[nodiscard]] unsigned id() const noexcept { return id_; }
  [[nodiscard]] Random& random() noexcept { return random_; }
  [[nodiscard]] Injector& injector() noexcept { return injector_; }
  [[nodiscard]] CaseRun& run() noexcept { return run_; }

  // An operation begins and ends: where a watcher sees it, and in the log. `what`: a literal.
  void begin(const char* what, std::uint64_t key = 0, std::int64_t argument = 0,
             std::uint32_t object = kNoObject) noexcept;
  void end(std::int64_t result = 0) noexcept;
  // Between begin and end of an operation, or after it: the thread has the object now, or not any more.
  void holds(std::uint32_t object) noexcept;
  void drops(std::uint32_t object) noexcept;
  [[nodiscard]] std::uint64_t last_call() const noexcept { return call_; }

  // Any thread: is this one inside an operation and, going by the processor time it has used there or by its sleep, past
  // its beginning? One look, to be taken again and again.
  [[nodiscard]] bool visibly_waits(WaitProof& proof) const;
  // Any thread: its processor time until now.
  [[nodiscard]] std::uint64_t cpu_ns() const noexcept;
  [[nodiscard]] std::uint64_t operations() const noexcept { return look(state().steps); }
  [[nodiscard]] std::vector<Event> events() const { return log_.events(id_); }
  [[nodiscard]] bool log_complete() const noexcept { return log_.complete(); }

 private:
  friend class Crew;
  [[nodiscard]] MemberState& state() const noexcept { return run_.page().member[id_]; }
  [[nodiscard]] bool visibly_spins(WaitProof& proof) const noexcept;

  CaseRun& run_;
  const unsigned id_;
  Random random_;
  Injector injector_;
  EventLog log_;
  std::uint64_t call_ = 0;
  bool watched_ = false;  // visibly_waits() will be asked: costs a system call an operation
  std::atomic<std::uint64_t> began_cpu_ns_{0};  // the thread's processor time when its operation began
  std::atomic<pid_t> tid_{0};
  std::atomic<pthread_t> handle_{};
  std::thread thread_;
};

class Crew {
 public:
  // `events`: kept of each member. Gives the case up where the system has no threads or memory for it.
  Crew(CaseRun& run, unsigned members, std::size_t events = 256);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  using Work = std::function<void(Member&)>;
  // The first `round.threads` members, disturbed as the round's seed says.
  void round(const Round& round, const Work& work);
  // The first `threads`, not disturbed, in two steps: the leading thread works beside the crew, and may ask whether members wait.
  void start(unsigned threads, const Work& work);
  void finish();

  [[nodiscard]] Member& operator[](unsigned id) noexcept { return *members_[id]; }
  // Everything in the logs of the members of this round.
  [[nodiscard]] std::vector<Event> events() const;
  [[nodiscard]] std::string trace(std::size_t most = 24) const { return columns_of(events(), most); }
  // As CaseRun::fail(), with the trace.
  [[noreturn]] void fail(std::string_view property, std::string_view detail) {
    run_.fail(property, detail, trace());
  }

 private:
  void recruit(unsigned members, std::size_t events);
  void work(Member& member);
  void go(unsigned threads, const Work& work);
  void begin_turn(unsigned threads, const Work& work);

  CaseRun& run_;
  std::vector<std::unique_ptr<Member>> members_;
  Needle needle_;
  Work work_;
  unsigned threads_ = 0;
  bool disturbed_ = false;               // this turn
  std::atomic<std::uint32_t> turn_{0};   // counts rounds; a member waits for it to move on
  std::atomic<std::uint32_t> ready_{0};  // members at the starting line
  std::atomic<std::uint32_t> left_{0};   // members that have not ended the round
  bool ends_ = false;
};

}  // namespace crosstalk::harness::verify
