#include "harness/explore/memory_model.h"

#include <atomic>
#include <functional>
#include <new>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

constexpr auto kNoOrder = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
constexpr auto kTotal = std::memory_order_seq_cst;

Finding with_stale_reads(const std::function<void()>& scenario) {
  Options options;
  options.stale_reads = true;
  return explore(options, scenario).finding;
}

// Two threads each store to one and load the other: may both miss the other's store?
template <class Store, class Load>
void store_buffering(Store store, Load load) {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
  int first = 0;
  int second = 0;
  {
    std::jthread one([&] { store(x), first = load(y); });
    std::jthread two([&] { store(y), second = load(x); });
  }
  require(first == 1 || second == 1, "both missed the other's store");
}

template <class Order>
void message_passing(Order store_order) {
  std::atomic<int> data{0};
  std::atomic<int> flag{0};
  std::jthread one([&] { data.store(1, kNoOrder), flag.store(1, store_order); });
  std::jthread two([&] {
    if (flag.load(kAcquire) == 1) require(data.load(kNoOrder) == 1, "the flag came before the data");
  });
}

// A plain int published by a flag.
void publish(std::memory_order store_order, std::memory_order load_order) {
  std::atomic<int> flag{0};
  int data = 0;
  std::jthread one([&] {
    data = 1;
    flag.store(1, store_order);
  });
  std::jthread two([&] {
    if (flag.load(load_order) == 1) require(data == 1, "not there");
  });
}

}  // namespace

TEST_CASE("store buffering shows with acquire and release", "[explore][memory]") {
  CHECK(with_stale_reads([] {
          store_buffering([](auto& x) { x.store(1, kRelease); }, [](auto& x) { return x.load(kAcquire); });
        }) == Finding::assertion);
}

TEST_CASE("store buffering does not show with seq_cst", "[explore][memory]") {
  CHECK(with_stale_reads([] {
          store_buffering([](auto& x) { x.store(1, kTotal); }, [](auto& x) { return x.load(kTotal); });
        }) == Finding::none);
}

TEST_CASE("store buffering does not show with seq_cst fences", "[explore][memory]") {
  CHECK(with_stale_reads([] {
          store_buffering(
              [](auto& x) {
                x.store(1, kNoOrder);
                std::atomic_thread_fence(kTotal);
              },
              [](auto& x) { return x.load(kNoOrder); });
        }) == Finding::none);
}

TEST_CASE("a message overtakes its data where the flag is relaxed", "[explore][memory]") {
  CHECK(with_stale_reads([] { message_passing(kNoOrder); }) == Finding::assertion);
}

TEST_CASE("a message does not overtake its data where the flag is released", "[explore][memory]") {
  CHECK(with_stale_reads([] { message_passing(kRelease); }) == Finding::none);
}

TEST_CASE("reads of one location do not go back", "[explore][memory]") {
  CHECK(with_stale_reads([] {
          std::atomic<int> x{0};
          std::jthread one([&] { x.store(1, kNoOrder), x.store(2, kNoOrder); });
          std::jthread two([&] {
            const int before = x.load(kNoOrder);
            require(x.load(kNoOrder) >= before, "went back");
          });
        }) == Finding::none);
}

TEST_CASE("what was read before a release is seen after its acquire", "[explore][memory]") {
  CHECK(with_stale_reads([] {
          std::atomic<int> x{0};
          std::atomic<int> y{0};
          std::jthread one([&] { x.store(1, kNoOrder); });
          std::jthread two([&] {
            if (x.load(kNoOrder) == 1) y.store(1, kRelease);
          });
          std::jthread three([&] {
            if (y.load(kAcquire) == 1) require(x.load(kNoOrder) == 1, "unseen");
          });
        }) == Finding::none);
}

TEST_CASE("independent stores may be seen in different orders", "[explore][memory]") {
  CHECK(with_stale_reads([] {
          std::atomic<int> x{0};
          std::atomic<int> y{0};
          int seen[4] = {};
          {
            std::jthread one([&] { x.store(1, kRelease); });
            std::jthread two([&] { y.store(1, kRelease); });
            std::jthread three([&] { seen[0] = x.load(kAcquire), seen[1] = y.load(kAcquire); });
            std::jthread four([&] { seen[2] = y.load(kAcquire), seen[3] = x.load(kAcquire); });
          }
          require(!(seen[0] == 1 && seen[1] == 0 && seen[2] == 1 && seen[3] == 0),
                  "seen in different orders");
        }) == Finding::assertion);
}

