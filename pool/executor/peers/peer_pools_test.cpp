// The pools of other people's libraries that were found: every task runs once, on a worker with a number of its own.
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"
#include "pool/locks/peers/tsan_marks.h"
#include "pool/peer_pools.h"
#include "pool/stress_rounds.h"

// oneTBB's workers outlive the arenas, and may still hold what told them of one when the program ends. Read by LeakSanitizer only.
extern "C" const char* __lsan_default_suppressions();   // NOLINT: the name is the sanitizer's
extern "C" const char* __lsan_default_suppressions() {  // NOLINT
  return "leak:tbb::detail::r1::observe";
}

namespace crosstalk::pool {
namespace {

constexpr unsigned kWorkers = 2;

// ThreadSanitizer sees neither into libtbb, through which oneTBB's tasks pass, nor what the fences of moodycamel's queue order: both
// are reported as races where there are none.
#ifdef CROSSTALK_UNDER_TSAN
template <class P>
constexpr bool kMisread = !P::kTraits.source.starts_with("Boost");
#else
template <class P>
constexpr bool kMisread = false;
#endif

template <class F>
void for_every_pool(F f) {
  for_each_peer_pool([&f]<class P>(std::string_view name) {
    if (kMisread<P>) return;
    INFO(name);
    P pool(PoolOptions::fixed(kWorkers));
    f(static_cast<WorkerPool&>(pool));
  });
}

TEST_CASE("every pool of a peer has a name of its own, and says what it is", "[pool][executor][peers]") {
  std::set<std::string_view> names;
  for_each_peer_pool([&]<class P>(std::string_view name) {
    CHECK(names.insert(name).second);
    CHECK_FALSE(P::kTraits.algorithm.empty());
    CHECK_FALSE(P::kTraits.source.empty());
    CHECK_THROWS_AS(P(PoolOptions::fixed(0)), std::invalid_argument);
  });
}

TEST_CASE("a pool of a peer runs every task once", "[pool][executor][peers]") {
  const unsigned tasks = 100 * stress_rounds(20);
  for_every_pool([&](WorkerPool& pool) {
    std::vector<std::atomic<unsigned>> ran(3 * tasks);
    std::vector<std::thread> submitters;
    for (unsigned id = 0; id < 3; ++id) {
      submitters.emplace_back([&, id] {
        for (unsigned i = id * tasks; i < (id + 1) * tasks; ++i)
          pool.post([&ran, i] { ++ran[i]; }, Priority::low);
      });
    }
    for (std::thread& thread : submitters) thread.join();
    pool.shutdown();
    unsigned wrong = 0;
    for (const auto& times : ran) wrong += times == 1 ? 0 : 1;
    CHECK(wrong == 0);
    const PoolStats stats = pool.stats();
    CHECK(stats.submitted == 3 * tasks);
    CHECK(stats.completed == 3 * tasks);
    CHECK(stats.accounted() == stats.submitted);
  });
}

TEST_CASE("a pool of a peer numbers its workers, each one task at a time", "[pool][executor][peers]") {
  const unsigned tasks = 50 * stress_rounds(20);
  for_every_pool([&](WorkerPool& pool) {
    std::array<std::atomic<int>, kWorkers> inside{};
    std::atomic<unsigned> wrong{0};
    for (unsigned i = 0; i < tasks; ++i) {
      pool.post(
          [&] {
            const int worker = ThreadPool::current_worker();
            if (worker < 0 || worker >= static_cast<int>(kWorkers)) {
              ++wrong;
              return;
            }
            auto& here = inside[static_cast<std::size_t>(worker)];
            if (++here != 1) ++wrong;
            std::this_thread::yield();
            --here;
          },
          Priority::normal);
    }
    pool.shutdown();
    CHECK(wrong == 0);
    CHECK(ThreadPool::current_worker() == -1);
  });
}

TEST_CASE("two tasks of a peer's pool run at the same time", "[pool][executor][peers]") {
  for_every_pool([](WorkerPool& pool) {
    std::atomic<unsigned> inside{0};
    for (unsigned i = 0; i < kWorkers; ++i) {
      pool.post(
          [&inside] {
            ++inside;
            while (inside < kWorkers) std::this_thread::yield();
          },
          Priority::normal);
    }
    pool.shutdown();
    CHECK(inside == kWorkers);
  });
}

TEST_CASE("strands on a peer's pool keep their order", "[pool][executor][peers]") {
  const unsigned tasks = 50 * stress_rounds(10);
  for_every_pool([&](WorkerPool& pool) {
    std::array<std::vector<unsigned>, 3> seen;
    std::array<std::unique_ptr<Strand>, 3> strands;
    for (auto& strand : strands) strand = std::make_unique<Strand>(pool);
    for (unsigned i = 0; i < tasks; ++i) {
      for (std::size_t s = 0; s < 3; ++s) {
        strands[s]->post([&seen, s, i] { seen[s].push_back(i); }, Priority::normal);
      }
    }
    pool.shutdown();
    for (const auto& order : seen) {
      REQUIRE(order.size() == tasks);
      for (unsigned i = 0; i < tasks; ++i) REQUIRE(order[i] == i);
    }
  });
}

TEST_CASE("a peer's pool counts what throws, and refuses what comes too late", "[pool][executor][peers]") {
  for_each_peer_pool([]<class P>(std::string_view name) {
    if (kMisread<P>) return;
    INFO(name);
    std::atomic<unsigned> errors{0};
    PoolOptions options = PoolOptions::fixed(1);
    options.on_error = [&errors](std::exception_ptr) { ++errors; };
    P pool(options);
    const auto token = std::make_shared<int>(0);
    std::atomic<unsigned> refused{0};
    std::atomic<unsigned> ran{0};
    pool.post([token] { throw std::runtime_error("no"); }, Priority::normal);
    pool.post([token] { return TaskOutcome::cancelled; }, Priority::normal);
    pool.post(
        [&] {
          try {
            pool.shutdown();
          } catch (const std::logic_error&) {
            ++refused;
          }
          pool.post([&ran] { ++ran; }, Priority::normal);
        },
        Priority::normal);
    pool.shutdown();
    CHECK(refused == 1);
    CHECK(ran == 1);
    CHECK(pool.post([&ran] { ++ran; }, Priority::normal) == Admission::rejected);
    pool.shutdown();  // again
    CHECK(ran == 1);
    CHECK(token.use_count() == 1);
    CHECK(errors == 1);
    const PoolStats stats = pool.stats();
    CHECK(stats.submitted == 5);
    CHECK(stats.failed == 1);
    CHECK(stats.cancelled == 1);
    CHECK(stats.completed == 2);
    CHECK(stats.rejected == 1);
  });
}

}  // namespace
}  // namespace crosstalk::pool
