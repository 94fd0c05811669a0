// Maps, a counter and a cache with a bug, and without it.
#include <cstdint>
#include <thread>

#include "harness/explore/history.h"
#include "harness/explore/specimens/specimen.h"
#include "harness/verify/specimens/cache_mutant.h"
#include "harness/verify/specimens/container_mutants.h"
#include "pool/containers/counter.h"

namespace crosstalk::harness::explore {

namespace {

using verify::Quad;

template <class Map>
std::int64_t noted_insert(History& history, unsigned thread, Map& map, std::uint64_t key) {
  return history.note(thread, op::kInsert, key, 1,
                      [&] { return map.insert_if_absent(key, Quad::of(1)) ? 1 : 0; });
}

template <class Map>
void two_insert() {
  Map map;
  History history;
  {
    std::jthread first([&] { noted_insert(history, 0, map, 1); });
    std::jthread second([&] { noted_insert(history, 1, map, 1); });
  }
  history.require_linearizable(verify::kNone, verify::map_key_model);
}

// The ninth entry is one too many for four buckets.
template <class Map>
void look_while_it_grows() {
  Map map;
  for (std::uint64_t key = 0; key < 8; ++key) map.insert_if_absent(key, Quad::of(1));
  std::jthread first([&] { map.insert_if_absent(8, Quad::of(1)); });
  std::jthread second([&] { require(map.get(3).has_value(), "no loss: an entry is missing"); });
}

// A key comes where size() has been, and one goes where it has not: there was never none.
template <class Map>
void size_beside_changes() {
  Map map;
  History history;
  map.insert_if_absent(3, Quad::of(1));
  {
    std::jthread first([&] {
      noted_insert(history, 0, map, 0);
      history.note(0, op::kErase, 3, 0, [&] { return map.erase(3) ? 1 : 0; });
    });
    std::jthread second(
        [&] { history.note(1, op::kSize, 0, 0, [&] { return static_cast<std::int64_t>(map.size()); }); });
  }
  history.require_linearizable(verify::ModelState{1} << 3, verify::map_size_model);
}

template <class Counter>
void two_count() {
  Counter counter;
  History history;
  {
    const auto count = [&](unsigned thread) {
      history.note(thread, op::kIncrement, 0, 1, [&] { return counter.increment(); });
    };
    std::jthread first(count, 0U);
    std::jthread second(count, 1U);
  }
  history.require_linearizable(0, verify::counter_model);
}

template <class Cache>
void put_beside_a_load() {
  Cache cache(4);
  {
    std::jthread first(
        [&] { static_cast<void>(cache.get_or_load(1, [](std::uint64_t) { return std::int64_t{1}; })); });
    std::jthread second([&] { cache.put(1, 2); });
  }
  const auto found = cache.get(1);
  require(found != nullptr && *found == 2, "freshness: what was put is gone");
}

void two_add_to_stripes() {
  pool::StripedCounter counter;
  std::jthread first([&] { counter.add(1); });
  std::jthread second([&] { counter.add(2); });
  const std::int64_t sum = counter.sum();
  require(sum >= 0 && sum <= 3, "a sum of what nobody added");
}

}  // namespace

void add_explored_containers(std::vector<ExploredSpecimen>& all) {
  using namespace verify;  // NOLINT(google-build-using-namespace): the mutants
  const Finding assertion = Finding::assertion;
  all.push_back({"M12", "linearizability", assertion, "insert_if_absent in two critical sections",
                 two_insert<M12Map<true>>, two_insert<M12Map<false>>});
  all.push_back({"M13", "no loss", assertion, "growing publishes the table before moving the entries",
                 look_while_it_grows<M13Map<true>>, look_while_it_grows<M13Map<false>>});
  all.push_back({"M14", "linearizability", assertion, "size() adds shards up, declared linearizable",
                 size_beside_changes<M14Map<true>>, size_beside_changes<M14Map<false>>});
  all.push_back({"M15", "linearizability", assertion, "a load and a store for an addition",
                 two_count<M15Counter<true>>, two_count<M15Counter<false>>});
  all.push_back({"M16", "freshness", assertion, "a slow load overwrites a newer value",
                 put_beside_a_load<M16Cache<true>>, put_beside_a_load<M16Cache<false>>});
  all.push_back(
      explored_decoy("D07", "a striped counter, declared exact only when nobody adds", two_add_to_stripes));
}

}  // namespace crosstalk::harness::explore
