#include "harness/verify/crew.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <ctime>

#include "harness/verify/process_look.h"
#include "harness/verify/scarcity.h"

namespace crosstalk::harness::verify {

namespace {

std::uint64_t ns_of(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t own_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return ns_of(time);
}

std::uint64_t cpu_ns_of(pthread_t thread) {
  clockid_t clock{};
  timespec time{};
  if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return ns_of(time);
}

// What an operation does before it can be called waiting takes far less.
constexpr std::uint64_t kSurelyWaitsNs = 300'000;
// Who waits uses more of it afterwards, too.
constexpr std::uint64_t kWaitsOnNs = 10'000;
constexpr unsigned kLooksThatProve = 3;

}  // namespace

void Member::begin(const char* what, std::uint64_t key, std::int64_t argument,
                   std::uint32_t object) noexcept {
  MemberState& mine = state();
  note(mine.asks, what);
  note(mine.object, object);
  if (watched_) note(began_cpu_ns_, own_cpu_ns());
  note(mine.standing, Standing::asking);
  call_ = ticks_before();
  log_.begin(call_, what, key, argument);
  mine.recent.begin(call_, what, key, argument);
}

void Member::end(std::int64_t result) noexcept {
  const std::uint64_t now = ticks_after();
  log_.end(now, result);
  MemberState& mine = state();
  mine.recent.end(now, result);
  note(mine.standing, Standing::outside);
  note(mine.steps, look(mine.steps) + 1);
}

void Member::holds(std::uint32_t object) noexcept {
  hold(state(), object);
}

void Member::drops(std::uint32_t object) noexcept {
  drop(state(), object);
}

std::uint64_t Member::cpu_ns() const noexcept {
  return cpu_ns_of(look(handle_));
}

bool Member::visibly_spins(WaitProof& proof) const noexcept {
  const std::uint64_t now = cpu_ns();
  const std::uint64_t from = proof.from_ns.value_or(look(began_cpu_ns_));
  if (now <= from + (proof.looks == 0 ? kSurelyWaitsNs : kWaitsOnNs)) return false;
  proof.from_ns = now;
  return ++proof.looks >= kLooksThatProve;
}

bool Member::visibly_waits(WaitProof& proof) const {
  const auto waits = [&] {
    return look(state().standing) == Standing::asking && look(state().steps) == proof.operations;
  };
  if (!waits()) return false;
  if (visibly_spins(proof)) return waits();
  // Asleep, and still so a little later: on its way into the operation nothing sleeps.
  const pid_t thread = look(tid_);
  for (unsigned looks = 0; looks < 3; ++looks) {
    if (state_of_thread(thread) != 'S') return false;
    sched_yield();
  }
  return waits();
}

Crew::Crew(CaseRun& run, unsigned members, std::size_t events) : run_(run), needle_(run.page()) {
  try {
    recruit(members, events);
  } catch (const std::exception& error) {
    // At once: the members that there are wait for a first turn, and nobody may destroy them before they have ended.
    run.give_up(why_not_run(error));
  }
  note(run.page().members, members);
}

void Crew::recruit(unsigned members, std::size_t events) {
  for (unsigned id = 0; id < members; ++id) {
    members_.push_back(std::make_unique<Member>(run_, id, events));
    Member& member = *members_.back();
    member.thread_ = std::thread([this, &member] { work(member); });
  }
}

Crew::~Crew() {
  ends_ = true;
  begin_turn(static_cast<unsigned>(members_.size()), {});
  for (const auto& member : members_) member->thread_.join();
  note(run_.page().members, std::uint32_t{0});
}

void Crew::work(Member& member) {
  note(member.tid_, gettid());
  note(member.handle_, pthread_self());
  std::optional<OwnTimer> timer;
  if (run_.options().disturb) timer.emplace(2'000'000);
  std::uint32_t turn = 0;
  for (;;) {
    // acquire: pairs with the release in go(); the round's work is seen.
    turn_.wait(turn, std::memory_order_acquire);
    turn = turn_.load(std::memory_order_acquire);
    if (ends_) return;
    if (member.id() < threads_) {
      // acq_rel, acquire: everybody sees the object as it was made; pairs with the others' increments.
      ready_.fetch_add(1, std::memory_order_acq_rel);
      while (ready_.load(std::memory_order_acquire) < threads_) sched_yield();
      if (timer && disturbed_) timer->go_on();
      work_(member);
      if (timer && disturbed_) timer->rest();
      note(member.state().standing, Standing::done);
    }
    // release: pairs with the acquire in finish(); notify: the last one wakes the leading thread.
    if (left_.fetch_sub(1, std::memory_order_release) == 1) left_.notify_all();
  }
}

void Crew::go(unsigned threads, const Work& work) {
  for (const auto& member : members_) {
    member->log_.clear();
    member->state().recent.clear();
    note(member->state().standing, Standing::outside);
  }
  begin_turn(threads, work);
}

void Crew::begin_turn(unsigned threads, const Work& work) {
  work_ = work;
  threads_ = threads;
  // relaxed (both): ordered by `turn_`.
  ready_.store(0, std::memory_order_relaxed);
  left_.store(static_cast<std::uint32_t>(members_.size()), std::memory_order_relaxed);
  // release: pairs with the acquire in work().
  turn_.fetch_add(1, std::memory_order_release);
  turn_.notify_all();
}

void Crew::round(const Round& round, const Work& work) {
  Random random(round.seed);
  constexpr std::array kHow{Disturbance::light, Disturbance::heavy, Disturbance::light, Disturbance::none};
  const bool disturb = run_.options().disturb;
  const Disturbance how = disturb ? kHow[random.below(kHow.size())] : Disturbance::none;
  const std::uint64_t victim = random.below(round.threads * 2);
  std::vector<int> targets;
  for (unsigned id = 0; id < round.threads; ++id) {
    Member& member = *members_[id];
    member.random_ = Random(random.next());
    member.injector_ = Injector(random.next(), how, id == victim);
    targets.push_back(look(member.tid_));
  }
  disturbed_ = disturb;
  // In half of the rounds: a signal makes a sleeper look again and so may cure what it is to show.
  if (random.one_in(2) && disturb) needle_.aim(targets);
  go(static_cast<unsigned>(round.threads), work);
  finish();
  needle_.aim({});
}

void Crew::start(unsigned threads, const Work& work) {
  for (const auto& member : members_) member->watched_ = true;
  disturbed_ = false;
  go(threads, work);
}

void Crew::finish() {
  // acquire: pairs with the release in work(); what the members did is seen.
  for (std::uint32_t left = left_.load(std::memory_order_acquire); left != 0;
       left = left_.load(std::memory_order_acquire)) {
    left_.wait(left, std::memory_order_acquire);
  }
}

std::vector<Event> Crew::events() const {
  std::vector<Event> all;
  for (unsigned id = 0; id < threads_; ++id) {
    const std::vector<Event> mine = members_[id]->events();
    all.insert(all.end(), mine.begin(), mine.end());
  }
  return all;
}

}  // namespace crosstalk::harness::verify
