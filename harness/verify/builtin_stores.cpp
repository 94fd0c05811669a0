// Our stores of messages, files and buffers, and the program's own files, as the verifier calls them.
#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "harness/output_file.h"
#include "harness/scratch_folder.h"
#include "harness/verify/component.h"
#include "harness/verify/durable_cases.h"
#include "harness/verify/service_cases.h"
#include "pool/resources/buffer_pool.h"
#include "pool/resources/faulty_files.h"
#include "pool/resources/file_error.h"
#include "pool/resources/file_store.h"
#include "pool/resources/message_store.h"
#include "pool/resources/sqlite_transaction.h"

namespace crosstalk::harness::verify {

namespace {

class OurMessages final : public DurableStore {
 public:
  explicit OurMessages(const StorePlace& place) : store_(options_of(place)) {}

  void append(std::uint64_t first, std::uint64_t count, const Told& told) override {
    Batch batch(told);
    std::uint64_t queued = 0;
    for (std::uint64_t number = first; number < first + count; ++number) {
      const std::string body = "message " + std::to_string(number) + std::string(100, '.');
      const pool::NewMessage message{.room = 1,
                                     .sender = 2,
                                     .sequence = number,
                                     .time_ns = static_cast<std::int64_t>(number),
                                     .body = body.data(),
                                     .bytes = static_cast<std::uint32_t>(body.size())};
      const auto status = store_.append(message, {&Batch::complete, &batch, number}, pool::kNoDeadline);
      if (status == pool::AppendStatus::queued) {
        ++queued;
        continue;
      }
      const std::lock_guard guard(batch.mutex);
      told(number, false);
    }
    // acquire: pairs with the release in complete().
    for (std::uint64_t done = batch.done.load(std::memory_order_acquire); done < queued;
         done = batch.done.load(std::memory_order_acquire)) {
      batch.done.wait(done, std::memory_order_acquire);
    }
    const std::lock_guard last_one_has_left(batch.mutex);
  }
  std::vector<std::uint64_t> stored() override {
    std::vector<std::uint64_t> numbers;
    for (const auto& message : store_.history(1, pool::kLastSequence, ~std::size_t{0}))
      numbers.push_back(message.sequence);
    return numbers;
  }
  std::string integrity() override { return store_.integrity(); }
  void close() override { store_.close(); }

