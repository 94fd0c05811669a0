// The pool's maps and its set, explored. Judged by pool_scenarios_test.cpp, and run by crosstalk_explore_pool.
#include <array>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "harness/explore/scenario.h"
#include "pool/containers/concurrent_map.h"
#include "pool/containers/concurrent_set.h"
#include "pool/containers/flat_map.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::harness::explore {

namespace {

using SharedMap = pool::ConcurrentMap<std::uint64_t, std::uint64_t, pool::RwLock>;
using SharedSet = pool::ConcurrentSet<std::uint64_t, pool::RwLock>;

// Two words, so that half a change can be seen.
struct TwoWords {
  std::uint64_t left = 0;
  std::uint64_t right = 0;
};
using WordMap = pool::FlatMap<std::uint64_t, TwoWords>;
using ObjectMap = pool::FlatMap<std::uint64_t, std::shared_ptr<std::uint64_t>>;
static_assert(WordMap::kOptimistic && !ObjectMap::kOptimistic);

// As many as one group of a FlatMap holds: one more, and it has to grow.
constexpr std::uint64_t kFullGroup = 16;

void fill_group(WordMap& map) {
  for (std::uint64_t key = 0; key < kFullGroup; ++key) map.set(key, {key, key});
}

template <class Map, class Value>
void one_insertion_wins(Map& map, Value first_value, Value second_value) {
  bool first_won = false;
  bool second_won = false;
  {
    std::jthread first([&] { first_won = map.insert_if_absent(1, first_value); });
    std::jthread second([&] { second_won = map.insert_if_absent(1, second_value); });
  }
  require(first_won != second_won, "an insertion wins if and only if the other one does not");
}

template <class Map>
void one_erasure_wins(Map& map) {
  bool first_won = false;
  bool second_won = false;
  {
    std::jthread first([&] { first_won = map.erase(1); });
    std::jthread second([&] { second_won = map.erase(1); });
  }
  require(first_won != second_won, "an entry is erased by one");
  require(map.size() == 0, "an erased entry is still there");
}

}  // namespace

EXPLORE_AS("map/concurrent_map/one_insertion_wins") {
  SharedMap map(2);
  one_insertion_wins<SharedMap, std::uint64_t>(map, 1, 2);
}

EXPLORE_AS("map/concurrent_map/one_erasure_wins") {
  SharedMap map(2);
  map.set(1, 1);
  one_erasure_wins(map);
}

EXPLORE_AS("map/concurrent_map/modify_loses_nothing") {
  SharedMap map(2);
  {
    const auto add = [&] { map.modify(1, [](std::uint64_t& value) { return ++value; }); };
    std::jthread first(add);
    std::jthread second(add);
  }
  require(map.get(1) == 2U, "a change is lost");
}

EXPLORE_AS("map/concurrent_map/two_keys_in_either_order") {
  SharedMap map(4);
  map.set(1, 5);
  map.set(2, 5);
  const auto move = [&](std::uint64_t from, std::uint64_t to) {
    map.modify_two(from, to, [](std::uint64_t& a, std::uint64_t& b) noexcept { --a, ++b; });
  };
  {
    std::jthread first([&] { move(1, 2); });
    std::jthread second([&] { move(2, 1); });
    std::jthread third([&] {
      std::uint64_t sum = 0;
      for (const auto& [key, value] : map.snapshot_all()) sum += value;
      require(sum == 10, "half of a change of two keys is seen");
    });
  }
  require(map.get(1) == 5U && map.get(2) == 5U, "a change is lost");
}

// The fourteenth key is one too many for the buckets of the table.
EXPLORE_AS("map/concurrent_map_coarse/growing_loses_nobody") {
  SharedMap map(1);
  for (std::uint64_t key = 0; key < 13; ++key) map.set(key, key);
  {
    std::jthread first([&] { map.set(13, 13); });
    std::jthread second([&] { require(map.get(5) == 5U, "an entry is missing while the table grows"); });
    std::jthread third([&] { require(map.erase(6), "an entry is missing while the table grows"); });
  }
  require(map.size() == 13 && map.contains(13) && !map.contains(6), "a change is lost");
}

EXPLORE_AS("map/concurrent_map_coarse/update_is_one_step") {
  SharedMap map(1);
  std::jthread first([&] {
    map.update(std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 1}, {2, 2}});
  });
  std::jthread second([&] { require(map.size() != 1, "half of an update is seen"); });
}

EXPLORE_AS("map/flat_map_whole/one_insertion_wins") {
  WordMap map;
  one_insertion_wins<WordMap, TwoWords>(map, {1, 1}, {2, 2});
}

EXPLORE_AS("map/flat_map_whole/one_erasure_wins") {
  WordMap map;
  map.set(1, {1, 1});
  one_erasure_wins(map);
}

EXPLORE_AS("map/flat_map_whole/modify_loses_nothing") {
  WordMap map;
  {
    const auto add = [&] {
      map.modify(1, [](TwoWords& value) {
        ++value.left;
        return ++value.right;
      });
    };
    std::jthread first(add);
    std::jthread second(add);
  }
  require(map.get(1)->left == 2, "a change is lost");
}

