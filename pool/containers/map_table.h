// The table of one shard of a ConcurrentMap, for one thread at a time: std::unordered_map with the strong guarantee. Whatever
// throws in here, the entries stay as they were. What is replaced or taken out is handed to the caller, to die outside
// the lock.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pool/containers/hashing.h"

namespace crosstalk::pool::detail {

template <class K, class V, class Hash>
class MapTable {
  using Map = std::unordered_map<K, V, TableHash<Hash>, TableEqual>;

 public:
  using Node = typename Map::node_type;

  MapTable() = default;
  explicit MapTable(const Hash& hash) : map_(0, TableHash<Hash>{hash}) {}

  void set_hash(const Hash& hash) { map_ = Map(0, TableHash<Hash>{hash}); }
  [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }
  void reserve(std::size_t count) { map_.reserve(count); }
  void swap(MapTable& other) { map_.swap(other.map_); }

  template <class Q>
  [[nodiscard]] const V* find(const Hashed<Q>& key) const {
    const auto found = map_.find(key);
    return found == map_.end() ? nullptr : &found->second;
  }

  template <class Q>
  [[nodiscard]] V* find(const Hashed<Q>& key) {
    const auto found = map_.find(key);
    return found == map_.end() ? nullptr : &found->second;
  }

  // Afterwards `value` holds the value before, or nothing.
  template <class Q>
  Node set(const Hashed<Q>& key, V& value) {
    const auto found = map_.find(key);
    if (found == map_.end()) return map_.emplace(key.key, std::move(value)), Node();
    return replace(found, value);
  }
  template <class Q>
  bool insert_if_absent(const Hashed<Q>& key, V& value) {
    if (map_.find(key) != map_.end()) return false;
    return map_.emplace(key.key, std::move(value)).second;
  }
  template <class Q>
  Node take(const Hashed<Q>& key) {
    const auto found = map_.find(key);
    return found == map_.end() ? Node() : map_.extract(found);
  }

  template <class Q, class F>
  auto modify(const Hashed<Q>& key, F& f) {
    constexpr bool kInPlace = std::is_nothrow_invocable_v<F&, V&> || !std::copy_constructible<V>;
    const auto found = map_.find(key);
    if constexpr (kInPlace) {
      if (found != map_.end()) return f(found->second);
    }
    V value = found == map_.end() ? V{} : copy_of(found->second);
    return committed([&] { return f(value); },
                     [&] {
                       if (found == map_.end()) {
                         map_.emplace(key.key, std::move(value));
                       } else {
                         static_cast<void>(replace(found, value));
                       }
                     });
  }

  // Key `one` of table a, `two` of table b, which may be a.
  template <class F>
  static auto modify_two(MapTable& a, const Hashed<K>& one, MapTable& b, const Hashed<K>& two, F& f) {
    // Both entries exist before f runs, so that nothing can throw between the two changes.
    Entry first(a, one);
    Entry second(b, two);
    const auto keep = [&] { first.keep(), second.keep(); };
    if constexpr (std::is_nothrow_invocable_v<F&, V&, V&>) {
      return committed([&] { return f(first.value(), second.value()); }, keep);
    } else {
      static_assert(std::is_nothrow_swappable_v<V>,
                    "modify_two: V needs a swap that cannot throw, or a noexcept f");
      V first_value = first.value();
      V second_value = second.value();
      return committed([&] { return f(first_value, second_value); },
                       [&] {
                         using std::swap;
                         swap(first.value(), first_value);
                         swap(second.value(), second_value);
                         keep();
                       });
    }
  }

  // For update(): a table filled beforehand, which then becomes part of this one. What is replaced stays in the other.
  template <class Q, class W>
  void stage(const Hashed<Q>& key, const W& value) {
    map_.insert_or_assign(static_cast<K>(key.key), value);
  }
  void absorb(MapTable& staged) {
    std::vector<Node> replaced;
    replaced.reserve(staged.size());
    map_.reserve(map_.size() + staged.size());  // the last step that may throw
    while (staged.size() != 0) {
      Node node = staged.map_.extract(staged.map_.begin());
      const auto found = map_.find(node.key());
      if (found != map_.end()) replaced.push_back(map_.extract(found));
      map_.insert(std::move(node));
    }
    for (Node& node : replaced) staged.map_.insert(std::move(node));
  }

  template <class F>
  void for_each(F&& f) const {
    for (const auto& [key, value] : map_) f(key, value);
  }
  void append_items(std::vector<std::pair<K, V>>& all) const {
    all.insert(all.end(), map_.begin(), map_.end());
  }

 private:
  using Place = typename Map::iterator;

  // An entry that is there while this exists; made by it, and not kept, it goes again.
  class Entry {
   public:
    Entry(MapTable& table, const Hashed<K>& key) : map_(table.map_), place_(map_.find(key)) {
      if (place_ != map_.end()) return;
      place_ = map_.try_emplace(key.key).first;
      made_ = true;
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      if (made_) map_.erase(place_);
    }
    V& value() noexcept { return place_->second; }
    void keep() noexcept { made_ = false; }

   private:
    Map& map_;
    Place place_;
    bool made_ = false;
  };

  static V copy_of(const V& value) requires std::copy_constructible<V> { return value; }
  static V copy_of(const V&) requires(!std::copy_constructible<V>) {
    return V{};
  }  // never called: see modify()

  // What step() returns, which may be nothing, once commit() is done.
  template <class Step, class Commit>
  static auto committed(Step&& step, Commit&& commit) {
    if constexpr (std::is_void_v<decltype(step())>) {
      step();
      commit();
    } else {
      auto result = step();
      commit();
      return result;
    }
  }

  // Gives the entry the value; by a new node where a swap might throw half-way. The old one is in `value` or returned.
  Node replace(Place place, V& value) {
    if constexpr (std::is_nothrow_swappable_v<V>) {
      using std::swap;
      swap(place->second, value);
      return Node();
    } else {
      Map staged(0, map_.hash_function());
      staged.emplace(place->first, std::move(value));
      Node fresh = staged.extract(staged.begin());
      Node old = map_.extract(place);
      map_.insert(std::move(fresh));  // into the room of the old one: nothing is allocated
      return old;
    }
  }

  Map map_;
};

}  // namespace crosstalk::pool::detail