TEST_CASE("reads of one location do not go back behind a compare-exchange that failed", "[explore][memory]") {
  CHECK(with_stale_reads([] {
          std::atomic<int> x{0};
          std::jthread one([&] { x.store(1, kNoOrder); });
          std::jthread two([&] {
            int seen = 5;
            x.compare_exchange_strong(seen, 6, kNoOrder);
            require(x.load(kNoOrder) >= seen, "went back");
          });
        }) == Finding::none);
}

TEST_CASE("an object does not hold what another held in its place", "[explore][memory]") {
  // The second has the value that the first had last, so that only its constructor tells the two apart.
  for (const int again : {7, 1}) {
    Options options;
    options.stale_reads = true;
    CHECK(explore(options, [again] {
            alignas(std::atomic<int>) unsigned char place[sizeof(std::atomic<int>)];
            for (const int value : {1, again}) {
              auto* const x = new (place) std::atomic<int>(value);
              std::jthread one([&] { x->store(value + 1, kNoOrder), x->store(value, kNoOrder); });
              std::jthread two([&] {
                const int seen = x->load(kNoOrder);
                require(seen == value || seen == value + 1, "another's value");
              });
            }
          }).passed());
  }
}

TEST_CASE("seq_cst operations and seq_cst fences are in one order", "[explore][memory]") {
  const auto fenced_store = [](auto& x) {
    x.store(1, kNoOrder);
    std::atomic_thread_fence(kTotal);
  };
  const auto both_miss = [&](auto one_stores, auto one_loads, auto two_stores, auto two_loads) {
    return with_stale_reads([=] {
      std::atomic<int> x{0};
      std::atomic<int> y{0};
      int first = 0;
      int second = 0;
      {
        std::jthread one([&] { one_stores(x), first = one_loads(y); });
        std::jthread two([&] { two_stores(y), second = two_loads(x); });
      }
      require(first == 1 || second == 1, "both missed the other's store");
    });
  };
  const auto total_store = [](auto& x) { x.store(1, kTotal); };
  const auto total_load = [](auto& x) { return x.load(kTotal); };
  const auto plain_load = [](auto& x) { return x.load(kNoOrder); };
  CHECK(both_miss(total_store, total_load, fenced_store, plain_load) == Finding::none);
  CHECK(both_miss(fenced_store, plain_load, total_store, total_load) == Finding::none);
  // A load that is in that order by nothing may miss the store.
  CHECK(both_miss(total_store, plain_load, fenced_store, plain_load) == Finding::assertion);
}

TEST_CASE("a missing release is a race without stale reads too", "[explore][memory]") {
  CHECK(explore({}, [] { publish(kNoOrder, kAcquire); }).finding == Finding::race);
}

TEST_CASE("a missing acquire is a race", "[explore][memory]") {
  CHECK(explore({}, [] { publish(kRelease, kNoOrder); }).finding == Finding::race);
}

TEST_CASE("release and acquire make no race", "[explore][memory]") {
  CHECK(explore({}, [] { publish(kRelease, kAcquire); }).passed());
}

TEST_CASE("fences order relaxed accesses", "[explore][memory]") {
  CHECK(explore({}, [] {
          std::atomic<int> flag{0};
          int data = 0;
          std::jthread one([&] {
            data = 1;
            std::atomic_thread_fence(kRelease);
            flag.store(1, kNoOrder);
          });
          std::jthread two([&] {
            if (flag.load(kNoOrder) != 1) return;
            std::atomic_thread_fence(kAcquire);
            require(data == 1, "not there");
          });
        }).passed());
}

TEST_CASE("a read-modify-write keeps a release sequence up", "[explore][memory]") {
  CHECK(explore({}, [] {
          std::atomic<int> flag{0};
          int data = 0;
          std::jthread one([&] {
            data = 1;
            flag.store(1, kRelease);
          });
          std::jthread two([&] { flag.fetch_add(1, kNoOrder); });
          std::jthread three([&] {
            if (flag.load(kAcquire) == 2) require(data == 1, "not there");
          });
        }).passed());
}

}  // namespace crosstalk::harness::explore
