// The work that the conformance checks of cells do: data that shows whether it is whole, and threads that read and write it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <sched.h>

#include "pool/cell.h"

namespace crosstalk::pool::detail {

// The data in the cell: words that are all equal to the count of writes, unless somebody is in the middle of one. Every
// access is a relaxed atomic, so that a broken cell is a wrong answer and not undefined behaviour; relaxed adds no
// ordering that could hide what the cell forgot. Trivially copyable.
class Ledger {
 public:
  struct Entry {
    std::int64_t count;
    bool whole;
  };

  explicit Ledger(std::int64_t count = 0) { fill(0, kWords, count); }

  // One write; `pause`: yield in the middle of it.
  Entry add_one(bool pause) {
    const Entry before = look(false);
    fill(0, kWords / 2, before.count + 1);
    if (pause) sched_yield();
    const bool alone = get(0) == before.count + 1 && get(kWords - 1) == before.count;
    fill(kWords / 2, kWords, before.count + 1);
    return {before.count + 1, before.whole && alone};
  }

  [[nodiscard]] Entry look(bool pause) const {
    const std::int64_t count = get(0);
    if (pause) sched_yield();
    bool whole = true;
    for (std::size_t i = 0; i < kWords; ++i) whole = whole && get(i) == count;
    return {count, whole && get(0) == count};
  }

 protected:
  static constexpr std::size_t kWords = 24;

  // relaxed (both): see above.
  [[nodiscard]] std::int64_t get(std::size_t i) const {
    return __atomic_load_n(&words_[i], __ATOMIC_RELAXED);
  }
  void fill(std::size_t first, std::size_t end, std::int64_t value) {
    for (std::size_t i = first; i < end; ++i) __atomic_store_n(&words_[i], value, __ATOMIC_RELAXED);
  }

 private:
  std::array<std::int64_t, kWords> words_;
};
static_assert(std::is_trivially_copyable_v<Ledger>);

// Copies atomically, and is not whole any more once it has been destroyed.
class LastingLedger : public Ledger {
 public:
  using Ledger::Ledger;
  // Not by the base's copy, which is a plain one.
  LastingLedger(const LastingLedger& other) : Ledger(-1) {  // NOLINT(bugprone-copy-constructor-init)
    for (std::size_t i = 0; i < kWords; ++i) fill(i, i + 1, other.get(i));
  }
  LastingLedger& operator=(const LastingLedger&) = delete;
  ~LastingLedger() {
    for (std::size_t i = 0; i < kWords; ++i) fill(i, i + 1, -1 - static_cast<std::int64_t>(i));
  }
};

template <class M>
using LedgerOf = std::conditional_t<Guards<M, LastingLedger>, LastingLedger, Ledger>;

struct CellFindings {
  std::atomic<std::uint64_t> torn{0};       // writers that saw another one's half-done change
  std::atomic<std::uint64_t> read_torn{0};  // readers that did
  std::atomic<std::uint64_t> backwards{0};  // results older than what the thread had seen
  std::atomic<std::uint64_t> invisible{0};  // reads that missed a write that had returned before them
  std::atomic<std::uint64_t> overdue{0};    // reads still inside when a write that they missed had returned
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> runs{0};     // of the closures of reads
  std::atomic<std::int64_t> returned{0};  // the highest count of a write that has returned
};

// relaxed: a statistic, read after join.
inline void note(std::atomic<std::uint64_t>& finding) {
  finding.fetch_add(1, std::memory_order_relaxed);
}

// One thread's part; what its writes returned, in order. `Cell` guards a ledger.
template <class M, class Cell>
class CellUser {
 public:
  CellUser(Cell& cell, CellFindings& findings, unsigned id)
      : cell_(cell), findings_(findings), random_(id * 2654435761U + 1) {}

  std::vector<std::int64_t> run(std::uint32_t operations) {
    std::vector<std::int64_t> results;
    for (std::uint32_t i = 0; i < operations; ++i) {
      random_ = random_ * 1664525U + 1013904223U;
      const bool pause = (random_ >> 16) % 64 == 0;
      if ((random_ >> 24) % 2 == 0) {
        read_once(pause);
      } else {
        results.push_back(write_once(pause));
      }
    }
    return results;
  }

 private:
  using Data = LedgerOf<M>;

  std::int64_t write_once(bool pause) {
    const Ledger::Entry entry = cell_.write([pause](Data& data) { return data.add_one(pause); });
    if (!entry.whole) note(findings_.torn);
    see(entry.count);
    // relaxed: validated by the CAS. (1) - release: makes the write that has returned happen before (2).
    std::int64_t highest = findings_.returned.load(std::memory_order_relaxed);
    while (highest < entry.count &&
           !findings_.returned.compare_exchange_weak(highest, entry.count, std::memory_order_release,
                                                     std::memory_order_relaxed)) {
    }
    return entry.count;
  }

  void read_once(bool pause) {
    // (2) - acquire: synchronizes with (1).
    const std::int64_t due = findings_.returned.load(std::memory_order_acquire);
    CellFindings& findings = findings_;
    const Ledger::Entry entry = cell_.read([pause, &findings](const Data& data) {
      note(findings.runs);
      const Ledger::Entry seen = data.look(pause);
      // acquire: as (2); no write that was not seen may have returned.
      const std::int64_t returned = findings.returned.load(std::memory_order_acquire);
      if (!kReadsOutside<M> && seen.whole && returned > seen.count) note(findings.overdue);
      return seen;
    });
    note(findings_.reads);
    if (!entry.whole) return note(findings_.read_torn);
    if (entry.count < due) note(findings_.invisible);
    see(entry.count);
  }

  void see(std::int64_t count) {
    if (count < last_) note(findings_.backwards);
    last_ = std::max(last_, count);
  }

  Cell& cell_;
  CellFindings& findings_;
  std::uint32_t random_;
  std::int64_t last_ = 0;
};

}  // namespace crosstalk::pool::detail