 private:
  struct Batch {
    explicit Batch(const Told& whom) : told(whom) {}
    static void complete(void* self, std::uint64_t number, pool::StoreResult result) noexcept {
      auto& batch = *static_cast<Batch*>(self);
      const std::lock_guard guard(batch.mutex);
      batch.told(number, result.ok());
      // release: pairs with the acquire in append().
      batch.done.fetch_add(1, std::memory_order_release);
      batch.done.notify_all();
    }
    const Told& told;
    std::mutex mutex;  // one at a time calls `told`
    std::atomic<std::uint64_t> done{0};
  };
  static pool::MessageStoreOptions options_of(const StorePlace& place) {
    pool::MessageStoreOptions options;
    options.path = place.file;
    options.vfs = place.vfs;
    options.max_pages = place.max_pages;
    options.busy_time = place.busy_time;
    options.queue_bytes = 1 << 16;
    options.checkpoint_pages = 8;
    // A kill loses nothing at any level; what a disk does with a sync is tried where it is made to fail.
    options.durability = place.vfs.empty() ? pool::Durability::none : pool::Durability::full;
    return options;
  }
  pool::MessageStore store_;
};

// A store of files in a folder of its file's; failing calls are its own.
void put_file(const std::string& file, const std::string& text, pool::FileCalls& calls) {
  const std::filesystem::path path(file);
  pool::FileStoreOptions options;
  options.durability = pool::FileDurability::none;
  options.on_existing = pool::OnExisting::replace;
  options.calls = &calls;
  pool::FileStore store(path.parent_path(), options);
  store.put(path.filename().string(), std::as_bytes(std::span(text)));
}
void put_file_failing(const std::string& file, const std::string& text, std::int64_t call) {
  pool::FaultyFiles calls;
  calls.fail_at(call, EIO);
  put_file(file, text, calls);
}
std::string read_file(const std::string& file) {
  const std::filesystem::path path(file);
  const std::vector<std::byte> bytes = pool::FileStore(path.parent_path()).read(path.filename().string());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void rewrite_by_output_file(const std::string& file, const std::string& text) {
  OutputFile output(file);
  output.stream() << text;
  output.commit();
}

// The places of a file store for uploads, lent like connections.
class OurUploads final : public ConnectionsOnTrial {
 public:
  explicit OurUploads(unsigned most)
      : folder_(std::filesystem::temp_directory_path()), store_(folder_.path(), options_of(most)) {}

  int acquire(std::chrono::nanoseconds time) override {
    try {
      pool::FileUpload upload =
          store_.begin_until("file", pool::OnExisting::replace, pool::deadline_in(time));
      const std::lock_guard guard(mutex_);
      for (std::size_t i = 0; i < open_.size(); ++i) {
        if (open_[i]) continue;
        open_[i].emplace(std::move(upload));
        return static_cast<int>(i);
      }
      return static_cast<int>(open_.size());  // not reached: more are open than there are places
    } catch (const pool::FileError& error) {
      if (error.fault() != pool::FileFault::timed_out) throw;
      return -1;
    }
  }
  void give_back(int connection) override {
    std::optional<pool::FileUpload> upload;
    const std::lock_guard guard(mutex_);
    upload.swap(open_[static_cast<std::size_t>(connection)]);
  }

 private:
  static pool::FileStoreOptions options_of(unsigned most) {
    pool::FileStoreOptions options;
    options.uploads_max = most;
    options.durability = pool::FileDurability::none;
    return options;
  }
  const ScratchFolder folder_;
  pool::FileStore store_;
  std::mutex mutex_;  // guards the uploads' places
  std::array<std::optional<pool::FileUpload>, 64> open_;
};

class OurBuffers final : public ConnectionsOnTrial {
 public:
  explicit OurBuffers(unsigned most)
      : pool_({.block_bytes = 64,
               .blocks_max = most,
               .thread_cache_blocks = 1,
               .checks = pool::BufferChecks::on,
               .on_fault = {}}) {}

  int acquire(std::chrono::nanoseconds time) override {
    pool::Buffer buffer = pool_.acquire_until(pool::deadline_in(time));
    if (!buffer) return -1;
    std::byte* const block = buffer.detach();
    const std::lock_guard guard(mutex_);
    const auto known = numbers_.try_emplace(block, static_cast<int>(numbers_.size())).first;
    blocks_[static_cast<std::size_t>(known->second)] = block;
    return known->second;
  }
  void give_back(int connection) override { pool_.give_back(block_of(connection)); }

 private:
  std::byte* block_of(int number) {
    const std::lock_guard guard(mutex_);
    return blocks_[static_cast<std::size_t>(number)];
  }
  pool::BufferPool pool_;
  std::mutex mutex_;  // guards the two below
  std::map<std::byte*, int> numbers_;
  std::array<std::byte*, 64> blocks_{};
};

void add_files(std::vector<Component>& all) {
  std::vector<VerifyCase> cases =
      file_cases({.write = [](const std::string& file,
                              const std::string& text) { put_file(file, text, pool::FileCalls::usual()); },
                  .read = read_file,
                  .write_failing = put_file_failing});
  for (VerifyCase& one : connection_cases({[](unsigned most) { return std::make_unique<OurUploads>(most); },
                                           pool::ConnectionPoolContract{}})) {
    one.name = "uploads: " + one.name;
    cases.push_back(std::move(one));
  }
  all.push_back({.name = "files/file_store",
                 .promises = "a file is there as it was or as it is to be, at most so many uploads at once",
                 .cases = std::move(cases)});
  all.push_back({.name = "files/output_file",
                 .promises = "a file is there as it was or as it is to be",
                 .cases = file_cases({.write = rewrite_by_output_file, .read = whole_file})});
}

}  // namespace

void add_builtin_stores(std::vector<Component>& all) {
  all.push_back({.name = "buffers/buffer_pool",
                 .promises = "at most so many blocks are out, none to two holders, none lost",
                 .cases = connection_cases({[](unsigned most) { return std::make_unique<OurBuffers>(most); },
                                            pool::ConnectionPoolContract{}})});
  all.push_back(
      {.name = "store/message_store",
       .promises = "what was acknowledged is stored, once, and survives the process",
       .cases = durable_cases({[](const StorePlace& place) { return std::make_unique<OurMessages>(place); },
                               pool::kStoreContract})});
  all.push_back(
      {.name = "store/sqlite_transaction",
       .promises = "all of it or nothing, no update lost, tried again as a whole",
       .cases = transaction_cases([](pool::SqliteConnection& connection, const std::function<void()>& work) {
         pool::run_transaction(connection, {.time = std::chrono::hours(1), .on_retry = {}}, work);
       })});
  add_files(all);
}

}  // namespace crosstalk::harness::verify
