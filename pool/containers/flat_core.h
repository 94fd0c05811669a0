// What a FlatMap is made of, without knowing what its entries are: the table in use, its growth, and locking a key's group.
//
// Growth: an insertion that overflows its group counts the entries of the groups around, and where they are crowded makes
// a successor of twice the size. From then on every writer moves some groups before its own work, until all have
// moved and the successor is the table in use. So no operation moves more than kGroupsPerHelp groups, and no counter is shared.
// Where there is no memory for a successor, chains grow instead.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include <sched.h>

#include "pool/containers/flat_arena.h"
#include "pool/containers/flat_table.h"

namespace crosstalk::pool::detail {

template <class Slot>
class FlatCore {
 public:
  using Table = FlatTable<Slot>;
  using Home = FlatHome<Slot>;
  using Block = FlatBlock<Slot>;

  static constexpr std::size_t kGroupsPerHelp = 4;
  static constexpr std::size_t kCrowded = 12;  // entries of a group on average, from which on a table grows
  static constexpr std::size_t kRoomy = 10;    // the same, of a table made for a known number of entries

  FlatCore() : first_(new Table(1)), root_(first_) {}
  FlatCore(const FlatCore&) = delete;
  FlatCore& operator=(const FlatCore&) = delete;
  ~FlatCore() {
    for (Table* table = first_; table != nullptr;) {
      for (std::size_t i = 0; i < table->count(); ++i) {
        const Home home = table->home(i);
        if (!home.group().moved()) home.for_each([](Slot& slot) { slot.destroy(); });
      }
      delete std::exchange(table, table->successor());
    }
  }

  [[nodiscard]] Table* root() const noexcept {
    // acquire: synchronizes with the release in help().
    return root_.load(std::memory_order_acquire);
  }
  FlatArena<Slot>& arena() noexcept { return arena_; }

  // The group of a hash, held as long as this lives.
  template <bool kWrite>
  class Hold {
   public:
    Hold(const FlatCore& core, std::uint64_t hash) noexcept {
      for (table_ = core.root();; table_ = table_->successor()) {
        home_ = table_->home(table_->index_of(hash));
        if (home_.group().lock(kBits)) return;
      }
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if constexpr (kWrite) {
        home_.group().unlock_write();
      } else {
        home_.group().unlock_read();
      }
    }
    [[nodiscard]] const Home& home() const noexcept { return home_; }
    [[nodiscard]] Table& table() const noexcept { return *table_; }

   private:
    static constexpr std::uint64_t kBits = FlatGroup::kLocked | (kWrite ? FlatGroup::kWriting : 0);
    Table* table_ = nullptr;
    Home home_;
  };

  // Before each write: moves some groups if the map is growing. hash_of(Slot&) must not throw.
  template <class HashOf>
  void help(const HashOf& hash_of, std::size_t most = kGroupsPerHelp) noexcept {
    Table* const table = root();
    if (table->successor() == nullptr) [[likely]]
      return;
    help_table(*table, hash_of, most);
  }

  // After an insertion that overflowed its group, which is no longer held.
  void overflowed(const Table& table, std::uint64_t hash) noexcept {
    if (&table != root() || table.successor() != nullptr || !is_crowded(table, table.index_of(hash))) return;
    const std::unique_lock hold(growth_, std::try_to_lock);
    if (!hold.owns_lock()) return;
    try {
      grow(2);
    } catch (const std::bad_alloc&) {  // the chains have taken the entry
    }
  }
  template <class HashOf>
  void reserve(std::size_t entries, const HashOf& hash_of) {
    const std::lock_guard hold(growth_);
    finish_growth(hash_of);
    const std::size_t groups = entries / kRoomy + 1;
    const std::size_t now = root()->count();
    if (groups <= now) return;
    grow((groups + now - 1) / now);
    finish_growth(hash_of);
  }

  // f(const Home&) on every group, each held for reading (or writing) by itself, and after() when it no longer is.
  template <bool kWrite, class F, class After>
  void for_each_group(F&& f, After&& after) const {
    Table* const table = root();
    for (std::size_t i = 0; i < table->count(); ++i) visit<kWrite>(*table, i, f, after);
  }
  // f() with all groups held for reading, and none moving. f(home) then on each.
  template <class HashOf, class Before, class F>
  void with_all_groups(const HashOf& hash_of, Before&& before, F&& f) {
    const std::lock_guard hold(growth_);
    finish_growth(hash_of);
    before();
    const AllHeld all(*root());
    for (std::size_t i = 0; i < root()->count(); ++i) f(root()->home(i));
  }

