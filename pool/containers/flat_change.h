// One change of a FlatMap: a key's group held for writing, and what follows when it no longer is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pool/containers/flat_core.h"

namespace crosstalk::pool::detail {

// Where an erased entry dies, outside the lock.
template <class Slot>
class FlatGrave {
 public:
  FlatGrave() noexcept {}
  FlatGrave(FlatGrave&& other) noexcept {
    if (other.full_) bury(other.slot());
    other.full_ = false;
  }
  FlatGrave& operator=(FlatGrave&&) = delete;
  ~FlatGrave() {
    if (full_) slot().destroy();
  }
  // The entry has left the slot.
  void bury(Slot& from) noexcept {
    if constexpr (Slot::kOptimistic) return;  // words do not die
    from.move_to(slot());
    full_ = true;
  }

 private:
  Slot& slot() noexcept { return *reinterpret_cast<Slot*>(memory_); }

  alignas(Slot) std::byte memory_[sizeof(Slot)];
  bool full_ = false;
};

template <class Slot>
class FlatChange {
 public:
  using Place = FlatPlace<Slot>;
  using Block = FlatBlock<Slot>;

  FlatChange(FlatCore<Slot>& core, std::uint64_t hash) noexcept
      : after_(core, hash), tag_(FlatGroup::tag_of(hash)), hold_(prefetched(core, hash, tag_), hash) {}

  template <class Q>
  [[nodiscard]] Place find(const Q& key) const {
    return hold_.home().find(tag_, key, [] { return true; });
  }
  // The key is absent. What throws has changed nothing.
  template <class Q, class Value>
  void insert(const Q& key, Value& value) {
    const Place place = hold_.home().empty(hold_.table().preferred_of(after_.hash));
    if (!place) return insert_in_block(key, value);
    place.slot->fill(key, value);
    place.group->set_tag(place.index, tag_);
  }
  void take(const Place& place, FlatGrave<Slot>& grave) noexcept {
    grave.bury(*place.slot);
    after_.unneeded = hold_.home().vacate(place);
  }

 private:
  // Declared before the hold, so that its work is done when the group is free.
  struct After {
    After(FlatCore<Slot>& c, std::uint64_t h) noexcept : core(c), hash(h) {}
    After(const After&) = delete;
    After& operator=(const After&) = delete;
    ~After() {
      if (unneeded != nullptr) core.arena().give(unneeded);
      if (overflowed != nullptr) core.overflowed(*overflowed, hash);
    }
    FlatCore<Slot>& core;
    std::uint64_t hash;
    Block* unneeded = nullptr;
    const FlatTable<Slot>* overflowed = nullptr;
  };

  template <class Q, class Value>
  [[gnu::noinline]] void insert_in_block(const Q& key, Value& value) {
    Block* const block = after_.core.arena().take();
    block->group.set_next(nullptr);
    after_.unneeded = block;  // should fill() throw
    block->slots[0].fill(key, value);
    after_.unneeded = nullptr;
    block->group.set_tag(0, tag_);
    hold_.home().add(block);
    after_.overflowed = &hold_.table();
  }
  // What the change is likely to touch, on its way while the lock is taken.
  static FlatCore<Slot>& prefetched(FlatCore<Slot>& core, std::uint64_t hash, std::uint8_t tag) noexcept {
    const FlatTable<Slot>& table = *core.root();
    const FlatHome<Slot> home = table.home(table.index_of(hash));
    table.prefetch(home, hash);
    const unsigned found = home.group().matches(tag);
    if (found != 0) home.slots()[std::countr_zero(found)].prefetch();
    return core;
  }

  After after_;
  std::uint8_t tag_;
  typename FlatCore<Slot>::template Hold<true> hold_;
};

}  // namespace crosstalk::pool::detail