EXPLORE_AS("map/flat_map_whole/get_sees_no_half_value") {
  WordMap map;
  map.set(1, {1, 1});
  std::jthread first([&] { map.set(1, {2, 2}); });
  std::jthread second([&] {
    const auto found = map.get(1);
    require(found && found->left == found->right, "half a value is seen");
  });
}

// The entry comes back at once, perhaps at another place.
EXPLORE_AS("map/flat_map_whole/get_beside_erase_and_insert") {
  WordMap map;
  map.set(1, {1, 1});
  map.set(2, {2, 2});
  std::jthread first([&] {
    map.erase(1);
    map.set(3, {3, 3});
  });
  std::jthread second([&] {
    const auto one = map.get(1);
    require(!one || (one->left == 1 && one->right == 1), "another key's value is seen");
    const auto two = map.get(2);
    require(two && two->left == 2 && two->right == 2, "an entry is missing that nobody erased");
  });
}

EXPLORE_AS("map/flat_map_whole/growing_loses_nobody", Schedules::sample) {
  WordMap map;
  fill_group(map);
  {
    std::jthread first([&] {
      map.set(kFullGroup, {kFullGroup, kFullGroup});
      map.set(kFullGroup + 1, {kFullGroup + 1, kFullGroup + 1});
    });
    std::jthread second([&] {
      const auto found = map.get(3);
      require(found && found->left == 3 && found->right == 3, "an entry is missing while the map grows");
    });
    std::jthread third([&] { require(map.erase(4), "an entry is missing while the map grows"); });
  }
  require(map.size() == kFullGroup + 1, "an entry is lost or doubled");
  require(!map.contains(4) && map.contains(kFullGroup) && map.contains(3), "a change is lost");
}

EXPLORE_AS("map/flat_map_whole/two_grow_it", Schedules::sample) {
  WordMap map;
  fill_group(map);
  {
    std::jthread first([&] { map.set(100, {1, 1}); });
    std::jthread second([&] { require(map.insert_if_absent(101, {2, 2}), "a new key is there already"); });
    std::jthread third([&] {
      map.modify_present(2, [](TwoWords& value) {
        ++value.left;
        return ++value.right;
      });
    });
  }
  require(map.size() == kFullGroup + 2, "an entry is lost or doubled");
  require(map.get(2)->left == 3, "a change is lost");
}

EXPLORE_AS("map/flat_map_whole/snapshot_while_it_grows") {
  WordMap map;
  fill_group(map);
  std::jthread first([&] { map.set(kFullGroup, {1, 1}); });
  std::jthread second([&] {
    const std::size_t seen = map.snapshot_all().size();
    require(seen == kFullGroup || seen == kFullGroup + 1, "a snapshot lacks an entry, or has one twice");
  });
}

// Values that are objects: what is erased must not die while somebody looks.
EXPLORE_AS("map/flat_map_whole/visit_beside_erase") {
  ObjectMap map;
  map.set(1, std::make_shared<std::uint64_t>(7));
  std::jthread first([&] { map.erase(1); });
  std::jthread second([&] {
    map.visit(1, [](const std::shared_ptr<std::uint64_t>& value) { require(*value == 7, "not the value"); });
  });
}

EXPLORE_AS("map/flat_map_whole/set_beside_get_of_objects") {
  ObjectMap map;
  map.set(1, std::make_shared<std::uint64_t>(7));
  std::jthread first([&] { map.set(1, std::make_shared<std::uint64_t>(8)); });
  std::jthread second([&] {
    const auto value = map.get(1);
    require(value && (**value == 7 || **value == 8), "not a value that was ever there");
  });
}

EXPLORE_AS("map/flat_map_whole/clear_beside_set") {
  ObjectMap map;
  map.set(1, std::make_shared<std::uint64_t>(1));
  {
    std::jthread first([&] { map.clear(); });
    std::jthread second([&] { map.set(2, std::make_shared<std::uint64_t>(2)); });
  }
  require(!map.contains(1), "a cleared entry is still there");
}

EXPLORE_AS("set/concurrent_set/one_addition_wins") {
  SharedSet set;
  bool first_won = false;
  bool second_won = false;
  {
    std::jthread first([&] { first_won = set.add(1); });
    std::jthread second([&] { second_won = set.add(1); });
  }
  require(first_won != second_won && set.size() == 1, "an item is added by one");
}

EXPLORE_AS("set/concurrent_set/one_removal_wins") {
  SharedSet set(std::array<std::uint64_t, 1>{1});
  bool first_won = false;
  bool second_won = false;
  {
    std::jthread first([&] { first_won = set.remove(1); });
    std::jthread second([&] { second_won = set.remove(1); });
  }
  require(first_won != second_won && set.size() == 0, "an item is removed by one");
}

EXPLORE_AS("set/concurrent_set/update_is_one_step") {
  SharedSet set;
  std::jthread first([&] { set.update(std::array<std::uint64_t, 2>{1, 2}); });
  std::jthread second([&] { require(set.size() != 1, "half of an update is seen"); });
  std::jthread third([&] { require(set.snapshot().size() != 1, "half of an update is seen"); });
}

}  // namespace crosstalk::harness::explore
