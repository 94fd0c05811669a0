#include "harness/explore/memory_model.h"

#include "harness/explore/conflicts.h"
#include "harness/explore/decisions.h"
#include "harness/explore/own_memory.h"
#include "harness/explore/scheduler.h"

namespace crosstalk::harness::explore {

namespace {

constexpr unsigned kClockBits = 12;
constexpr unsigned kHistoryBits = 10;
constexpr int kRemembered = 4;  // stores of one location
constexpr int kSeqCst = 5;

bool acquires(int order) noexcept {
  return order == 1 || order == 2 || order >= 4;
}
bool releases(int order) noexcept {
  return order >= 3;
}

struct LocationClock {
  Address address;
  std::uint64_t generation;
  VectorClock clock;
};

// A store that a load may still return.
struct Store {
  std::uint64_t value;
  VectorClock released;
  std::uint32_t
      seen_at[kMaxThreads];  // each thread's clock when it first saw this store or a later one; 0: not yet
  std::uint32_t made_at;
  std::uint8_t thread;
  std::uint64_t total;  // its number among all seq_cst stores, or 0
};

struct History {
  Address address;
  std::uint64_t generation;
  int count;
  Store stores[kRemembered];
};

struct Memory {
  LocationClock clocks[1U << kClockBits];
  History histories[1U << kHistoryBits];
  VectorClock fences;          // of all seq_cst fences so far
  std::uint64_t total_stores;  // seq_cst, so far
};

constinit Memory* shared_memory = nullptr;

Memory& memory() noexcept {
  return *shared_memory;
}

// The entry, or where it would stand; its generation tells which. Null if there is no room left.
template <unsigned kBits, class Entry>
Entry* seek_entry(Entry (&table)[1U << kBits], Address address) noexcept {
  std::uint64_t at = (reinterpret_cast<std::uint64_t>(address) * 0x9E3779B97F4A7C15ULL) >> (64 - kBits);
  for (unsigned i = 0; i < (1U << kBits); ++i, at = (at + 1) % (1U << kBits)) {
    Entry& entry = table[at];
    if (entry.generation != runtime->generation || entry.address == address) return &entry;
  }
  return nullptr;
}

template <unsigned kBits, class Entry, class Start>
Entry& find_entry(Entry (&table)[1U << kBits], Address address, Start start) noexcept {
  Entry* const entry = seek_entry<kBits>(table, address);
  if (entry == nullptr) fail(Finding::limit, "one execution uses more than %u atomic objects", 1U << kBits);
  if (entry->generation != runtime->generation) {
    entry->generation = runtime->generation;
    entry->address = address;
    start(*entry);
  }
  return *entry;
}

VectorClock& clock_of(Address address) noexcept {
  return find_entry<kClockBits>(memory().clocks, address, [](LocationClock& entry) { entry.clock.clear(); })
      .clock;
}

void start_store(Store& store, std::uint64_t value) noexcept {
  store = Store{};
  store.value = value;
}

void start_history(History& history, std::uint64_t value) noexcept {
  history.count = 1;
  start_store(history.stores[0], value);
}

// `value` is what memory holds. If the last store was of another, or there is none, something that is no atomic operation has written
// since, as a constructor does: then it is another object, and nobody sees what the one before it held.
History& history_of(Address address, std::uint64_t value) noexcept {
  History& history = find_entry<kHistoryBits>(memory().histories, address,
                                              [&](History& entry) { start_history(entry, value); });
  if (history.count == 0 || history.stores[history.count - 1].value != value) start_history(history, value);
  return history;
}

void remember(History& history, std::uint64_t value, std::uint32_t made_at, int order,
              const VectorClock& released) noexcept {
  if (history.count == kRemembered) {
    for (int i = 0; i + 1 < kRemembered; ++i) history.stores[i] = history.stores[i + 1];
    --history.count;
  }
  Store& store = history.stores[history.count++];
  start_store(store, value);
  store.released = released;
  store.made_at = made_at;
  store.thread = static_cast<std::uint8_t>(self().id);
  store.total = order == kSeqCst ? ++memory().total_stores : 0;
  store.seen_at[self().id] = made_at;
}

void note_seen(History& history, int index) noexcept {
  const Thread& me = self();
  for (int i = 0; i <= index; ++i) {
    std::uint32_t& seen = history.stores[i].seen_at[me.id];
    if (seen == 0) seen = me.clock.at[me.id];
  }
}

// Whether the single total order of seq_cst operations and fences, which is that of the schedule, has the store before the load
// ([atomics.order]/4): each of the two is in it itself, or by a fence.
bool comes_before(const Store& store, int order) noexcept {
  const Thread& me = self();
  if (store.total != 0 && (order == kSeqCst || store.total <= me.fenced_total)) return true;
  if (store.made_at == 0) return false;
  const VectorClock& fences = order == kSeqCst ? memory().fences : me.fenced;
  return store.made_at <= fences.at[store.thread];
}

// Whether a load must not return anything older than this store.
bool hides_older(const Store& store, int order) noexcept {
  const Thread& me = self();
  if (comes_before(store, order)) return true;
  for (int i = 0; i < runtime->thread_count; ++i) {
    if (store.seen_at[i] != 0 && store.seen_at[i] <= me.clock.at[i]) return true;
  }
  return false;
}

int choose_store(const History& history, int order) noexcept {
  const int newest = history.count - 1;
  int oldest = newest;
  while (oldest > 0 && !hides_older(history.stores[oldest], order)) --oldest;
  if (oldest == newest) return newest;
  Offer offer{.kind = 'r', .cost = 1};
  for (int i = newest; i >= oldest; --i) offer.add(newest - i);
  return newest - choose(offer);
}

void read_from(const VectorClock& released, int order) noexcept {
  Thread& me = self();
  (acquires(order) ? me.clock : me.acquiring).join(released);
}

// What the location's next reader acquires.
void write_to(VectorClock& location, int order, bool continues_sequence) noexcept {
  Thread& me = self();
  const VectorClock& mine = releases(order) ? me.clock : me.released;
  if (continues_sequence) {
    location.join(mine);
  } else {
    location = mine;
  }
  if (releases(order)) ++me.clock.at[me.id];
}

void after_change(Address address) noexcept {
  note_use(address, Use::change);
  note_change();
  self().last_change = runtime->changes;
}

}  // namespace

bool map_memory_model() noexcept {
  if (shared_memory == nullptr) shared_memory = own_memory<Memory>();
  return shared_memory != nullptr;
}

void begin_memory_model() noexcept {
  memory().fences.clear();
  memory().total_stores = 0;
}

void acquire(Address address) noexcept {
  self().clock.join(clock_of(address));
}

void release(Address address) noexcept {
  Thread& me = self();
  clock_of(address).join(me.clock);
  ++me.clock.at[me.id];
}

std::uint64_t atomic_load(Address address, std::uint64_t value, int order) noexcept {
  self().last_change = runtime->changes;
  note_use(address, Use::look);
  if (!runtime->stale_reads) {
    read_from(clock_of(address), order);
    return value;
  }
  History& history = history_of(address, value);
  const int index = choose_store(history, order);
  note_seen(history, index);
  if (index == history.count - 1) {
    read_from(clock_of(address), order);
    return value;
  }
  read_from(history.stores[index].released, order);
  self().last_address = nullptr;  // the next look may see something else
  return history.stores[index].value;
}

void note_plain_write(Address address, std::size_t bytes) noexcept {
  constexpr std::size_t kApart = 4;  // one write may make two small objects
  for (std::size_t i = 0; i < bytes; i += kApart) {
    const Address each = static_cast<const volatile char*>(address) + i;
    History* const history = seek_entry<kHistoryBits>(memory().histories, each);
    if (history != nullptr && history->generation == runtime->generation) history->count = 0;
  }
}

void atomic_store(Address address, std::uint64_t before, std::uint64_t after, int order) noexcept {
  const std::uint32_t made_at = self().clock.at[self().id];
  VectorClock& location = clock_of(address);
  History* const history = runtime->stale_reads ? &history_of(address, before) : nullptr;
  write_to(location, order, false);
  if (history != nullptr) {
    note_seen(*history, history->count - 1);
    remember(*history, after, made_at, order, location);
  }
  after_change(address);
}

void atomic_change(Address address, std::uint64_t before, std::uint64_t after, int order) noexcept {
  const std::uint32_t made_at = self().clock.at[self().id];
  VectorClock& location = clock_of(address);
  History* const history = runtime->stale_reads ? &history_of(address, before) : nullptr;
  read_from(location, order);
  write_to(location, order, true);
  if (history != nullptr) {
    note_seen(*history, history->count - 1);
    remember(*history, after, made_at, order, location);
  }
  if (before != after) {
    after_change(address);
  } else {
    note_use(address, Use::change);  // it may order all the same
    self().last_change = runtime->changes;
  }
}

void atomic_miss(Address address, std::uint64_t value, int order) noexcept {
  note_use(address, Use::look);
  self().last_change = runtime->changes;
  if (runtime->stale_reads) {
    History& history = history_of(address, value);
    note_seen(history, history.count - 1);
  }
  read_from(clock_of(address), order);
}

void fence(int order) noexcept {
  Thread& me = self();
  if (acquires(order)) me.clock.join(me.acquiring);
  if (order == kSeqCst) {
    me.fenced.join(memory().fences);
    me.fenced_total = memory().total_stores;
    memory().fences.join(me.clock);
  }
  if (releases(order)) {
    me.released = me.clock;
    ++me.clock.at[me.id];
  }
}

}  // namespace crosstalk::harness::explore
