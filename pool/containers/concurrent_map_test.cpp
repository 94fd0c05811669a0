#include "pool/containers/concurrent_map.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "pool/builtin.h"

namespace crosstalk::pool {
namespace {

template <class M>
auto map_sorted_items(const M& map) {
  auto items = map.items();
  std::sort(items.begin(), items.end());
  return items;
}

TEMPLATE_LIST_TEST_CASE("a map does what a map does", "[pool][map]", SampleLocks) {
  using Items = std::vector<std::pair<std::string, int>>;
  for (const std::size_t shards : {std::size_t{1}, std::size_t{16}}) {
    ConcurrentMap<std::string, int, TestType> map(shards);
    map.reserve(100);
    CHECK_FALSE(map.get("a").has_value());
    CHECK(map.get_or("a", 7) == 7);
    map.set("a", 1);
    CHECK_FALSE(map.insert_if_absent("a", 2));
    CHECK(map.insert_if_absent("b", 2));
    CHECK(map.modify("c", [](int& value) { return value += 3; }) == 3);
    int seen = 0;
    CHECK(map.visit("b", [&](const int& value) { seen = value; }));
    CHECK_FALSE(map.visit("z", [&](const int&) { seen = -1; }));
    CHECK(seen == 2);
    map.update(Items{{"a", 9}, {"d", 4}, {"a", 10}});
    CHECK(map.size() == 4);
    CHECK(map_sorted_items(map) == Items{{"a", 10}, {"b", 2}, {"c", 3}, {"d", 4}});
    CHECK(map.snapshot_all().size() == 4);
    auto keys = map.keys();
    std::sort(keys.begin(), keys.end());
    CHECK(keys == std::vector<std::string>{"a", "b", "c", "d"});
    auto values = map.values();
    std::sort(values.begin(), values.end());
    CHECK(values == std::vector<int>{2, 3, 4, 10});
    CHECK(map.erase("a"));
    CHECK_FALSE(map.erase("a"));
    CHECK_FALSE(map.contains("a"));
    map.modify_two("b", "new", [](int& b, int& fresh) { fresh = b, b = 0; });
    CHECK(map.get("b") == 0);
    CHECK(map.get("new") == 2);
    map.clear();
    CHECK(map.size() == 0);
  }
}

TEST_CASE("a map refuses what it cannot be, and says the bound", "[pool][map]") {
  using Map = ConcurrentMap<int, int, std::mutex>;
  CHECK_THROWS_WITH(Map(0), "concurrent map: shards must be between 1 and 65536, got 0");
  CHECK_THROWS_AS(Map(65'537), std::invalid_argument);
  CHECK(Map(5).shards() == 8);
  Map map(4);
  CHECK_THROWS_AS(map.modify_two(1, 1, [](int&, int&) {}), std::invalid_argument);
}

// Counts what strings allocate.
template <class T>
struct MapCountingAllocator {
  using value_type = T;
  static inline std::size_t allocations = 0;
  MapCountingAllocator() = default;
  template <class U>
  explicit(false) MapCountingAllocator(const MapCountingAllocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return ++allocations, std::allocator<T>{}.allocate(count); }
  void deallocate(T* memory, std::size_t count) { std::allocator<T>{}.deallocate(memory, count); }
  bool operator==(const MapCountingAllocator&) const = default;
};

TEST_CASE("a lookup by string_view makes no string", "[pool][map]") {
  using Counted = MapCountingAllocator<char>;
  using String = std::basic_string<char, std::char_traits<char>, Counted>;
  constexpr std::string_view kLong = "a name that is too long for the room inside a string object";
  for (const std::size_t shards : {std::size_t{1}, std::size_t{8}}) {
    ConcurrentMap<String, int, std::mutex> map(shards);
    map.set(kLong, 1);
    const std::size_t before = Counted::allocations;
    CHECK(map.get(kLong) == 1);
    CHECK(map.contains(kLong));
    CHECK(map.get_or(kLong, 0) == 1);
    CHECK(map.visit(kLong, [](const int&) {}));
    map.set(kLong, 2);
    CHECK_FALSE(map.insert_if_absent(kLong, 3));
    CHECK(map.modify(kLong, [](int& value) { return ++value; }) == 3);
    CHECK(map.erase(kLong));
    CHECK_FALSE(map.erase(kLong));
    CHECK(Counted::allocations == before);
  }
}

struct MapConstantHash {
  std::size_t operator()(int) const { return 42; }
};
struct MapHighBitsHash {
  std::size_t operator()(int key) const { return static_cast<std::size_t>(key) << 56; }
};
struct MapSeededHash {
  std::size_t seed = 0;
  std::size_t operator()(int key) const { return seed + static_cast<std::size_t>(key); }
};

template <class Hash>
std::size_t map_shards_used(Hash hash) {
  ConcurrentMap<int, int, std::mutex, Hash> map(16, hash);
  std::vector<bool> used(map.shards());
  for (int key = 0; key < 200; ++key) {
    map.set(key, -key);
    used[map.shard_of(key)] = true;
  }
  for (int key = 0; key < 200; ++key) REQUIRE(map.get(key) == -key);
  for (int key = 0; key < 200; ++key) REQUIRE(map.erase(key));
  return static_cast<std::size_t>(std::count(used.begin(), used.end(), true));
}

TEST_CASE("a bad hash works, and as far as it differs the shards differ", "[pool][map]") {
  CHECK(map_shards_used(MapConstantHash{}) == 1);
  CHECK(map_shards_used(MapHighBitsHash{}) == 16);
  CHECK(map_shards_used(MapSeededHash{123}) == 16);
}

// Throws from the copy whose turn it is; has no move.
struct MapThrowingValue {
  static inline int copies_left = -1;  // less than 0: never
  int value = 0;
  MapThrowingValue() = default;
  explicit(false) MapThrowingValue(int v) : value(v) {}
  MapThrowingValue(const MapThrowingValue& other) : value(other.value) { count(); }
  MapThrowingValue& operator=(const MapThrowingValue& other) {
    count();
    value = other.value;
    return *this;
  }
  ~MapThrowingValue() = default;
  static void count() {
    if (copies_left == 0) throw std::runtime_error("copy");
    if (copies_left > 0) --copies_left;
  }
  bool operator==(const MapThrowingValue&) const = default;
};
bool operator<(const MapThrowingValue& a, const MapThrowingValue& b) {
  return a.value < b.value;
}

template <class M, class F>
void map_require_all_or_nothing(M& map, F&& operation) {
  const auto before = map_sorted_items(map);
  for (int copies = 0;; ++copies) {
    REQUIRE(copies < 100);
    MapThrowingValue::copies_left = copies;
    bool thrown = false;
    try {
      operation(map);
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    MapThrowingValue::copies_left = -1;
    if (!thrown) return;
    REQUIRE(map_sorted_items(map) == before);  // and nothing is locked
    map.set(99, 1);
    REQUIRE(map.erase(99));
  }
}

TEST_CASE("whichever copy throws, the map stays as it was, and unlocked", "[pool][map]") {
  using Map = ConcurrentMap<int, MapThrowingValue, std::mutex>;
  Map map(1);
  map.set(1, 10);
  map.set(2, 20);
  map_require_all_or_nothing(map, [](Map& m) { m.set(1, 11); });
  CHECK(map.get(1)->value == 11);
  map_require_all_or_nothing(map, [](Map& m) { m.set(3, 30); });
  map_require_all_or_nothing(map, [](Map& m) { m.insert_if_absent(4, 40); });
  map_require_all_or_nothing(map, [](Map& m) { m.modify(1, [](MapThrowingValue& v) { v.value = 12; }); });
  map_require_all_or_nothing(map, [](Map& m) { m.modify(5, [](MapThrowingValue& v) { v.value = 50; }); });
  map_require_all_or_nothing(map, [](Map& m) {
    m.update(std::map<int, MapThrowingValue>{{1, 13}, {2, 21}, {6, 60}});
  });
  map_require_all_or_nothing(map, [](Map& m) { static_cast<void>(m.get(1)); });
  map_require_all_or_nothing(map, [](Map& m) { static_cast<void>(m.snapshot_all()); });
  CHECK(map.get(1)->value == 13);
  CHECK(map.size() == 6);
}

TEST_CASE("what a closure throws leaves the map as it was, and unlocked", "[pool][map]") {
  for (const std::size_t shards : {std::size_t{1}, std::size_t{16}}) {
    ConcurrentMap<int, int, RwLock> map(shards);
    map.set(1, 10);
    const auto thrower = [](int& value) -> int {
      value = -1;
      throw std::runtime_error("closure");
    };
    CHECK_THROWS_WITH(map.modify(1, thrower), "closure");
    CHECK_THROWS_WITH(map.modify(2, thrower), "closure");
    CHECK_THROWS_WITH(map.modify_two(1, 3,
                                     [](int& a, int& b) {
                                       a = b = -1;
                                       throw std::runtime_error("closure");
                                     }),
                      "closure");
    CHECK_THROWS_WITH(map.visit(1, [](const int&) { throw std::runtime_error("closure"); }), "closure");
    CHECK(map_sorted_items(map) == std::vector<std::pair<int, int>>{{1, 10}});
    map.set(1, 11);  // hangs if something is still locked
    CHECK(map.snapshot_all().size() == 1);
  }
}

TEST_CASE("values that can only be moved are changed where they are", "[pool][map]") {
  ConcurrentMap<int, std::unique_ptr<int>, std::mutex> map(2);
  map.set(1, std::make_unique<int>(1));
  map.modify(1, [](std::unique_ptr<int>& value) { ++*value; });
  int seen = 0;
  CHECK(map.visit(1, [&](const std::unique_ptr<int>& value) { seen = *value; }));
  CHECK(seen == 2);
  CHECK(map.erase(1));
}

// A value whose destructor asks the map again would wait for itself, were it run under the lock.
TEST_CASE("what is replaced or erased dies outside the lock", "[pool][map]") {
  using Value = std::shared_ptr<void>;
  using Map = ConcurrentMap<int, Value, std::mutex>;
  Map map(1);
  int deaths = 0;
  const auto asks_again = [&] { return Value(nullptr, [&](void*) { deaths += map.contains(7) ? 0 : 1; }); };
  map.set(1, asks_again());
  map.set(1, asks_again());
  CHECK(deaths == 1);
  map.update(std::vector<std::pair<int, Value>>{{1, asks_again()}});
  CHECK(deaths == 2);
  CHECK(map.erase(1));
  CHECK(deaths == 3);
  map.set(2, asks_again());
  map.clear();
  CHECK(deaths == 4);
}

}  // namespace
}  // namespace crosstalk::pool
