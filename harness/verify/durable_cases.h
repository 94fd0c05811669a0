// How what writes to disk is tried: a store beside others that hold its locks, a store whose disk fails at the n-th call, whose process is
// killed, that ends from all sides; transactions of several writers; a file whose writer is killed or finds the disk full.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/verify/case_run.h"
#include "pool/contracts.h"

namespace crosstalk::pool {
class SqliteConnection;
}

namespace crosstalk::harness::verify {

class StoreOnTrial {
 public:
  virtual ~StoreOnTrial() = default;
  // True: acknowledged.
  [[nodiscard]] virtual bool append(std::int64_t number) = 0;
};
// Opens a store in an SQLite file, in its table `numbers(number)`, which is there.
using AnyStore = std::function<std::unique_ptr<StoreOnTrial>(const std::string& file)>;

// A store of its own making, which is tried with faults. Contract: what was acknowledged is stored, once, also after a kill; after a fault
// it is usable; the end completes what was handed in, and may come twice and from several sides.
class DurableStore {
 public:
  using Told = std::function<void(std::uint64_t number, bool acknowledged)>;
  virtual ~DurableStore() = default;
  // Hands in the numbers from `first` on; returns when `told` has been called for each of them, on any thread, one at a time.
  virtual void append(std::uint64_t first, std::uint64_t count, const Told& told) = 0;
  // What is stored, in ascending order.
  [[nodiscard]] virtual std::vector<std::uint64_t> stored() = 0;
  // "ok", or what is damaged.
  [[nodiscard]] virtual std::string integrity() = 0;
  virtual void close() = 0;
};
struct StorePlace {
  std::string file{};
  std::string vfs{};                                           // SQLite's layer below; empty: the usual one
  std::uint64_t max_pages = 0;                                 // the disk is full then; 0: never
  std::chrono::nanoseconds busy_time = std::chrono::hours(1);  // how long it tries while others write
};
struct AnyDurableStore {
  // May throw pool::StoreError.
  std::function<std::unique_ptr<DurableStore>(const StorePlace& place)> open;
  pool::StoreContract contract{};
};

// Runs `work` as one transaction, in which it reads and writes, whatever others write meanwhile. Contract: all of it or nothing, no update
// lost, tried again as a whole while others are in the way.
using AnyTransaction =
    std::function<void(pool::SqliteConnection& connection, const std::function<void()>& work)>;

// Puts the text in the file's place, as a whole. Throws where it could not.
struct AnyRewriter {
  std::function<void(const std::string& file, const std::string& text)> write;
  std::function<std::string(const std::string& file)> read;
  // The same with the n-th call of the system failing; null: there is no way to let it fail.
  std::function<void(const std::string& file, const std::string& text, std::int64_t call)> write_failing{};
};
[[nodiscard]] std::string whole_file(const std::string& file);

[[nodiscard]] std::vector<VerifyCase> store_cases(const AnyStore& any);              // durable_cases.cpp
[[nodiscard]] std::vector<VerifyCase> file_cases(const AnyRewriter& any);            // file_cases.cpp
[[nodiscard]] std::vector<VerifyCase> durable_cases(const AnyDurableStore& any);     // store_faults.cpp
[[nodiscard]] std::vector<VerifyCase> transaction_cases(const AnyTransaction& any);  // durable_cases.cpp

}  // namespace crosstalk::harness::verify
