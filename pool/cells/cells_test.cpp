// What all cells promise: conformance, any number of threads that come and go, probes, data of any kind.
#include <sched.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "pool/builtin.h"
#include "pool/cell.h"
#include "pool/cell_conformance.h"
#include "pool/cells/flat_combining.h"
#include "pool/cells/left_right.h"
#include "pool/cells/rcu_cell.h"
#include "pool/cells/seq_lock.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using AllCells = std::tuple<LeftRight, Rcu, FlatCombining, SeqLock>;
using CellsOfAnything = std::tuple<std::mutex, RwLock, LeftRight, Rcu, FlatCombining>;
using CellsThatShare = std::tuple<RwLock, LeftRight, Rcu>;

static_assert(Mechanism<LeftRight> && Mechanism<Rcu> && Mechanism<FlatCombining> && Mechanism<SeqLock>);
static_assert(Mechanism<TicketLock> && !Mechanism<int>);
static_assert(Guards<Rcu, std::string> && !Guards<SeqLock, std::string>);
static_assert(!Guards<LeftRight, std::unique_ptr<int>> && Guards<FlatCombining, std::unique_ptr<int>>);
static_assert(std::same_as<LockOf<Rcu>, std::mutex> && std::same_as<LockOf<TtasLock>, TtasLock>);
static_assert(std::same_as<CellOf<TtasLock, int>, Guarded<int, TtasLock, NoProbe>>);
static_assert(kReadsOutside<SeqLock> && !kReadsOutside<Rcu> && !kReadsOutside<std::mutex>);

TEMPLATE_LIST_TEST_CASE("a cell keeps what cells promise, at 2 to 16 threads", "[pool][cell]", AllCells) {
  for (const unsigned threads : {2U, 3U, 4U, 8U, 16U}) {
    const auto report = check_cell<TestType>({threads, stress_rounds(5), 500});
    INFO(threads << " threads: " << report.property << ": " << report.detail);
    CHECK(report.passed);
  }
}

TEMPLATE_LIST_TEST_CASE("a cell keeps what cells promise under churn", "[pool][cell][stress]", AllCells) {
  const auto report = check_cell<TestType>({8, stress_rounds(100), 40});
  INFO(report.property << ": " << report.detail);
  CHECK(report.passed);
}

// As many counts as it has elements, all the same.
template <class Counts>
void add_to(Counts& counts) {
  for (auto& count : counts) ++count;
  if (counts.size() < 300) counts.push_back(counts.empty() ? 1 : counts.back());
}
template <class Counts>
bool is_whole(const Counts& counts) {
  for (const auto& count : counts) {
    if (count != counts.front()) return false;
  }
  return true;
}

TEMPLATE_LIST_TEST_CASE("a cell guards a vector that grows", "[pool][cell]", CellsOfAnything) {
  constexpr int kWrites = 1'000;
  CellOf<TestType, std::vector<int>> cell;
  std::atomic<unsigned> torn{0};
  detail::run_threads(4, [&](unsigned) {
    for (int i = 0; i < kWrites; ++i) {
      cell.write([](std::vector<int>& counts) { return add_to(counts); });
      if (!cell.read([](const std::vector<int>& counts) { return is_whole(counts); })) ++torn;
    }
  });
  CHECK(torn == 0);
  CHECK(cell.read([](const std::vector<int>& counts) { return counts; }) ==
        std::vector<int>(300, 4 * kWrites));
}

// A memory resource that knows what is out.
class CellMemory final : public std::pmr::memory_resource {
 public:
  std::atomic<std::size_t> out{0};
  std::atomic<std::size_t> allocations{0};

 private:
  void* do_allocate(std::size_t bytes, std::size_t align) override {
    out += bytes;
    ++allocations;
    return std::pmr::new_delete_resource()->allocate(bytes, align);
  }
  void do_deallocate(void* place, std::size_t bytes, std::size_t align) override {
    out -= bytes;
    std::pmr::new_delete_resource()->deallocate(place, bytes, align);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }
};

TEMPLATE_LIST_TEST_CASE("a cell's data stays in the memory it was made with", "[pool][cell]",
                        CellsOfAnything) {
  using Data = std::pmr::vector<std::pmr::string>;
  CellMemory memory;
  {
    std::pmr::memory_resource* const before =
        std::pmr::set_default_resource(std::pmr::null_memory_resource());
    CellOf<TestType, Data> cell(&memory);
    for (int i = 0; i < 20; ++i) {
      cell.write(
          [](Data& data) { return data.emplace_back("longer than the small string optimisation").size(); });
    }
    CHECK(cell.read([&](const Data& data) {
      return data.size() == 20 && data.back().get_allocator().resource() == &memory;
    }));
    std::pmr::set_default_resource(before);
    CHECK(memory.allocations > 20);
  }
  CHECK(memory.out == 0);
}