 private:
  class AllHeld {
   public:
    explicit AllHeld(Table& table) noexcept : table_(table) {
      for (std::size_t i = 0; i < table_.count(); ++i) {
        // Nobody moves groups, so it can be had.
        static_cast<void>(table_.home(i).group().lock(FlatGroup::kLocked));
      }
    }
    AllHeld(const AllHeld&) = delete;
    AllHeld& operator=(const AllHeld&) = delete;
    ~AllHeld() {
      for (std::size_t i = 0; i < table_.count(); ++i) table_.home(i).group().unlock_read();
    }

   private:
    Table& table_;
  };

  template <bool kWrite, class F, class After>
  static void visit(Table& table, std::size_t index, F& f, After& after) {
    const Home home = table.home(index);
    if (!home.group().lock(FlatGroup::kLocked | (kWrite ? FlatGroup::kWriting : 0))) {
      Table& next = *table.successor();
      const std::size_t times = next.count() / table.count();
      for (std::size_t i = 0; i < times; ++i) visit<kWrite>(next, index * times + i, f, after);
      return;
    }
    {
      struct Unlock {
        FlatGroup& group;
        ~Unlock() { kWrite ? group.unlock_write() : group.unlock_read(); }
      } const unlock{home.group()};
      f(home);
    }
    after();
  }

  // With growth_ held.
  void grow(std::size_t times) {
    Table* const table = root();
    if (table->successor() == nullptr) table->set_successor(std::make_unique<Table>(table->count() * times));
  }
  template <class HashOf>
  void finish_growth(const HashOf& hash_of) noexcept {
    for (Table* const table = root(); table->successor() != nullptr && root() == table;) {
      help_table(*table, hash_of, kGroupsPerHelp);
      if (table->all_claimed() && root() == table) sched_yield();  // others are moving the rest
    }
  }
  // A sample, without locks: of 64 groups the mean is within half an entry.
  static bool is_crowded(const Table& table, std::size_t index) noexcept {
    const std::size_t groups = std::min<std::size_t>(table.count(), 64);
    const std::size_t first = std::min(index, table.count() - groups);
    std::size_t entries = 0;
    for (std::size_t i = 0; i < groups; ++i) {
      const FlatGroup& group = table.home(first + i).group();
      entries += static_cast<std::size_t>(std::popcount(group.used()));
      if (Home::block_after(group) != nullptr) entries += kGroupSlots / 8;  // what is in it, on average
    }
    return entries > groups * kCrowded;
  }

  template <class HashOf>
  [[gnu::noinline]] void help_table(Table& table, const HashOf& hash_of, std::size_t most) noexcept {
    const std::size_t first = table.claim(most);
    if (first >= table.count()) return;
    const std::size_t last = std::min(first + most, table.count());
    for (std::size_t i = first; i < last; ++i) move_group(table, i, hash_of);
    // release: synchronizes with the acquire in root(): who sees the new table sees all that moved into it.
    if (table.moved(first, last)) root_.store(table.successor(), std::memory_order_release);
  }
  template <class HashOf>
  void move_group(Table& table, std::size_t index, const HashOf& hash_of) noexcept {
    const Home from = table.home(index);
    // Nobody else moves this group, so it can be had.
    static_cast<void>(from.group().lock(FlatGroup::kLocked | FlatGroup::kWriting));
    Table& next = *table.successor();
    // A block is emptied before another one is needed: n groups need together no more blocks than one with all entries.
    Block* spare = Home::block_after(from.group());
    from.group().set_next(nullptr);
    Block* empty = nullptr;
    const auto place = [&](Slot& slot) {
      const std::uint64_t hash = hash_of(slot);
      const Home to = next.home(next.index_of(hash));
      FlatPlace<Slot> free = to.empty(next.preferred_of(hash));
      if (!free) {
        Block* const block = std::exchange(empty, Home::block_after(empty->group));
        to.add(block);
        free = to.empty(0);
      }
      slot.move_to(*free.slot);
      free.group->set_tag(free.index, FlatGroup::tag_of(hash));
    };
    from.for_each(place);
    while (spare != nullptr) {
      Block* const block = std::exchange(spare, Home::block_after(spare->group));
      alignas(Slot) std::byte memory[sizeof(block->slots)];
      auto* const staged = reinterpret_cast<Slot*>(memory);
      unsigned count = 0;
      block->group.set_next(nullptr);
      Home(&block->group, block->slots).for_each([&](Slot& slot) { slot.move_to(staged[count++]); });
      Home::clear_tags(block->group);
      block->group.set_next(empty);
      empty = block;
      for (unsigned i = 0; i < count; ++i) place(staged[i]);
    }
    from.group().unlock_moved();
    arena_.give(empty);
  }

  Table* const first_;
  std::atomic<Table*> root_;
  alignas(kCacheLine) FlatArena<Slot> arena_;
  std::mutex growth_;  // held while a successor is made, and while none may be
};

}  // namespace crosstalk::pool::detail
