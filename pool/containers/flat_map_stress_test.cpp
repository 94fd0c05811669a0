// The flat map under threads: conservation laws on few hot keys, values that must never be torn, and a map that grows
// meanwhile.
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pool/conformance.h"
#include "pool/containers/flat_map.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

constexpr unsigned kFlatThreads = 4;

// All words agree, and tell which key they belong to.
struct FlatWhole {
  std::array<std::uint64_t, 8> words{};
};
FlatWhole flat_whole(std::uint64_t key, std::uint64_t number) {
  FlatWhole whole;
  whole.words.fill(key << 32 | (number + 1));
  return whole;
}
bool flat_is_whole(const FlatWhole& value, std::uint64_t key) {
  for (const std::uint64_t word : value.words) {
    if (word != value.words[0] || word >> 32 != key) return false;
  }
  return true;
}
// The same, on the path with locks.
struct FlatWholeObject {
  std::string text;
  FlatWhole whole;
};

struct FlatFewGroupsHash {
  std::size_t operator()(std::uint64_t key) const noexcept { return key % 3; }
};

template <class V>
V flat_value(std::uint64_t key, std::uint64_t number) {
  if constexpr (std::is_same_v<V, FlatWhole>) {
    return flat_whole(key, number);
  } else {
    return {std::to_string(key), flat_whole(key, number)};
  }
}
const FlatWhole& flat_words(const FlatWhole& value) {
  return value;
}
const FlatWhole& flat_words(const FlatWholeObject& value) {
  return value.whole;
}
template <class V>
bool flat_good(const V& value, std::uint64_t key) {
  if constexpr (std::is_same_v<V, FlatWholeObject>) {
    if (value.text != std::to_string(key)) return false;
  }
  return flat_is_whole(flat_words(value), key);
}

using FlatStressMaps = std::tuple<FlatMap<std::uint64_t, FlatWhole>, FlatMap<std::uint64_t, FlatWholeObject>,
                                  FlatMap<std::uint64_t, FlatWhole, FlatFewGroupsHash>,
                                  FlatMap<std::uint64_t, FlatWholeObject, FlatFewGroupsHash>>;
template <class Map>
using FlatValueOf = typename decltype(std::declval<Map>().get(0))::value_type;

// `keys` 2: all fight for one entry; 100: chains, where the hash is bad; 3000: growth, chains that come and go.
TEMPLATE_LIST_TEST_CASE("insertions less erasures are what is left, and no value is torn",
                        "[pool][flat_map][stress]", FlatStressMaps) {
  using V = FlatValueOf<TestType>;
  constexpr bool kBadHash = std::is_same_v<TestType, FlatMap<std::uint64_t, V, FlatFewGroupsHash>>;
  for (unsigned round = 0; round < stress_rounds(30); ++round) {
    const std::uint64_t keys = round % 3 == 0 ? 2 : round % 3 == 1 || kBadHash ? 100 : 3'000;
    TestType map;
    std::atomic<std::int64_t> left{0};
    std::atomic<unsigned> torn{0};
    detail::run_threads(kFlatThreads, [&](unsigned id) {
      std::uint64_t random = round * 64 + id + 1;
      for (unsigned i = 0; i < 3'000; ++i) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        const std::uint64_t key = (random >> 33) % keys;
        switch (random >> 60) {
          case 0:
          case 1:
          case 2:
          case 3:
            left += map.insert_if_absent(key, flat_value<V>(key, i)) ? 1 : 0;
            break;
          case 4:
          case 5:
          case 6:
            left -= map.erase(key) ? 1 : 0;
            break;
          case 7:
            left += map.modify(key, [&](V& value) {
              const bool fresh = flat_words(value).words == FlatWhole{}.words;
              if (!fresh && !flat_good(value, key)) ++torn;
              value = flat_value<V>(key, i);
              return fresh ? 1 : 0;
            });
            break;
          case 8:
            map.visit(key, [&](const V& value) { torn += flat_good(value, key) ? 0U : 1U; });
            break;
          default: {
            const auto found = map.get(key);
            if (found && !flat_good(*found, key)) ++torn;
          }
        }
        if (i % 512 == id) {
          for (const auto& [at, value] : map.items()) torn += flat_good(value, at) ? 0U : 1U;
        }
      }
    });
    REQUIRE(torn == 0);
    REQUIRE(static_cast<std::int64_t>(map.size()) == left);
    REQUIRE(map.keys().size() == map.size());
  }
}

