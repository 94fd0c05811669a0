// The lock-free hash table of liburcu (rculfhash) as an EntryMap. The table orders look-ups, insertions and removals, without a
// lock; that a closure has its entry to itself is the business of a RwLock in every entry. Visits of one entry run together.
//
// An entry:  in the table -> taken out, its lock awaited, `gone` -> (a grace period passes) freed, on liburcu's own thread.
// Whoever finds an entry stays inside a read-side section until its closure has returned, so the entry lives that long; who gets
// the lock after the eraser finds it gone, which is to find nothing.
//
// Progress: finding is wait-free but for the length of a chain; a closure waits for those on its entry only. The "bulletproof"
// flavour, since threads come and go without telling liburcu. A process must not fork after its first use. Errors:
// std::bad_alloc.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <utility>

#include <urcu/rculfhash.h>
#include <urcu/urcu-bp.h>

#include "pool/containers/hashing.h"
#include "pool/containers/map_concept.h"
#include "pool/locks/peers/tsan_marks.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::pool {

template <class K, class V>
class UrcuMap {
 public:
  using Key = K;
  using Value = V;

  explicit UrcuMap(const MapOptions& options)
      : table_(cds_lfht_new_flavor(std::bit_ceil(std::max<std::size_t>(options.keys, 1)), 1, 0,
                                   CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING, &urcu_bp_flavor, nullptr)) {
    if (table_ == nullptr) throw std::bad_alloc();
  }
  ~UrcuMap() {
    urcu_bp_barrier();  // what was erased has been freed
    empty();
    cds_lfht_destroy(table_, nullptr);
  }
  UrcuMap(const UrcuMap&) = delete;
  UrcuMap& operator=(const UrcuMap&) = delete;

  template <class F>
  bool visit(const K& key, F&& f) const {
    const Found found(table_, key);
    if (found.entry == nullptr) return false;
    const std::shared_lock lock(found.entry->lock);
    if (found.entry->gone) return false;
    std::forward<F>(f)(std::as_const(found.entry->value));
    return true;
  }
  template <class F>
  bool modify(const K& key, F&& f) {
    const Found found(table_, key);
    if (found.entry == nullptr) return false;
    const std::lock_guard lock(found.entry->lock);
    if (found.entry->gone) return false;
    std::forward<F>(f)(found.entry->value);
    return true;
  }
  bool insert(const K& key, V value) {
    auto* fresh = new Entry(key, std::move(value));
    mark_releasing(fresh);
    urcu_bp_read_lock();
    const bool added = cds_lfht_add_unique(table_, hash(key), &is_key, &key, fresh) == fresh;
    urcu_bp_read_unlock();
    if (!added) delete fresh;
    return added;
  }
  bool erase(const K& key) {
    const Found found(table_, key);
    if (found.entry == nullptr || cds_lfht_del(table_, found.entry) != 0) return false;
    {
      const std::lock_guard lock(found.entry->lock);
      found.entry->gone = true;
    }
    urcu_bp_call_rcu(found.entry, &free_later);
    return true;
  }

 private:
  struct Entry : cds_lfht_node, rcu_head {
    Entry(const K& k, V&& v) : key(k), value(std::move(v)) { cds_lfht_node_init(this); }

    const K key;
    V value;
    RwLock lock;        // guards value and gone
    bool gone = false;  // was erased
  };

  // The entry of a key, or none, and a read-side section that keeps it alive.
  struct Found {
    Found(cds_lfht* table, const K& key) noexcept {
      urcu_bp_read_lock();
      cds_lfht_iter place;
      cds_lfht_lookup(table, hash(key), &is_key, &key, &place);
      entry = static_cast<Entry*>(cds_lfht_iter_get_node(&place));
      if (entry != nullptr) mark_acquired(entry);
    }
    ~Found() {
      if (entry != nullptr) mark_releasing(entry);
      urcu_bp_read_unlock();
    }
    Found(const Found&) = delete;
    Found& operator=(const Found&) = delete;

    Entry* entry;
  };

  static unsigned long hash(const K& key) noexcept { return mix(KeyHash<K>{}(key)); }
  static int is_key(cds_lfht_node* node, const void* key) {
    auto* entry = static_cast<Entry*>(node);
    mark_acquired(entry);
    return entry->key == *static_cast<const K*>(key) ? 1 : 0;
  }
  static void free_later(rcu_head* head) {
    auto* entry = static_cast<Entry*>(head);
    mark_acquired(entry);
    delete entry;
  }

  // Nobody is inside but perhaps liburcu's own thread, which makes the table larger and follows the chains as readers do. So a
  // grace period has to pass here too; the entries wait for it in a list, linked as call_rcu() would link them.
  void empty() noexcept {
    rcu_head* dead = nullptr;
    urcu_bp_read_lock();
    cds_lfht_iter place;
    cds_lfht_first(table_, &place);
    while (cds_lfht_node* node = cds_lfht_iter_get_node(&place)) {
      cds_lfht_next(table_, &place);
      cds_lfht_del(table_, node);
      rcu_head* const head = static_cast<Entry*>(node);
      head->next.next = reinterpret_cast<cds_wfcq_node*>(dead);
      dead = head;
    }
    urcu_bp_read_unlock();
    if (dead != nullptr) urcu_bp_synchronize_rcu();
    while (dead != nullptr) {
      auto* const next = reinterpret_cast<rcu_head*>(dead->next.next);
      free_later(dead);
      dead = next;
    }
  }

  cds_lfht* table_;
};

static_assert(EntryMap<UrcuMap<int, int>>);

}  // namespace crosstalk::pool
