#include "pool/containers/concurrent_set.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "pool/builtin.h"
#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEMPLATE_LIST_TEST_CASE("a set does what a set does", "[pool][set]", SampleLocks) {
  ConcurrentSet<int, TestType> set(std::vector<int>{1, 2, 2});
  CHECK(set.size() == 2);
  CHECK_FALSE(set.add(1));
  CHECK(set.add(3));
  set.discard(9);
  CHECK(set.remove(1));
  CHECK_FALSE(set.remove(1));
  set.update(std::set<int>{3, 4});
  auto all = set.snapshot();
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector<int>{2, 3, 4});
  CHECK(set.contains(4));
  set.clear();
  CHECK(set.size() == 0);
}

TEST_CASE("a set of strings is asked by string_view", "[pool][set]") {
  ConcurrentSet<std::string, std::mutex> set(std::vector<std::string>{"lobby"});
  CHECK(set.contains(std::string_view("lobby")));
  CHECK_FALSE(set.contains("kitchen"));
  CHECK(set.remove(std::string_view("lobby")));
}

struct SetThrowingItem {
  static inline int copies_left = -1;
  int value = 0;
  explicit(false) SetThrowingItem(int v) : value(v) {}
  SetThrowingItem(const SetThrowingItem& other) : value(other.value) {
    if (copies_left == 0) throw std::runtime_error("copy");
    if (copies_left > 0) --copies_left;
  }
  SetThrowingItem& operator=(const SetThrowingItem&) = delete;
  ~SetThrowingItem() = default;
  bool operator==(const SetThrowingItem&) const = default;
};
struct SetItemHash {
  std::size_t operator()(const SetThrowingItem& item) const { return static_cast<std::size_t>(item.value); }
};

TEST_CASE("whichever copy throws, the set stays as it was, and unlocked", "[pool][set]") {
  const std::vector<SetThrowingItem> more{2, 3, 4};
  ConcurrentSet<SetThrowingItem, std::mutex, SetItemHash> set;
  set.add(1);
  set.add(2);
  for (int copies = 0; copies < 3; ++copies) {
    SetThrowingItem::copies_left = copies;
    CHECK_THROWS_WITH(set.update(more), "copy");
    SetThrowingItem::copies_left = -1;
    CHECK(set.size() == 2);
  }
  set.update(more);
  CHECK(set.size() == 4);
}

using SetLocks = std::tuple<std::mutex, std::shared_mutex, TtasLock, TicketLock, RwLock>;

TEMPLATE_LIST_TEST_CASE("additions less removals of hot items are what is left", "[pool][set][stress]",
                        SetLocks) {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    ConcurrentSet<int, TestType> set;
    std::atomic<std::int64_t> left{0};
    detail::run_threads(4, [&](unsigned id) {
      for (unsigned i = 0; i < 300; ++i) {
        const int item = static_cast<int>((i * 7 + id) % 3);
        if (i % 2 == id % 2) {
          left += set.add(item) ? 1 : 0;
        } else {
          left -= set.remove(item) ? 1 : 0;
        }
      }
    });
    REQUIRE(static_cast<std::int64_t>(set.size()) == left);
    REQUIRE(set.snapshot().size() == set.size());
  }
}

TEMPLATE_LIST_TEST_CASE("a batch is added as a whole", "[pool][set][stress]", SetLocks) {
  for (unsigned round = 0; round < stress_rounds(300); ++round) {
    ConcurrentSet<int, TestType> set;
    std::atomic<unsigned> torn{0};
    detail::run_threads(3, [&](unsigned id) {
      if (id == 0) set.update(std::vector<int>{1, 2, 3});
      if (id == 1) set.clear();
      if (id == 2) torn += set.snapshot().size() % 3 != 0 ? 1 : 0;
    });
    REQUIRE(torn == 0);
    REQUIRE(set.size() % 3 == 0);
  }
}

}  // namespace
}  // namespace crosstalk::pool
