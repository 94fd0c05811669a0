// store_writer: the one thread that writes into the message store. It takes whatever is queued and commits it as one
// transaction (group commit: the busier the callers, the more share a commit), then tells everybody what became of it.
//
// Each entry that is queued is, in this order: written in a transaction, counted, completed. A transaction that fails is
// rolled back, and all of its entries are completed with the fault; an entry is never acknowledged before its COMMIT has
// succeeded. After a fault other than `busy` the connection is replaced by a new one from the pool, so that the next
// batch starts afresh.
//
// Progress: append() as WriteQueue::push(); close() blocks until everything queued is completed. One writer per file makes
// write locks a matter between processes only.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pool/resources/connection_pool.h"
#include "pool/resources/message_store_options.h"
#include "pool/resources/receipt.h"
#include "pool/resources/sqlite_transaction.h"
#include "pool/resources/store_connection.h"
#include "pool/resources/write_queue.h"

namespace crosstalk::pool {

// Exact while nobody appends and nothing is queued: appended = acknowledged + failed + queued.
struct MessageStoreStats {
  std::uint64_t appended = 0;      // entries taken into the queue
  std::uint64_t acknowledged = 0;  // committed
  std::uint64_t failed = 0;        // completed with a fault
  std::uint64_t queued = 0;        // waiting, or being written
  std::uint64_t duplicates = 0;    // of the failed: the message was there already
  std::uint64_t batches = 0;       // transactions tried to the end
  std::uint64_t batches_failed = 0;
  std::uint64_t batch_peak = 0;    // entries of the largest
  std::uint64_t busy_retries = 0;  // transactions run again because others held the database
  std::uint64_t checkpoints = 0;   // the log was moved into the file
  std::uint64_t checkpoints_failed = 0;
};

class StoreWriter {
 public:
  using Pool = ConnectionPool<StoreConnection>;

  // Starts the thread. The pool must outlive the writer. Throws std::bad_alloc, std::system_error.
  StoreWriter(const MessageStoreOptions& options, Pool& pool);
  ~StoreWriter();
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  // From a completion it does not wait for space, as it would wait for itself.
  [[nodiscard]] AppendStatus append(const WriteEntry& entry, const void* body, Deadline deadline) noexcept;

  // Takes nothing more in, completes what is queued, ends the thread. Idempotent; concurrent callers all return after the
  // end. Throws std::logic_error from a completion.
  void close();

  // Whether this is the writer's thread, inside a completion.
  [[nodiscard]] bool on_own_thread() const noexcept;
  [[nodiscard]] MessageStoreStats stats() const;
  // What the last failure said; empty if there was none.
  [[nodiscard]] std::string last_error() const;

 private:
  void run() noexcept;
  const WriteEntry* write(const WriteBatch& batch) noexcept;
  StoreResult commit(const WriteBatch& batch) noexcept;
  void count(const WriteBatch& batch, StoreResult result) noexcept;
  void checkpoint_if_due() noexcept;
  StoreConnection& connection();
  void drop_connection() noexcept;
  void note_error(const char* text) noexcept;

  const MessageStoreOptions options_;
  Pool& pool_;
  const BusyPolicy busy_;
  WriteQueue queue_;
  Pool::Lease lease_;               // the writer's own; empty before the first batch and after a fault
  std::vector<StoreFault> faults_;  // of the entries of the batch being written
  mutable std::mutex books_;        // guards the two members below
  MessageStoreStats stats_;         // without what waits in the queue
  std::string last_error_;
  std::mutex join_;     // guards joining the thread
  std::thread thread_;  // last: it uses everything above
};

}  // namespace crosstalk::pool
