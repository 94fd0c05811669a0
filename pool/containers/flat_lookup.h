// A lookup in a FlatMap that writes nothing: it reads beside the writers, and is good if the group's version has not changed.
#pragma once

#include <cstdint>

#include "pool/containers/flat_core.h"

namespace crosstalk::pool::detail {

// f(const Slot*) on the entry, or on null, after each of at most `tries` looks, of which the last one counts. False if a
// writer came between all of them: then nothing counts, and the lock is to be taken.
template <class Slot, class K, class F>
[[gnu::always_inline]] inline bool look_optimistically(const FlatCore<Slot>& core, const K& key,
                                                       std::uint64_t hash, std::uint8_t tag, unsigned tries,
                                                       F& f) {
  const FlatTable<Slot>* table = core.root();
  for (unsigned round = 0; round < tries;) {
    const FlatHome<Slot> home = table->home(table->index_of(hash));
    table->prefetch(home, hash);
    const FlatGroup& group = home.group();
    const std::uint64_t version = group.version();
    if (FlatGroup::readable(version)) [[likely]] {
      const auto unchanged = [&] { return group.unchanged(version); };
      f(home.find(tag, key, unchanged).slot);
      if (unchanged()) [[likely]]
        return true;
      ++round;
    } else if ((version & FlatGroup::kMoved) != 0) {
      table = table->successor();
    } else {
      group.wait(version, round++);
    }
  }
  return false;
}

}  // namespace crosstalk::pool::detail
