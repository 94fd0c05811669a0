#include "harness/verify/injector.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>

#include "pool/cache_line.h"

namespace crosstalk::harness::verify {

namespace {

int needle_signal() {
  return SIGRTMIN + 4;
}

void sleep_us(std::uint64_t us) noexcept {
  timespec time{.tv_sec = 0, .tv_nsec = static_cast<long>(us * 1000)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

// One needle is under way to a target at a time. Signals of this kind queue: where a yield takes longer than the pause between two
// needles, as on a busy machine, a thread would never get out of its handler.
std::array<std::atomic<bool>, kNeedleTargets> under_way{};

// Any number will do, as long as it differs from time to time; no state of its own, since a signal handler runs this.
extern "C" void on_needle(int, siginfo_t* from, void*) {
  const int kept = errno;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto chance = static_cast<std::uint64_t>(now.tv_nsec) * 0x9E3779B97F4A7C15ULL >> 58;
  if (chance == 0) {
    sleep_us(200);
  } else if (chance < 40) {
    sched_yield();
  }
  errno = kept;
  // relaxed: only the value counts. Own timers' signals are no needles.
  if (from->si_code == SI_QUEUE)
    under_way[static_cast<unsigned>(from->si_value.sival_int)].store(false, std::memory_order_relaxed);
}

// Needles in a row without a step of anybody; where steps are long, as many times that.
constexpr unsigned kInVainMost = 100;

std::uint64_t steps_of_members(const Page& page) {
  std::uint64_t steps = 0;
  const std::uint32_t members = std::min<std::uint32_t>(look(page.members), kMembersMost);
  for (std::uint32_t i = 0; i < members; ++i) steps += look(page.member[i].steps);
  return steps;
}

// With the number of the target for the handler. False if there is no such thread any more.
bool send_needle(int thread, unsigned target) noexcept {
  siginfo_t needle{};
  needle.si_code = SI_QUEUE;
  needle.si_pid = getpid();
  needle.si_uid = getuid();
  needle.si_value.sival_int = static_cast<int>(target);
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, needle_signal(), &needle) == 0;
}

}  // namespace

void Injector::disturb(bool held) noexcept {
  const std::uint64_t number = random_.next();
  const std::uint64_t heavy = how_ == Disturbance::heavy ? 8 : 1;
  const auto chance = [&](unsigned shift, std::uint64_t one_in) {
    return ((number >> shift) & 4095) * one_in < 4096 * odds_ * heavy;
  };
  if (chance(0, held ? 4096 : 2048)) {
    sleep_us(50 + (number >> 48) % 450);
  } else if (chance(12, 64)) {
    sched_yield();
  } else if (chance(24, 16)) {
    for (unsigned i = 0; i < (number >> 52) % 64; ++i) pool::cpu_relax();
  }
}

Needle::Needle(Page& page) : page_(page) {
  struct sigaction action {};
  action.sa_sigaction = on_needle;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  sigaction(needle_signal(), &action, nullptr);
  thread_ = std::thread([this] { run(); });
}

Needle::~Needle() {
  // relaxed: only the value counts.
  ends_.store(true, std::memory_order_relaxed);
  thread_.join();
}

void Needle::aim(const std::vector<int>& threads) {
  const unsigned count = std::min<unsigned>(static_cast<unsigned>(threads.size()), kNeedleTargets);
  // relaxed (all): a needle that goes astray hits another thread of the crew.
  for (std::atomic<bool>& needle : under_way) needle.store(false, std::memory_order_relaxed);
  for (unsigned i = 0; i < count; ++i) targets_[i].store(threads[i], std::memory_order_relaxed);
  count_.store(count, std::memory_order_relaxed);
  aims_.fetch_add(1, std::memory_order_relaxed);
}

void Needle::run() {
  note(page_.helper, static_cast<std::int32_t>(gettid()));
  Random random(static_cast<std::uint64_t>(gettid()));
  std::uint64_t steps = 0;
  unsigned aims = 0;
  unsigned in_vain = 0;
  // relaxed (all): see aim() and on_needle().
  while (!ends_.load(std::memory_order_relaxed)) {
    const unsigned count = count_.load(std::memory_order_relaxed);
    const std::uint64_t now = steps_of_members(page_);
    const unsigned aimed = aims_.load(std::memory_order_relaxed);
    in_vain = now == steps && aimed == aims ? in_vain + 1 : 0;
    steps = now;
    aims = aimed;
    // Whoever hangs is left alone, or it would never be seen asleep.
    if (count == 0 || in_vain > kInVainMost * look(page_.patience)) {
      sleep_us(1000);
      continue;
    }
    const auto target = static_cast<unsigned>(random.below(count));
    const int thread = targets_[target].load(std::memory_order_relaxed);
    if (!under_way[target].exchange(true, std::memory_order_relaxed) && !send_needle(thread, target))
      under_way[target].store(false, std::memory_order_relaxed);
    sleep_us(20 + random.below(120));
  }
}

OwnTimer::OwnTimer(std::uint64_t ns) noexcept
    : every_{.tv_sec = 0, .tv_nsec = static_cast<long>(ns)}, left_(every_) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = needle_signal();
  event._sigev_un._tid = gettid();
  timer_t timer{};
  if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0) return;
  made_ = true;
  timer_ = timer;
}

OwnTimer::~OwnTimer() {
  if (made_) timer_delete(static_cast<timer_t>(timer_));
}

void OwnTimer::go_on() noexcept {
  const itimerspec plan{.it_interval = every_, .it_value = left_};
  if (made_) timer_settime(static_cast<timer_t>(timer_), 0, &plan, nullptr);
}

void OwnTimer::rest() noexcept {
  const itimerspec none{};
  itimerspec was{};
  if (!made_ || timer_settime(static_cast<timer_t>(timer_), 0, &none, &was) != 0) return;
  // None left: it has just gone off.
  left_ = was.it_value.tv_sec == 0 && was.it_value.tv_nsec == 0 ? every_ : was.it_value;
}

}  // namespace crosstalk::harness::verify
