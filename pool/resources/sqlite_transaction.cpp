#include "pool/resources/sqlite_transaction.h"

#include <algorithm>
#include <thread>

#include "pool/resources/store_error.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

namespace {

void try_transaction(SqliteConnection& connection, const std::function<void()>& work) {
  try {
    connection.execute("BEGIN IMMEDIATE");
    work();
    connection.execute("COMMIT");
  } catch (...) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    throw;
  }
}

}  // namespace

void run_transaction(SqliteConnection& connection, const BusyPolicy& policy,
                     const std::function<void()>& work) {
  const Deadline deadline = deadline_in(policy.time);
  std::chrono::nanoseconds pause = std::chrono::microseconds(50);
  for (;;) {
    try {
      return try_transaction(connection, work);
    } catch (const StoreError& error) {
      if (error.fault() != StoreFault::busy || std::chrono::steady_clock::now() >= deadline) throw;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min<std::chrono::nanoseconds>(pause * 2, std::chrono::milliseconds(5));
    if (policy.on_retry) policy.on_retry();
  }
}

}  // namespace crosstalk::pool