TEMPLATE_LIST_TEST_CASE("a write waits for 300 readers that have not seen it, who wait for nobody",
                        "[pool][cell][stress]", CellsThatShare) {
  constexpr unsigned kReaders = 300;
  CellOf<TestType, int> cell(1);
  std::atomic<unsigned> inside{0};
  std::atomic<bool> leave{false};
  std::atomic<bool> returned{false};
  std::atomic<unsigned> late{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kReaders; ++i) {
    threads.emplace_back([&] {
      cell.read([&](const int& value) {
        if (value != 1) ++late;
        ++inside;
        while (!leave) sched_yield();
        if (value != 1 || returned) ++late;
        return 0;
      });
    });
  }
  while (inside < kReaders) sched_yield();  // all together, or this never ends
  std::thread writer([&] {
    cell.write([](int& value) { return value = 2; });
    returned = true;
  });
  if constexpr (!ExclusiveLock<TestType>) {
    while (cell.read([](const int& value) { return value; }) != 2)
      sched_yield();  // later readers do not wait
  }
  CHECK_FALSE(returned);
  leave = true;
  writer.join();
  for (std::thread& thread : threads) thread.join();
  CHECK(late == 0);
  CHECK(cell.read([](const int& value) { return value; }) == 2);
}

TEMPLATE_LIST_TEST_CASE("300 threads write and read", "[pool][cell][stress]", AllCells) {
  constexpr unsigned kThreads = 300;
  constexpr unsigned kEach = kSanitized ? 3 : 20;
  CellOf<TestType, std::uint64_t> cell(0U);
  std::atomic<unsigned> missed{0};
  detail::run_threads(kThreads, [&](unsigned) {
    for (unsigned i = 0; i < kEach; ++i) {
      const auto written = cell.write([](std::uint64_t& value) { return ++value; });
      if (cell.read([](const std::uint64_t& value) { return value; }) < written) ++missed;
    }
  });
  CHECK(missed == 0);
  CHECK(cell.read([](const std::uint64_t& value) { return value; }) == kThreads * kEach);
}

// Uses the cell when its thread's number has gone.
template <class Cell>
struct LateUser {
  Cell* cell = nullptr;
  ~LateUser() {
    if (cell == nullptr) return;
    const auto before = cell->read([](const std::uint64_t& value) { return value; });
    cell->write([before](std::uint64_t& value) { return value += before > 0 ? 1 : 0; });
  }
};

TEMPLATE_LIST_TEST_CASE("threads come and go, and use a cell until their very end", "[pool][cell][stress]",
                        AllCells) {
  using Cell = CellOf<TestType, std::uint64_t>;
  Cell cell(0U);
  const unsigned rounds = stress_rounds(100);
  for (unsigned round = 0; round < rounds; ++round) {
    detail::run_threads(6, [&](unsigned) {
      thread_local LateUser<Cell>
          late;  // made before the thread asks for a number, so destroyed after that is gone
      late.cell = &cell;
      cell.write([](std::uint64_t& value) { return ++value; });
    });
  }
  CHECK(cell.read([](const std::uint64_t& value) { return value; }) == std::uint64_t{12} * rounds);
}

// As a trial's probe: a canary in each piece of data that is guarded for itself.
struct CanaryProbe {
  static inline std::atomic<unsigned> violations{0};
  static inline thread_local int depth = 0;

  void before(Access) {}
  void acquired(Access access) {
    ++depth;
    // relaxed (all): what is observed is what the cell orders.
    const unsigned mine = entered.load(std::memory_order_relaxed);
    if (mine != left.load(std::memory_order_relaxed)) ++violations;
    if (access == Access::exclusive) entered.store(mine + 1, std::memory_order_relaxed);
  }
  void released(Access access) {
    --depth;
    const unsigned mine = entered.load(std::memory_order_relaxed);
    const bool exclusive = access == Access::exclusive;
    if (mine != left.load(std::memory_order_relaxed) + (exclusive ? 1 : 0)) ++violations;
    if (exclusive) left.store(mine, std::memory_order_relaxed);
  }

  std::atomic<unsigned> entered{0};
  std::atomic<unsigned> left{0};
};

TEMPLATE_LIST_TEST_CASE("a probe's canaries live in a cell", "[pool][cell][stress]", AllCells) {
  CanaryProbe::violations = 0;
  CellOf<TestType, std::uint64_t, CanaryProbe> cell(0U);
  std::atomic<unsigned> unbalanced{0};
  detail::run_threads(4, [&](unsigned) {
    for (unsigned i = 0; i < stress_rounds(5'000); ++i) {
      cell.write([](std::uint64_t& value) { return ++value; });
      cell.read([](const std::uint64_t& value) { return value; });
      cell.read([](const std::uint64_t& value) { return value; });
    }
    if (CanaryProbe::depth != 0) ++unbalanced;
  });
  CHECK(CanaryProbe::violations == 0);
  CHECK(unbalanced == 0);
}

}  // namespace
}  // namespace crosstalk::pool
