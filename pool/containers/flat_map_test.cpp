#include "pool/containers/flat_map.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace crosstalk::pool {
namespace {

using FlatValue = std::array<std::uint64_t, 8>;
static_assert(FlatMap<std::uint64_t, FlatValue>::kOptimistic);
static_assert(FlatMap<int, bool>::kOptimistic);
static_assert(!FlatMap<double, int>::kOptimistic, "0.0 and -0.0 are equal");
static_assert(!FlatMap<std::string_view, int>::kOptimistic, "a torn view must never be compared");
static_assert(!FlatMap<int, std::string>::kOptimistic);
static_assert(!FlatMap<int, std::array<char, 1000>>::kOptimistic);

template <class M>
auto flat_sorted_items(const M& map) {
  auto items = map.items();
  std::sort(items.begin(), items.end());
  return items;
}

template <class T>
T flat_made(std::uint64_t number) {
  if constexpr (std::is_same_v<T, std::string>) {
    return "a name that is too long for the room inside a string object, " + std::to_string(number);
  } else if constexpr (std::is_same_v<T, FlatValue>) {
    return {number, 1, 2, 3, 4, 5, 6, ~number};
  } else {
    return static_cast<T>(number);
  }
}

// Not inlined: there g++ 12 takes an empty optional's value, which nobody reads, for one that is read.
template <class Map, class K, class V>
[[gnu::noinline]] V flat_get_or(const Map& map, const K& key, const V& otherwise) {
  return map.get_or(key, otherwise);
}

template <class Map, class Model, class K, class V>
void flat_same_step(Map& map, Model& model, unsigned kind, const K& key, const V& value) {
  switch (kind) {
    case 0:
    case 1:
      map.set(key, value), model.insert_or_assign(key, value);
      return;
    case 2:
      REQUIRE(map.insert_if_absent(key, value) == model.try_emplace(key, value).second);
      return;
    case 3:
    case 4:
      REQUIRE(map.erase(key) == (model.erase(key) == 1));
      return;
    case 5:
      REQUIRE(map.contains(key) == model.contains(key));
      return;
    case 6:
      REQUIRE(map.modify(key, [&](V& old) { return std::exchange(old, value); }) ==
              std::exchange(model[key], value));
      return;
    case 7: {
      const auto found = model.find(key);
      REQUIRE(map.modify_present(key, [&](V& old) {
        REQUIRE(old == found->second);
        old = value;
      }) == (found != model.end()));
      if (found != model.end()) found->second = value;
      return;
    }
    default: {
      const auto found = model.find(key);
      REQUIRE(flat_get_or(map, key, value) == (found == model.end() ? value : found->second));
    }
  }
}

// Growth from nothing, chains (`keys` far beyond what is reserved, or a bad hash), and much erasing.
template <class K, class V, class Hash>
void flat_random_steps(unsigned steps, std::uint64_t keys) {
  FlatMap<K, V, Hash> map;
  std::unordered_map<K, V> model;
  std::mt19937_64 random(keys);
  for (unsigned step = 0; step < steps; ++step) {
    const K key = flat_made<K>(random() % keys);
    flat_same_step(map, model, static_cast<unsigned>(random() % 9), key, flat_made<V>(random() % 1'000));
    if (step == steps / 2) map.reserve(keys);
  }
  REQUIRE(map.size() == model.size());
  std::vector<std::pair<K, V>> expected(model.begin(), model.end());
  std::sort(expected.begin(), expected.end());
  REQUIRE(flat_sorted_items(map) == expected);
  auto snapshot = map.snapshot_all();
  std::sort(snapshot.begin(), snapshot.end());
  REQUIRE(snapshot == expected);
  for (const auto& [key, value] : expected) REQUIRE(map.erase(key));
  REQUIRE(map.size() == 0);
}

struct FlatConstantHash {
  template <class K>
  std::size_t operator()(const K&) const noexcept {
    return 42;
  }
};
struct FlatHighBitsHash {
  std::size_t operator()(std::uint64_t key) const noexcept { return key << 52; }
};

TEST_CASE("random operations give what std::unordered_map gives", "[pool][flat_map]") {
  flat_random_steps<std::uint64_t, FlatValue, KeyHash<std::uint64_t>>(60'000, 20'000);
  flat_random_steps<int, short, KeyHash<int>>(40'000, 50);
  flat_random_steps<std::string, std::string, KeyHash<std::string>>(40'000, 5'000);
  flat_random_steps<std::uint64_t, std::string, KeyHash<std::uint64_t>>(20'000, 2'000);
  flat_random_steps<std::string, int, KeyHash<std::string>>(20'000, 2'000);
}

TEST_CASE("a bad hash works", "[pool][flat_map]") {
  flat_random_steps<std::uint64_t, FlatValue, FlatConstantHash>(4'000, 300);
  flat_random_steps<std::string, std::string, FlatConstantHash>(2'000, 200);
  flat_random_steps<std::uint64_t, int, FlatHighBitsHash>(20'000, 4'000);
}

TEST_CASE("a flat map does what a map does", "[pool][flat_map]") {
  using Items = std::vector<std::pair<std::string, int>>;
  FlatMap<std::string, int> map;
  map.update(Items{{"a", 9}, {"b", 2}, {"a", 10}});
  int seen = 0;
  CHECK(map.visit("b", [&](const int& value) { seen = value; }));
  CHECK_FALSE(map.visit("z", [&](const int&) { seen = -1; }));
  CHECK(seen == 2);
  CHECK(map.modify("c", [](int& value) { return value += 3; }) == 3);
  map.modify("c", [](int& value) noexcept { ++value; });
  CHECK(flat_sorted_items(map) == Items{{"a", 10}, {"b", 2}, {"c", 4}});
  auto keys = map.keys();
  std::sort(keys.begin(), keys.end());
  CHECK(keys == std::vector<std::string>{"a", "b", "c"});
  auto values = map.values();
  std::sort(values.begin(), values.end());
  CHECK(values == std::vector<int>{2, 4, 10});
  map.clear();
  CHECK(map.size() == 0);
  CHECK_FALSE(map.get("a").has_value());
}

TEST_CASE("two maps give their keys different places", "[pool][flat_map]") {
  FlatMap<int, int> one;
  FlatMap<int, int> two;
  for (int key = 0; key < 1'000; ++key) one.set(key, 0), two.set(key, 0);
  CHECK(one.keys() != two.keys());
}

// Throws from the copy whose turn it is; has no move.
struct FlatThrowing {
  static inline int copies_left = -1;  // less than 0: never
  int value = 0;
  FlatThrowing() = default;
  explicit(false) FlatThrowing(int v) : value(v) {}
  FlatThrowing(const FlatThrowing& other) : value(other.value) { count(); }
  FlatThrowing& operator=(const FlatThrowing& other) {
    count();
    value = other.value;
    return *this;
  }
  ~FlatThrowing() = default;
  static void count() {
    if (copies_left == 0) throw std::runtime_error("copy");
    if (copies_left > 0) --copies_left;
  }
  auto operator<=>(const FlatThrowing&) const = default;
};
struct FlatThrowingHash {
  std::size_t operator()(const FlatThrowing& key) const noexcept {
    return static_cast<std::size_t>(key.value);
  }
};

template <class M, class F>
void flat_require_all_or_nothing(M& map, F&& operation) {
  const auto before = flat_sorted_items(map);
  for (int copies = 0;; ++copies) {
    REQUIRE(copies < 100);
    bool thrown = false;
    try {
      FlatThrowing::copies_left = copies;
      operation(map);
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    FlatThrowing::copies_left = -1;
    if (!thrown) return;
    REQUIRE(flat_sorted_items(map) == before);  // and nothing is locked
    map.set(99, 1);
    REQUIRE(map.erase(99));
  }
}

TEST_CASE("whichever copy throws, the flat map stays as it was, and unlocked", "[pool][flat_map]") {
  using Map = FlatMap<FlatThrowing, FlatThrowing, FlatThrowingHash>;
  for (const int keys : {2, 16, 17, 500}) {
    Map map;
    for (int key = 0; key < keys; ++key) map.set(1'000 + key, key);
    flat_require_all_or_nothing(map, [](Map& m) { m.set(1'000, 11); });
    CHECK(map.get(1'000)->value == 11);
    flat_require_all_or_nothing(map, [](Map& m) { m.set(3, 30); });
    flat_require_all_or_nothing(map, [](Map& m) { m.insert_if_absent(4, 40); });
    flat_require_all_or_nothing(map, [](Map& m) { m.modify(3, [](FlatThrowing& v) { v.value = 12; }); });
    flat_require_all_or_nothing(map, [](Map& m) { m.modify(5, [](FlatThrowing& v) { v.value = 50; }); });
    flat_require_all_or_nothing(map, [](Map& m) { static_cast<void>(m.get(3)); });
    flat_require_all_or_nothing(map, [](Map& m) { m.erase(1'001); });
    if (keys < 50) flat_require_all_or_nothing(map, [](Map& m) { static_cast<void>(m.snapshot_all()); });
    CHECK(map.get(3)->value == 12);
    CHECK(map.size() == static_cast<std::size_t>(keys) + 2);
  }
}

TEST_CASE("what a closure throws leaves the flat map as it was, and unlocked", "[pool][flat_map]") {
  const auto check = [](auto map) {
    map->set(1, 10);
    const auto thrower = [](auto& value) {
      value = -1;
      throw std::runtime_error("closure");
    };
    CHECK_THROWS_AS(map->modify(1, thrower), std::runtime_error);
    CHECK_THROWS_AS(map->modify(2, thrower), std::runtime_error);
    CHECK_THROWS_AS(map->visit(1, [](const auto&) { throw std::runtime_error("closure"); }),
                    std::runtime_error);
    CHECK(map->get(1) == 10);
    CHECK(map->size() == 1);
    map->set(1, 11);  // hangs if something is still locked
  };
  check(std::make_unique<FlatMap<int, int>>());
  check(std::make_unique<FlatMap<double, int>>());
}

TEST_CASE("flat values that can only be moved are changed where they are", "[pool][flat_map]") {
  FlatMap<int, std::unique_ptr<int>> map;
  for (int key = 0; key < 100; ++key) map.set(key, std::make_unique<int>(key));
  map.modify(1, [](std::unique_ptr<int>& value) { ++*value; });
  int seen = 0;
  CHECK(map.visit(1, [&](const std::unique_ptr<int>& value) { seen = *value; }));
  CHECK(seen == 2);
  CHECK(map.erase(1));
  CHECK(map.size() == 99);
}

// A value whose destructor asks the map again would wait for itself, were it run under the lock.
TEST_CASE("what is replaced or erased in a flat map dies outside the lock", "[pool][flat_map]") {
  using Value = std::shared_ptr<void>;
  FlatMap<int, Value, FlatConstantHash> map;
  int deaths = 0;
  const auto asks_again = [&] { return Value(nullptr, [&](void*) { deaths += map.contains(77) ? 0 : 1; }); };
  map.set(1, asks_again());
  map.set(1, asks_again());
  CHECK(deaths == 1);
  map.modify(1, [&](Value& value) { value = asks_again(); });
  CHECK(deaths == 2);
  CHECK(map.erase(1));
  CHECK(deaths == 3);
  for (int key = 0; key < 40; ++key) map.set(key, asks_again());
  map.clear();
  CHECK(deaths == 43);
}

TEST_CASE("tags are found in any byte, by whatever means", "[pool][flat_map]") {
  std::mt19937_64 random(1);
  for (unsigned round = 0; round < 20'000; ++round) {
    std::array<std::uint8_t, 16> tags{};
    for (std::uint8_t& tag : tags) tag = static_cast<std::uint8_t>(random() % (round % 2 == 0 ? 3 : 256));
    std::array<std::uint64_t, 2> words{};
    unsigned expected = 0;
    const auto wanted = static_cast<std::uint8_t>(random() % (round % 2 == 0 ? 3 : 256));
    for (unsigned i = 0; i < 16; ++i) {
      words[i / 8] |= std::uint64_t{tags[i]} << (i % 8 * 8);
      expected |= (tags[i] == wanted ? 1U : 0U) << i;
    }
    REQUIRE(detail::tags_equal(words[0], words[1], wanted) == expected);
    REQUIRE(detail::tags_equal_portable(words[0], words[1], wanted) == expected);
  }
}

}  // namespace
}  // namespace crosstalk::pool
