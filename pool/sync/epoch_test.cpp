#include "pool/sync/epoch.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// Counts who lives; the numbers of one that was freed no longer fit each other.
struct EpochNode : EpochDomain::Retired {
  static inline std::atomic<std::int64_t> alive{0};

  explicit EpochNode(std::uint64_t number, std::size_t size = 64) : one(number), two(~number) {
    ++alive;
    bytes = size;
    free_it = [](Retired* self) noexcept { delete static_cast<EpochNode*>(self); };
  }
  EpochNode(const EpochNode&) = delete;
  EpochNode& operator=(const EpochNode&) = delete;
  ~EpochNode() {
    one = two = 0;
    --alive;
  }

  std::uint64_t one;
  std::uint64_t two;
};

TEST_CASE("what is retired is freed when the pins of then are gone, and no sooner", "[pool][epoch]") {
  EpochDomain domain(std::pmr::new_delete_resource());
  {
    const EpochDomain::Pin pin(domain);
    // By a thread that is not pinned, as the rule is.
    std::thread([&] {
      for (std::uint64_t i = 0; i < 200; ++i) domain.retire(new EpochNode(i));
    }).join();
    CHECK(EpochNode::alive == 200);
    CHECK(domain.bytes_waiting() == 200 * 64);
  }
  domain.drain();
  CHECK(EpochNode::alive == 0);
  CHECK(domain.bytes_waiting() == 0);
}

TEST_CASE("a later pin does not keep what was retired before it", "[pool][epoch]") {
  EpochDomain domain(std::pmr::new_delete_resource());
  for (std::uint64_t i = 0; i < 100; ++i) domain.retire(new EpochNode(i));
  domain.drain();
  const EpochDomain::Pin pin(domain);
  const EpochDomain::Pin nested(domain);
  CHECK(EpochNode::alive == 0);
}

TEST_CASE("without pins little waits, and a domain frees the rest at its end", "[pool][epoch]") {
  {
    EpochDomain domain(std::pmr::new_delete_resource());
    for (std::uint64_t i = 0; i < 1'000; ++i) {
      domain.retire(new EpochNode(i));
      REQUIRE(EpochNode::alive <= 32);
    }
  }
  CHECK(EpochNode::alive == 0);
}

TEST_CASE("who passes the bound waits for the pins of others", "[pool][epoch]") {
  EpochDomain domain(std::pmr::new_delete_resource(), 1'000);
  std::atomic<bool> passed{false};
  std::thread writer;
  {
    const EpochDomain::Pin pin(domain);
    std::atomic<bool> full{false};
    writer = std::thread([&] {
      domain.retire(new EpochNode(1, 900));
      full = true;
      full.notify_all();
      domain.retire(new EpochNode(2, 900));
      passed = true;
    });
    full.wait(false);
    CHECK_FALSE(passed);
  }
  writer.join();
  CHECK(passed);
  CHECK(domain.bytes_waiting() <= 1'000);
}

// More threads than slots of their own; each lives for a few rounds only.
TEST_CASE("300 threads that come and go read nothing that was freed", "[pool][epoch][stress]") {
  constexpr unsigned kThreads = 300;
  std::atomic<std::uint64_t> torn{0};
  {
    EpochDomain domain(std::pmr::new_delete_resource(), 100'000);
    std::atomic<EpochNode*> shared{new EpochNode(0)};
    for (unsigned lap = 0; lap < stress_rounds(10); ++lap) {
      detail::run_threads(kThreads, [&](unsigned id) {
        for (std::uint64_t i = 0; i < 50; ++i) {
          if ((id + i) % 4 == 0) {
            EpochNode* const old = shared.exchange(new EpochNode(i));
            domain.retire(old);
          }
          const EpochDomain::Pin pin(domain);
          const EpochNode* const node = shared.load();
          if (i % 16 == 0) std::this_thread::yield();
          if (node->two != ~node->one) ++torn;
        }
      });
    }
    delete shared.load();
  }
  CHECK(torn == 0);
  CHECK(EpochNode::alive == 0);
}

}  // namespace
}  // namespace crosstalk::pool
