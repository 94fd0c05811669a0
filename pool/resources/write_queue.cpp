#include "pool/resources/write_queue.h"

#include <cstring>

#include <sched.h>

namespace crosstalk::pool {

WriteQueue::WriteQueue(std::size_t bytes) : units_((bytes + 7) / 8) {
  // Not cleared: what is never filled is never touched.
  for (auto& half : memory_) half.reset(new std::uint64_t[units_]);
}

AppendStatus WriteQueue::push(const WriteEntry& entry, const void* body, Deadline deadline) noexcept {
  AppendStatus status = try_push(entry, body);
  if (status != AppendStatus::full || deadline == Deadline{}) return status;
  space_->await(
      [&] {
        status = try_push(entry, body);
        return status != AppendStatus::full;
      },
      deadline);
  return status;
}

AppendStatus WriteQueue::try_push(const WriteEntry& entry, const void* body) noexcept {
  const std::uint64_t units = entry.size() / 8;
  if (units > units_) return AppendStatus::too_large;
  // relaxed: validated by the CAS.
  std::uint64_t seen = word_->load(std::memory_order_relaxed);
  do {
    if ((seen & kClosed) != 0) return AppendStatus::closed;
    if (units_of(seen) + units > units_) return AppendStatus::full;
    // (1) - acquire: synchronizes with take() (2), which has read the half before; the additions of other pushes belong
    // to its release sequence. The word says all there is to know, so it does not matter how often it changed and came
    // back.
  } while (!word_->compare_exchange_weak(seen, seen + kEntry + units, std::memory_order_acquire,
                                         std::memory_order_relaxed));
  auto* const place = reinterpret_cast<std::byte*>(memory_[half_of(seen)].get() + units_of(seen));
  std::memcpy(place, &entry, sizeof entry);
  if (entry.bytes > 0) std::memcpy(place + sizeof entry, body, entry.bytes);
  // (3) - release: synchronizes with await_written() (4), which reads what was copied.
  written_[half_of(seen)]->fetch_add(units, std::memory_order_release);
  if (units_of(seen) == 0) work_->notify_one();
  return AppendStatus::queued;
}

WriteBatch WriteQueue::take() noexcept {
  std::uint64_t seen = 0;
  work_->await([&] {
    // relaxed: the entries are ordered by (4), and a word that is out of date is looked at again after preparing.
    seen = word_->load(std::memory_order_relaxed);
    return units_of(seen) > 0 || (seen & kClosed) != 0;
  });
  // relaxed: a failed attempt only reads the word again.
  // (2) - release: synchronizes with pushes into the half that becomes active (1).
  while (!word_->compare_exchange_weak(seen, (seen & kClosed) | (~seen & kHalf), std::memory_order_release,
                                       std::memory_order_relaxed)) {
  }
  space_->notify_all();
  const std::size_t half = half_of(seen);
  await_written(half, units_of(seen));
  // relaxed: the next to add to it has the half by (1) after (2).
  written_[half]->store(0, std::memory_order_relaxed);
  return {reinterpret_cast<const WriteEntry*>(memory_[half].get()), entries_of(seen)};
}

void WriteQueue::await_written(std::size_t half, std::uint64_t units) noexcept {
  // (4) - acquire: synchronizes with every push into the half (3).
  for (unsigned looks = 0; written_[half]->load(std::memory_order_acquire) != units; ++looks) {
    if (looks < 100) {
      cpu_relax();
    } else {
      sched_yield();  // the one who copies may not be running
    }
  }
}

void WriteQueue::close() noexcept {
  // relaxed: who sees the flag reads nothing else because of it.
  word_->fetch_or(kClosed, std::memory_order_relaxed);
  work_->notify_one();
  space_->notify_all();
}

std::uint64_t WriteQueue::size() const noexcept {
  // relaxed: may be out of date as soon as it is read.
  return entries_of(word_->load(std::memory_order_relaxed));
}

}  // namespace crosstalk::pool
