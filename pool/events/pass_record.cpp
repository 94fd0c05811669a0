#include "pool/events/pass_record.h"

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "pool/sync/event_count.h"

namespace crosstalk::pool::detail {

namespace {

struct Registry {
  std::mutex mutex;
  // Guarded by mutex:
  PassRecord* first = nullptr;
  std::uint32_t stripes_taken = 0;  // a bit each

  void add(PassRecord& record) noexcept {
    const std::scoped_lock guard(mutex);
    record.next = first;
    if (first != nullptr) first->previous = &record;
    first = &record;
    for (unsigned stripe = 0; stripe < kStripes && record.stripe == kStripes; ++stripe) {
      const std::uint32_t bit = std::uint32_t{1} << stripe;
      if ((stripes_taken & bit) == 0) {
        stripes_taken |= bit;
        record.stripe = stripe;
      }
    }
  }
  void remove(PassRecord& record) noexcept {
    const std::scoped_lock guard(mutex);
    (record.previous == nullptr ? first : record.previous->next) = record.next;
    if (record.next != nullptr) record.next->previous = record.previous;
    if (record.stripe != kStripes) stripes_taken &= ~(std::uint32_t{1} << record.stripe);
  }
};

constinit Registry registry;
constinit EventCount pass_over;
thread_local constinit bool record_is_gone = false;

struct OwnedRecord {
  OwnedRecord() noexcept { registry.add(record); }
  OwnedRecord(const OwnedRecord&) = delete;
  OwnedRecord& operator=(const OwnedRecord&) = delete;
  ~OwnedRecord() {
    registry.remove(record);
    own_record = nullptr;
    record_is_gone = true;
  }
  PassRecord record;
};

template <class F>
bool any_slot(Whose whose, F&& f) noexcept {
  const std::scoped_lock guard(registry.mutex);
  for (const PassRecord* record = registry.first; record != nullptr; record = record->next) {
    if (whose == Whose::others && record == own_record) continue;
    for (const PassSlot& slot : record->slots) {
      if (f(slot)) return true;
    }
  }
  return false;
}

}  // namespace

PassRecord& register_thread() {
  if (record_is_gone) {
    // The thread's record has been destroyed before another variable of the thread that uses a bus.
    auto record = std::make_unique<PassRecord>();
    record->late = true;
    record->attention = true;
    registry.add(*record);
    own_record = record.release();
  } else {
    thread_local OwnedRecord owned;
    own_record = &owned.record;
  }
  return *own_record;
}

void run_after_passes(AfterPasses& after) noexcept {
  after.next = own_record->after;
  own_record->after = &after;
  own_record->attention = true;
}

void attend(PassRecord& record) noexcept {
  if (record.depth > 0) return;
  while (record.after != nullptr) {
    AfterPasses& after = *record.after;
    record.after = after.next;
    after.run(after);
  }
  record.attention = record.late;
  if (record.late && own_record == &record) {
    registry.remove(record);
    own_record = nullptr;
    delete &record;
  }
}

void throw_nested_too_deep() {
  throw std::length_error("EventBus: publish nested deeper than " + std::to_string(kMostNestedPasses));
}

void notify_pass_waiters() noexcept {
  pass_over.notify_all();
}

bool is_read(const void* table_or_list) noexcept {
  // (2) - seq_cst: an acquire that synchronizes with ~Pass (1), in a total order with the guard's store if the barrier is
  // symmetric. So too in the other scans.
  return any_slot(Whose::any, [table_or_list](const PassSlot& slot) {
    return slot.table.load(std::memory_order_seq_cst) == table_or_list ||
           slot.list.load(std::memory_order_seq_cst) == table_or_list;
  });
}

bool is_called(const void* subscription, Whose whose) noexcept {
  // seq_cst: as (2).
  return any_slot(whose, [subscription](const PassSlot& slot) {
    return slot.current.load(std::memory_order_seq_cst) == subscription;
  });
}

void wait_for_passes(const void* bus) noexcept {
  // seq_cst: total order with the load at the end of a pass, if the barrier is symmetric.
  pass_waiters.fetch_add(1, std::memory_order_seq_cst);
  pass_over.await([bus] {
    heavy_barrier();
    // seq_cst: as (2).
    return !any_slot(Whose::others,
                     [bus](const PassSlot& slot) { return slot.bus.load(std::memory_order_seq_cst) == bus; });
  });
  // relaxed: one notification too many is harmless.
  pass_waiters.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace crosstalk::pool::detail
