#include "pool/resources/file_store_core.h"

#include <algorithm>
#include <utility>

#include "pool/resources/file_error.h"

namespace crosstalk::pool {

namespace {

// relaxed (all below that count): statistics only, exact when nobody is inside a call, by whatever told the reader so.
void add_to_count(std::atomic<std::uint64_t>& count, std::uint64_t delta) noexcept {
  count.fetch_add(delta, std::memory_order_relaxed);
}

void raise_count(std::atomic<std::uint64_t>& most, std::uint64_t value) noexcept {
  // relaxed: as above.
  std::uint64_t seen = most.load(std::memory_order_relaxed);
  while (seen < value && !most.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

FileStoreOptions checked_file_options(const FileStoreOptions& options) {
  options.check();
  return options;
}

}  // namespace

FileStoreCore::FileStoreCore(std::string path, const FileStoreOptions& options)
    : options_(checked_file_options(options)),
      folder_(std::move(path), *options_.calls),
      cleaned_(folder_.remove_orphans()),
      places_(options_.uploads_max) {}

void FileStoreCore::check_open(const std::string& name) const {
  // relaxed: who was woken by close() sees it through the permit, (1) and (2) of the semaphore; to all others it may as
  // well have happened a moment later.
  if (closed_.load(std::memory_order_relaxed)) {
    throw FileError(FileFault::closed, folder_.path_of(name), "begin an upload", "the store is closed");
  }
}

void FileStoreCore::take_place(Deadline deadline, const std::string& name) {
  check_open(name);
  if (!places_.try_acquire() && !wait_for_place(deadline)) {
    check_open(name);
    throw FileError(FileFault::timed_out, folder_.path_of(name), "begin an upload",
                    "no place among " + std::to_string(options_.uploads_max) + " came free in time");
  }
  try {
    check_open(name);
  } catch (...) {
    give_place();
    throw;
  }
}

bool FileStoreCore::wait_for_place(Deadline deadline) noexcept {
  add_to_count(counts_.waited, 1);
  add_to_count(counts_.waiting, 1);
  const auto start = std::chrono::steady_clock::now();
  const bool got = places_.try_acquire_until(deadline);
  const auto waited = std::chrono::steady_clock::now() - start;
  raise_count(counts_.longest_wait_ns, static_cast<std::uint64_t>(std::chrono::nanoseconds(waited).count()));
  // relaxed: a gauge.
  counts_.waiting.fetch_sub(1, std::memory_order_relaxed);
  if (!got) add_to_count(counts_.timed_out, 1);
  return got;
}

// Never above the semaphore's most: a place is given back once, and close() adds one.
void FileStoreCore::give_place() noexcept {
  places_.release();
}

void FileStoreCore::close() noexcept {
  // relaxed: one caller gets `false`; the permit's release orders it before who takes that.
  if (!closed_.exchange(true, std::memory_order_relaxed)) places_.release();
}

void FileStoreCore::count_refused() noexcept {
  add_to_count(counts_.refused, 1);
}

void FileStoreCore::count_started() noexcept {
  add_to_count(counts_.active, 1);
  add_to_count(counts_.started, 1);
}

void FileStoreCore::count_end(UploadEnd end, std::uint64_t bytes) noexcept {
  switch (end) {
    case UploadEnd::committed:
      add_to_count(counts_.committed, 1);
      add_to_count(counts_.bytes, bytes);
      break;
    case UploadEnd::discarded:
      add_to_count(counts_.discarded, 1);
      break;
    case UploadEnd::failed:
      add_to_count(counts_.failed, 1);
      break;
  }
  // relaxed: a gauge.
  counts_.active.fetch_sub(1, std::memory_order_relaxed);
  give_place();
}

FileStoreStats FileStoreCore::stats() const noexcept {
  // relaxed: as add_to_count().
  const auto get = [](const Count& count) { return count.load(std::memory_order_relaxed); };
  return {.started = get(counts_.started),
          .refused = get(counts_.refused),
          .committed = get(counts_.committed),
          .discarded = get(counts_.discarded),
          .failed = get(counts_.failed),
          .bytes = get(counts_.bytes),
          .waited = get(counts_.waited),
          .timed_out = get(counts_.timed_out),
          .cleaned = cleaned_,
          .active = static_cast<std::uint32_t>(get(counts_.active)),
          .waiting = static_cast<std::uint32_t>(get(counts_.waiting)),
          .longest_wait = std::chrono::nanoseconds(get(counts_.longest_wait_ns))};
}

}  // namespace crosstalk::pool
