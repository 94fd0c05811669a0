#include "harness/store_blocker.h"

#include <chrono>

#include "pool/resources/sqlite_connection.h"
#include "pool/resources/store_error.h"

namespace crosstalk::harness {

namespace {
constexpr std::chrono::milliseconds kHold{5};
constexpr std::chrono::milliseconds kPatience{1'000};  // of waiting for the store's own transactions
}  // namespace

StoreBlocker::StoreBlocker(const std::string& database) : thread_([this, database] { run(database); }) {}

StoreBlocker::~StoreBlocker() {
  // relaxed: only the value counts; the join orders the rest.
  wish_.store(Wish::end, std::memory_order_relaxed);
  wished_.notify_all();
  thread_.join();
}

void StoreBlocker::block() noexcept {
  Wish expected = Wish::nothing;
  // relaxed (both): nothing else is handed over.
  if (wish_.compare_exchange_strong(expected, Wish::block, std::memory_order_relaxed,
                                    std::memory_order_relaxed)) {
    wished_.notify_all();
  }
}

void StoreBlocker::run(const std::string& database) noexcept {
  try {
    pool::SqliteConnection connection(
        {.path = database, .vfs = {}, .create = false, .wait_for_lock = kPatience});
    for (;;) {
      // relaxed (all): as in block().
      wished_.await([this] { return wish_.load(std::memory_order_relaxed) != Wish::nothing; });
      if (wish_.load(std::memory_order_relaxed) == Wish::end) return;
      try {
        connection.execute("BEGIN IMMEDIATE");
        times_.fetch_add(1, std::memory_order_relaxed);
        std::this_thread::sleep_for(kHold);
        connection.execute("ROLLBACK");
      } catch (const pool::StoreError&) {
        // The store's own writer was faster for a whole second: then nobody was held up.
      }
      Wish expected = Wish::block;
      wish_.compare_exchange_strong(expected, Wish::nothing, std::memory_order_relaxed,
                                    std::memory_order_relaxed);
    }
  } catch (const pool::StoreError&) {
    // The file cannot be opened; times() stays 0.
  }
}

}  // namespace crosstalk::harness