TEMPLATE_LIST_TEST_CASE("no modification of a hot key is lost while the map grows",
                        "[pool][flat_map][stress]", FlatStressMaps) {
  using V = FlatValueOf<TestType>;
  constexpr bool kBadHash = std::is_same_v<TestType, FlatMap<std::uint64_t, V, FlatFewGroupsHash>>;
  constexpr std::uint64_t kCold = kBadHash ? 200 : 3'000;  // of each thread
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    TestType map;
    std::atomic<unsigned> wrong{0};
    detail::run_threads(kFlatThreads, [&](unsigned id) {
      std::uint64_t last = 0;
      for (std::uint64_t i = 0; i < kCold; ++i) {
        const auto count = [](V& value) { return ++const_cast<FlatWhole&>(flat_words(value)).words[0]; };
        const std::uint64_t now = map.modify(0, count);
        if (now <= last) ++wrong;  // another thread's are lost, or mine
        last = now;
        const std::uint64_t mine = 1 + id + i * kFlatThreads;
        map.set(mine, flat_value<V>(mine, i));
        if (!map.contains(mine)) ++wrong;  // a key of one thread is its own
        if (i % 3 == 0 && !map.erase(mine)) ++wrong;
        if (i % 1'000 == 999 && id == 0) map.reserve(map.size() * 2);
      }
    });
    REQUIRE(wrong == 0);
    REQUIRE(flat_words(*map.get(0)).words[0] == kFlatThreads * kCold);
    REQUIRE(map.size() == 1 + kFlatThreads * (kCold - (kCold + 2) / 3));
  }
}

// One thread writes 1, 2, 3, ... under two keys, the first one first. Whoever reads the second one and then the first one
// must find the first one at least as new, and each key's values must rise: single-key operations are linearizable.
TEMPLATE_LIST_TEST_CASE("what was read before is not unread", "[pool][flat_map][stress]", FlatStressMaps) {
  using V = FlatValueOf<TestType>;
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    TestType map;
    std::atomic<unsigned> wrong{0};
    const unsigned last = 2'000;
    detail::run_threads(kFlatThreads, [&](unsigned id) {
      std::uint64_t before[2] = {0, 0};
      for (unsigned i = 0; i < last; ++i) {
        if (id == 0) {
          map.set(1, flat_value<V>(1, i));
          map.set(2, flat_value<V>(2, i));
          map.set(100 + i, flat_value<V>(100 + i, 0));  // the map grows, so that both keys move
          continue;
        }
        std::uint64_t now[2] = {0, 0};
        for (const std::uint64_t key : {std::uint64_t{2}, std::uint64_t{1}}) {
          if (const auto found = map.get(key)) now[key - 1] = flat_words(*found).words[0] & 0xFFFFFFFFU;
        }
        if (now[0] < now[1] || now[0] < before[0] || now[1] < before[1]) ++wrong;
        before[0] = now[0], before[1] = now[1];
      }
    });
    REQUIRE(wrong == 0);
  }
}

// Sums are kept by two modifications, of which a snapshot sees both or the first one only; it never sees the second alone.
TEMPLATE_LIST_TEST_CASE("a snapshot of a flat map is a point in time", "[pool][flat_map][stress]",
                        FlatStressMaps) {
  using V = FlatValueOf<TestType>;
  TestType map;
  std::atomic<unsigned> wrong{0};
  const unsigned steps = stress_rounds(2'000);
  detail::run_threads(kFlatThreads, [&](unsigned id) {
    for (unsigned i = 0; i < steps; ++i) {
      if (id == 0) {
        map.set(1, flat_value<V>(1, i));
        map.set(2, flat_value<V>(2, i));
      } else if (id == 1) {
        const std::uint64_t key = 100 + i % 500;
        if (!map.erase(key)) map.set(key, flat_value<V>(key, i));
      } else if (i % 16 == 0) {
        std::uint64_t seen[3] = {0, 0, 0};
        for (const auto& [key, value] : map.snapshot_all()) {
          if (!flat_good(value, key)) ++wrong;
          if (key <= 2) seen[key] = flat_words(value).words[0] & 0xFFFFFFFFU;
        }
        if (seen[2] > seen[1] || seen[1] > seen[2] + 1) ++wrong;
      }
    }
  });
  REQUIRE(wrong == 0);
}

TEST_CASE("clearing beside insertions leaves none behind in the end", "[pool][flat_map][stress]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    FlatMap<std::string, std::string> map;
    detail::run_threads(kFlatThreads, [&](unsigned id) {
      for (unsigned i = 0; i < 500; ++i) {
        map.set("key " + std::to_string(i * kFlatThreads + id),
                "a value that is too long for the string itself");
        if (i % 100 == 99) map.clear();
      }
    });
    REQUIRE(map.keys().size() == map.size());
    map.clear();
    REQUIRE(map.size() == 0);
  }
}

}  // namespace
}  // namespace crosstalk::pool
