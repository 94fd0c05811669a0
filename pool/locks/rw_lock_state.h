// The word of rw_lock and all that may happen to it: pure functions from one state to the next, so that a test can walk
// through every order in which a few threads may take these steps. What the states mean is told in rw_lock.h.
//
//   low half:  | 21..19 asleep: heir, writers, readers | 18 parity | 17 readers owed | 16 writer owed | 15 heir | 14 held
//              | 13..0 readers inside (above 8191: no more come in) |
//   high half: | 63..52 passes | 51..42 writers that wait | 41..32 readers that wait |
#pragma once

#include <cstdint>

namespace crosstalk::pool {

// After `kBound` passes those who wait are owed the lock.
template <std::uint64_t kBound>
struct RwLockState {
  using Word = std::uint64_t;

  static constexpr Word kOne = 1;
  static constexpr Word kReader = 1;
  static constexpr Word kReaders = (kOne << 14) - 1;
  static constexpr Word kReadersFull = kOne << 13;
  static constexpr Word kHeld = kOne << 14;
  static constexpr Word kHeir = kOne << 15;
  static constexpr Word kWriterOwed = kOne << 16;
  static constexpr Word kReadersOwed = kOne << 17;
  static constexpr Word kParity = kOne << 18;
  static constexpr Word kReadersAsleep = kOne << 19;
  static constexpr Word kWritersAsleep = kOne << 20;
  static constexpr Word kHeirAsleep = kOne << 21;
  static constexpr Word kAsleep = kReadersAsleep | kWritersAsleep | kHeirAsleep;
  static constexpr Word kWaitingReader = kOne << 32;
  static constexpr Word kWaitingReaders = ((kOne << 10) - 1) << 32;
  static constexpr Word kWaitingWriter = kOne << 42;
  static constexpr Word kWaitingWriters = ((kOne << 10) - 1) << 42;
  static constexpr Word kWaiting = kWaitingReaders | kWaitingWriters;
  static constexpr Word kPass = kOne << 52;
  static constexpr Word kPasses = ~Word{0} << 52;
  static_assert(kBound > 0 && kBound <= kPasses / kPass);

  static constexpr Word kReaderBar =
      kHeld | kHeir | kWriterOwed | kReadersFull;  // any of them keeps readers out
  static constexpr Word kWriterBar =
      kReaders | kHeld | kHeir | kWriterOwed;  // and writers that do not wait yet

  // The step of one who leaves or enters, and whom it wakes afterwards: sets of the `asleep` bits.
  struct Step {
    Word next = 0;
    Word wake_one = 0;  // of each of these
    bool wake_readers = false;
    friend constexpr bool operator==(const Step&, const Step&) = default;
  };

  static constexpr bool admits_reader(Word s) { return (s & kReaderBar) == 0; }
  // And there is nobody whom it would have to count a pass of: it may add itself, and look afterwards.
  static constexpr bool admits_reader_freely(Word s) { return (s & (kReaderBar | kWaitingWriters)) == 0; }
  static constexpr bool admits_writer(Word s) { return (s & kWriterBar) == 0; }
  static constexpr bool admits_waiting_writer(Word s, bool is_heir) {
    return (s & (kReaders | kHeld)) == 0 && (is_heir || (s & kHeir) == 0);
  }

  // Somebody enters past those who wait.
  static constexpr Word passed(Word s) {
    s += kPass;
    if ((s & kPasses) < kBound * kPass) return s;
    s &= ~kPasses;
    if ((s & kWaitingWriters) != 0) s |= kWriterOwed;
    if ((s & kWaitingReaders) != 0) s |= kReadersOwed;
    return s;
  }

  static constexpr Word reader_enters(Word s) {
    s += kReader;
    return (s & kWaitingWriters) == 0 ? s : passed(s);  // it passes no reader: they may enter beside it
  }
  static constexpr Word writer_enters(Word s) {
    s |= kHeld;
    return (s & kWaiting) == 0 ? s : passed(s);
  }
  // The next sleeper of its kind follows it in, if there is one.
  static constexpr Step waiting_reader_enters(Word s) {
    s = reader_enters(without_waiting_reader(s) & ~kReadersAsleep);
    return {.next = s, .wake_one = (s & kWaitingReaders) != 0 ? kReadersAsleep : 0};
  }
  static constexpr Word waiting_writer_enters(Word s, bool is_heir) {
    s = (without_waiting_writer(s) & ~kWriterOwed) | kHeld;
    if (is_heir) s &= ~(kHeir | kHeirAsleep);
    if ((s & kWaitingWriters) != 0) s |= kWritersAsleep;  // unlock() wakes the next one
    return (s & kWaitingReaders) == 0 ? s & ~kPasses : passed(s);
  }

