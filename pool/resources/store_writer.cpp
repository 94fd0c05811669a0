#include "pool/resources/store_writer.h"

#include <algorithm>
#include <exception>
#include <new>
#include <stdexcept>

namespace crosstalk::pool {

namespace {

thread_local const StoreWriter* this_threads_writer = nullptr;

}  // namespace

StoreWriter::StoreWriter(const MessageStoreOptions& options, Pool& pool)
    : options_(options),
      pool_(pool),
      busy_{options.busy_time,
            [this] {
              const std::lock_guard lock(books_);
              ++stats_.busy_retries;
            }},
      queue_(options.queue_bytes),
      faults_(options.batch_entries),
      thread_([this] { run(); }) {}

StoreWriter::~StoreWriter() {
  close();
}

AppendStatus StoreWriter::append(const WriteEntry& entry, const void* body, Deadline deadline) noexcept {
  const AppendStatus status = queue_.push(entry, body, Deadline{});
  if (status != AppendStatus::full || deadline == Deadline{} || on_own_thread()) return status;
  return queue_.push(entry, body, deadline);
}

void StoreWriter::close() {
  if (on_own_thread()) throw std::logic_error("MessageStore: must not be closed from a completion");
  queue_.close();
  const std::lock_guard lock(join_);
  if (thread_.joinable()) thread_.join();
}

bool StoreWriter::on_own_thread() const noexcept {
  return this_threads_writer == this;
}

void StoreWriter::run() noexcept {
  this_threads_writer = this;
  for (;;) {
    const WriteBatch batch = queue_.take();
    if (batch.entries == 0) break;
    {
      const std::lock_guard lock(books_);
      stats_.appended += batch.entries;
    }
    WriteBatch part{batch.first, 0};
    for (std::size_t left = batch.entries; left > 0; left -= part.entries) {
      part.entries = std::min<std::size_t>(left, options_.batch_entries);
      part.first = write(part);
    }
  }
  lease_ = {};
}

// Returns the entry after the batch.
const WriteEntry* StoreWriter::write(const WriteBatch& batch) noexcept {
  const StoreResult result = commit(batch);
  count(batch, result);
  const WriteEntry* entry = batch.first;
  for (std::size_t i = 0; i < batch.entries; ++i) {
    // What comes next is found first: a completion may free what the entry's words point to, but not the entry.
    const WriteEntry* const next = &entry->next();
    entry->completion(result.ok() ? StoreResult{faults_[i], 0} : result);
    entry = next;
  }
  if (result.ok()) checkpoint_if_due();
  return entry;
}

StoreResult StoreWriter::commit(const WriteBatch& batch) noexcept {
  try {
    StoreConnection& connection = this->connection();
    run_transaction(connection.database(), busy_, [&] {
      const WriteEntry* entry = batch.first;
      for (std::size_t i = 0; i < batch.entries; ++i, entry = &entry->next()) {
        faults_[i] = connection.write(*entry);
      }
    });
    return {};
  } catch (const StoreError& error) {
    note_error(error.what());
    if (error.fault() != StoreFault::busy || (lease_ && lease_->database().in_transaction()))
      drop_connection();
    return {error.fault(), error.sqlite_code()};
  } catch (const std::bad_alloc& error) {
    note_error(error.what());
    drop_connection();
    return {StoreFault::no_memory, 0};
  } catch (const std::exception& error) {
    note_error(error.what());
    drop_connection();
    return {StoreFault::other, 0};
  }
}

void StoreWriter::count(const WriteBatch& batch, StoreResult result) noexcept {
  std::uint64_t faulty = batch.entries;
  if (result.ok()) {
    const auto last = faults_.begin() + static_cast<std::ptrdiff_t>(batch.entries);
    const auto bad = [](StoreFault fault) { return fault != StoreFault::none; };
    faulty = static_cast<std::uint64_t>(std::count_if(faults_.begin(), last, bad));
  }
  const std::lock_guard lock(books_);
  ++stats_.batches;
  stats_.batch_peak = std::max<std::uint64_t>(stats_.batch_peak, batch.entries);
  stats_.acknowledged += batch.entries - faulty;
  stats_.failed += faulty;
  if (result.ok()) {
    stats_.duplicates += faulty;
  } else {
    ++stats_.batches_failed;
  }
}

// After the acknowledgements, so that they do not wait for it.
void StoreWriter::checkpoint_if_due() noexcept {
  const auto pages = static_cast<std::uint64_t>(lease_->log_pages());
  if (pages < options_.checkpoint_pages) return;
  // Readers that follow each other closely keep the log from starting anew; at some length it is worth a wait.
  constexpr std::uint64_t kTooLong = 4;
  const bool too_long = pages / kTooLong >= options_.checkpoint_pages;
  bool good = true;
  try {
    if (too_long) lease_->database().wait_for_lock(std::chrono::milliseconds(100));
    lease_->checkpoint(too_long ? StoreConnection::Readers::wait : StoreConnection::Readers::leave_alone);
    lease_->database().wait_for_lock(std::chrono::milliseconds(0));
  } catch (const StoreError& error) {
    good = false;
    note_error(error.what());
    drop_connection();
  }
  const std::lock_guard lock(books_);
  ++(good ? stats_.checkpoints : stats_.checkpoints_failed);
}

StoreConnection& StoreWriter::connection() {
  // Nothing is acknowledged into a file that was deleted or replaced.
  if (lease_ && !lease_->fit_for_use()) drop_connection();
  if (!lease_) {
    lease_ = pool_.acquire_for(options_.read_time);
    if (!lease_) {
      throw StoreError(StoreFault::busy, 0, options_.path, "write", "no connection came free for the writer");
    }
    // run_transaction() waits for others by itself.
    lease_->database().wait_for_lock(std::chrono::milliseconds(0));
  }
  return *lease_;
}

void StoreWriter::drop_connection() noexcept {
  lease_.mark_broken();
  lease_ = {};
}

void StoreWriter::note_error(const char* text) noexcept {
  try {
    const std::lock_guard lock(books_);
    last_error_ = text;
  } catch (const std::exception&) {
    // No memory for the text: the code has to do.
  }
}

MessageStoreStats StoreWriter::stats() const {
  const std::lock_guard lock(books_);
  MessageStoreStats stats = stats_;
  const std::uint64_t waiting = queue_.size();
  stats.queued = stats.appended - stats.acknowledged - stats.failed + waiting;
  stats.appended += waiting;
  return stats;
}

std::string StoreWriter::last_error() const {
  const std::lock_guard lock(books_);
  return last_error_;
}

}  // namespace crosstalk::pool
