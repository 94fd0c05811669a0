// Of the regression suite: the eight small programs by which memory models are told apart (names as in Alglave, Maranget and Tautschnig,
// TOPLAS 2014), each with orders that let the weak outcome happen and with such that forbid it. Explored with stale reads.
//
// Stores take effect in the order of the schedule, so an outcome that needs two stores to change places, or a load that reads what is
// stored later, is never shown: LB, 2+2W and S are silent in both versions. That is the explorer's limit, not C++'s.
#include <atomic>
#include <thread>

#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

namespace {

constexpr auto kWeak = std::memory_order_relaxed;
constexpr auto kReleases = std::memory_order_release;
constexpr auto kAcquires = std::memory_order_acquire;
constexpr auto kTotalOrder = std::memory_order_seq_cst;
constexpr Needs kStale{.stale_reads = true};

// Two or more threads, and what must not come of them once all are over.
template <class... F>
void run_all(F... f) {
  std::jthread threads[] = {std::jthread(f)...};
}

struct LitmusWords {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
};

void message_passing(std::memory_order stores, std::memory_order loads) {
  LitmusWords w;
  int flag = 0;
  int data = 0;
  run_all([&] { w.x.store(1, kWeak), w.y.store(1, stores); },
          [&] { flag = w.y.load(loads), data = w.x.load(kWeak); });
  require(flag == 0 || data == 1, "the flag overtook the data");
}

void store_buffering(std::memory_order stores, std::memory_order loads) {
  LitmusWords w;
  int first = 0;
  int second = 0;
  run_all([&] { w.x.store(1, stores), first = w.y.load(loads); },
          [&] { w.y.store(1, stores), second = w.x.load(loads); });
  require(first == 1 || second == 1, "both missed the other's store");
}

void load_buffering(std::memory_order stores, std::memory_order loads) {
  LitmusWords w;
  int first = 0;
  int second = 0;
  run_all([&] { first = w.x.load(loads), w.y.store(1, stores); },
          [&] { second = w.y.load(loads), w.x.store(1, stores); });
  require(first == 0 || second == 0, "both saw what was stored later");
}

void independent_reads(std::memory_order stores, std::memory_order loads) {
  LitmusWords w;
  int seen[4] = {};
  run_all([&] { w.x.store(1, stores); }, [&] { w.y.store(1, stores); },
          [&] { seen[0] = w.x.load(loads), seen[1] = w.y.load(loads); },
          [&] { seen[2] = w.y.load(loads), seen[3] = w.x.load(loads); });
  require(!(seen[0] == 1 && seen[1] == 0 && seen[2] == 1 && seen[3] == 0), "two stores seen in either order");
}

void two_plus_two_writes(std::memory_order stores) {
  LitmusWords w;
  run_all([&] { w.x.store(1, stores), w.y.store(2, stores); },
          [&] { w.y.store(1, stores), w.x.store(2, stores); });
  require(w.x.load() == 2 || w.y.load() == 2, "both later stores were overtaken");
}

void store_after_load(std::memory_order stores, std::memory_order loads) {
  LitmusWords w;
  int flag = 0;
  run_all([&] { w.x.store(2, kWeak), w.y.store(1, stores); },
          [&] { flag = w.y.load(loads), w.x.store(1, kWeak); });
  require(flag == 0 || w.x.load() == 1, "a store was overtaken by an older one");
}

void store_and_load(std::memory_order stores, std::memory_order loads) {
  LitmusWords w;
  int seen = 0;
  run_all([&] { w.x.store(1, stores), w.y.store(1, stores); },
          [&] { w.y.store(2, stores), seen = w.x.load(loads); });
  require(w.y.load() == 1 || seen == 1, "the last store came before what it follows");
}

void coherent_reads(std::memory_order stores, std::memory_order loads) {
  LitmusWords w;
  int before = 0;
  int after = 0;
  run_all([&] { w.x.store(1, stores), w.x.store(2, stores); },
          [&] { before = w.x.load(loads), after = w.x.load(loads); });
  require(before <= after, "one location went back");
}

EXPLORE_AS("mp/weak", Schedules::all, kStale) {
  message_passing(kWeak, kWeak);
}
EXPLORE_AS("mp/strong", Schedules::all, kStale) {
  message_passing(kReleases, kAcquires);
}
EXPLORE_AS("sb/weak", Schedules::all, kStale) {
  store_buffering(kReleases, kAcquires);
}
EXPLORE_AS("sb/strong", Schedules::all, kStale) {
  store_buffering(kTotalOrder, kTotalOrder);
}
EXPLORE_AS("lb/weak", Schedules::all, kStale) {
  load_buffering(kWeak, kWeak);
}
EXPLORE_AS("lb/strong", Schedules::all, kStale) {
  load_buffering(kReleases, kAcquires);
}
EXPLORE_AS("iriw/weak", Schedules::all, kStale) {
  independent_reads(kReleases, kAcquires);
}
EXPLORE_AS("iriw/strong", Schedules::sample, kStale) {
  independent_reads(kTotalOrder, kTotalOrder);
}
EXPLORE_AS("2+2w/weak", Schedules::all, kStale) {
  two_plus_two_writes(kWeak);
}
EXPLORE_AS("2+2w/strong", Schedules::all, kStale) {
  two_plus_two_writes(kTotalOrder);
}
EXPLORE_AS("s/weak", Schedules::all, kStale) {
  store_after_load(kWeak, kWeak);
}
EXPLORE_AS("s/strong", Schedules::all, kStale) {
  store_after_load(kReleases, kAcquires);
}
EXPLORE_AS("r/weak", Schedules::all, kStale) {
  store_and_load(kReleases, kAcquires);
}
EXPLORE_AS("r/strong", Schedules::all, kStale) {
  store_and_load(kTotalOrder, kTotalOrder);
}
EXPLORE_AS("corr/weak", Schedules::all, kStale) {
  coherent_reads(kWeak, kWeak);
}
EXPLORE_AS("corr/strong", Schedules::all, kStale) {
  coherent_reads(kTotalOrder, kTotalOrder);
}

}  // namespace

}  // namespace crosstalk::harness::explore