  static constexpr Step unlocks(Word s) {
    s &= ~kHeld;
    if ((s & kReadersOwed) != 0) {
      const Word readers = (s & kWaitingReaders) / kWaitingReader;
      s = ((s & ~(kReadersOwed | kReadersAsleep | kWaitingReaders)) ^ kParity) + readers;
      if ((s & kWaiting) == 0) s &= ~kPasses;
      return {
          .next = s,
          .wake_readers = true};  // a reader on its way, for which `asleep` is down, will not wake the others
    }
    Word wake = (s & kReaderBar) == 0 ? s & kReadersAsleep : 0;
    wake |= s & ((s & kHeir) != 0 ? kHeirAsleep : kWritersAsleep);
    return {.next = s & ~wake, .wake_one = wake};
  }
  static constexpr Step unlocks_shared(Word s) {
    s -= kReader;
    if ((s & kReaders) != 0) return {.next = s};
    const Word wake = s & ((s & kHeir) != 0 ? kHeirAsleep : kWritersAsleep);
    return {.next = s & ~wake, .wake_one = wake};
  }
  // A reader that saw nobody asleep leaves by subtraction: `s` is what it subtracted from. Who fell asleep in between is woken, but
  // its `asleep` stays up, so that it may be woken again in vain. The same for one that added itself and then found the lock closed:
  // until it is out again others take it for a reader.
  static constexpr Step slips_out(Word s) {
    s -= kReader;
    if ((s & kReaders) != 0) return {.next = s};
    return {.next = s, .wake_one = s & ((s & kHeir) != 0 ? kHeirAsleep : kWritersAsleep)};
  }

  // One who may not enter waits no longer. For a writer: what it kept closed may open.
  static constexpr Word reader_gives_up(Word s) {
    s = without_waiting_reader(s);
    return (s & kWaitingReaders) != 0 ? s | kReadersAsleep : s;
  }
  static constexpr Step writer_gives_up(Word s, bool is_heir) {
    s = without_waiting_writer(s);
    if (is_heir) s &= ~(kHeir | kHeirAsleep);
    Word wake = 0;
    if ((s & kWaitingWriters) != 0) {
      s |= kWritersAsleep;
      if (admits_waiting_writer(s, false)) wake |= kWritersAsleep;
    } else {
      s &= ~kWriterOwed;
    }
    if ((s & kWaitingReaders) != 0 && admits_reader(s)) wake |= kReadersAsleep;
    return {.next = s & ~wake, .wake_one = wake};
  }

  // One who may not enter goes to sleep, for the first time or again. A reader that was woken in vain has been passed.
  static constexpr Word reader_sleeps(Word s, bool again) {
    return again ? s | kReadersAsleep | kReadersOwed : (s | kReadersAsleep) + kWaitingReader;
  }
  static constexpr Word writer_sleeps(Word s, bool again, bool is_heir) {
    if (is_heir) return s | kHeirAsleep;
    return again ? s | kWritersAsleep : (s | kWritersAsleep) + kWaitingWriter;
  }
  static constexpr bool reader_may_wait(Word s) { return (s & kWaitingReaders) != kWaitingReaders; }
  static constexpr bool writer_may_wait(Word s) { return (s & kWaitingWriters) != kWaitingWriters; }

 private:
  static constexpr Word without_waiting_reader(Word s) {
    s -= kWaitingReader;
    if ((s & kWaitingReaders) == 0) s &= ~(kReadersAsleep | kReadersOwed);
    return (s & kWaiting) != 0 ? s : s & ~kPasses;
  }
  static constexpr Word without_waiting_writer(Word s) {
    s -= kWaitingWriter;
    if ((s & kWaitingWriters) == 0) s &= ~kWritersAsleep;
    return (s & kWaiting) != 0 ? s : s & ~kPasses;
  }
};

}  // namespace crosstalk::pool
