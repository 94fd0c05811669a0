// A store that takes no notice of an error of COMMIT, and a file that is rewritten in place; each beside the same done right.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/output_file.h"
#include "harness/verify/durable_cases.h"
#include "harness/verify/specimen.h"
#include "pool/resources/faulty_files.h"
#include "pool/resources/file_descriptor.h"
#include "pool/resources/sqlite_connection.h"
#include "pool/resources/store_error.h"

namespace crosstalk::harness::verify {

namespace {

// M29: BUSY on COMMIT is ignored: acknowledged, and not stored.
class M29Store final : public StoreOnTrial {
 public:
  M29Store(const std::string& file, bool broken)
      : broken_(broken), connection_({.path = file, .vfs = {}, .create = false}) {}
  bool append(std::int64_t number) override {
    connection_.execute("BEGIN");
    connection_.execute(("INSERT INTO numbers VALUES(" + std::to_string(number) + ")").c_str());
    try {
      connection_.execute("COMMIT");
      return true;
    } catch (const pool::StoreError&) {
      connection_.execute("ROLLBACK");
      return broken_;
    }
  }

 private:
  const bool broken_;
  pool::SqliteConnection connection_;
};

// M39: tells that it has stored what it has only collected. M40: takes no notice of an error of the disk.
enum class StoreBug : std::uint8_t { none, m39_early, m40_no_notice };

class PlainStore final : public DurableStore {
 public:
  PlainStore(const StorePlace& place, StoreBug bug)
      : bug_(bug),
        busy_(place.busy_time),
        connection_({.path = place.file, .vfs = place.vfs, .create = true, .wait_for_lock = kPatience}) {
    connection_.execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; CREATE TABLE IF NOT EXISTS numbers(number INTEGER PRIMARY KEY)");
    if (place.max_pages != 0)
      connection_.execute(("PRAGMA max_page_count=" + std::to_string(place.max_pages)).c_str());
    connection_.wait_for_lock(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::min(busy_, kLongest)));
  }
  void append(std::uint64_t first, std::uint64_t count, const Told& told) override {
    for (std::uint64_t number = first; number < first + count; number += kBatch) {
      const std::lock_guard guard(mutex_);
      const std::uint64_t end = std::min(number + kBatch, first + count);
      if (bug_ == StoreBug::m39_early && !closed_) {
        for (std::uint64_t one = number; one < end; ++one) told(one, true);
      }
      const bool stored = !closed_ && write(number, end);
      if (bug_ == StoreBug::m39_early && !closed_) continue;
      for (std::uint64_t one = number; one < end; ++one)
        told(one, stored || (bug_ == StoreBug::m40_no_notice && !closed_));
    }
  }
  std::vector<std::uint64_t> stored() override {
    const std::lock_guard guard(mutex_);
    std::vector<std::uint64_t> numbers;
    const std::int64_t most = connection_.query_integer("SELECT coalesce(max(number), 0) FROM numbers");
    for (std::int64_t number = 1; number <= most; ++number) {
      const std::string sql = "SELECT count(*) FROM numbers WHERE number = " + std::to_string(number);
      if (connection_.query_integer(sql.c_str()) != 0) numbers.push_back(static_cast<std::uint64_t>(number));
    }
    return numbers;
  }
  std::string integrity() override { return connection_.query_text("PRAGMA integrity_check"); }
  void close() override {
    const std::lock_guard guard(mutex_);
    closed_ = true;
  }

 private:
  static constexpr std::uint64_t kBatch = 10;
  static constexpr std::chrono::milliseconds kPatience{60'000};
  static constexpr std::chrono::nanoseconds kLongest = kPatience;

  bool write(std::uint64_t number, std::uint64_t end) {
    try {
      connection_.execute("BEGIN IMMEDIATE");
      for (; number < end; ++number)
        connection_.execute(("INSERT INTO numbers VALUES(" + std::to_string(number) + ")").c_str());
      connection_.execute("COMMIT");
      return true;
    } catch (const pool::StoreError&) {
      if (connection_.in_transaction()) connection_.execute("ROLLBACK");
      return false;
    }
  }

  const StoreBug bug_;
  const std::chrono::nanoseconds busy_;
  std::mutex mutex_;  // guards the connection
  pool::SqliteConnection connection_;
  bool closed_ = false;
};

std::vector<VerifyCase> plain_store_cases(StoreBug bug) {
  return durable_cases({[bug](const StorePlace& place) { return std::make_unique<PlainStore>(place, bug); }});
}

// M41: reads before it has the write lock, and writes what it has made of that.
std::vector<VerifyCase> m41_cases(bool broken) {
  return transaction_cases([broken](pool::SqliteConnection& connection, const std::function<void()>& work) {
    connection.wait_for_lock(std::chrono::milliseconds(60'000));
    connection.execute(broken ? "BEGIN" : "BEGIN IMMEDIATE");
    try {
      work();
      connection.execute("COMMIT");
    } catch (const pool::StoreError&) {
      if (connection.in_transaction()) connection.execute("ROLLBACK");
      throw;
    }
  });
}

std::vector<VerifyCase> m29_cases(bool broken) {
  return store_cases([broken](const std::string& file) { return std::make_unique<M29Store>(file, broken); });
}

// M30: the file is cut to nothing and written anew.
void rewrite_in_place(const std::string& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
}
void rewrite_beside(const std::string& file, const std::string& text) {
  OutputFile output(file);
  output.stream() << text;
  output.commit();
}

// M42: does not ask what became of a write.
void rewrite_by_calls(const std::string& file, const std::string& text, pool::FileCalls& calls, bool broken) {
  const std::filesystem::path path(file);
  const pool::FileDescriptor folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string name = path.filename().string();
  const std::string part = name + ".part";
  const auto must = [](bool good) {
    if (!good) throw std::runtime_error("a call of the system failed");
  };
  const pool::FileDescriptor to(
      calls.open(folder.get(), part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC));
  must(to.get() >= 0);
  for (std::size_t done = 0; done < text.size();) {
    const std::size_t piece = std::min<std::size_t>(text.size() - done, 16'384);
    const ssize_t written = calls.write(to.get(), text.data() + done, piece);
    if (!broken) must(written > 0);
    done += written > 0 ? static_cast<std::size_t>(written) : piece;
  }
  must(calls.rename(folder.get(), part.c_str(), name.c_str()) == 0);
}

std::vector<VerifyCase> m42_cases(bool broken) {
  return file_cases({.write =
                         [broken](const std::string& file, const std::string& text) {
                           rewrite_by_calls(file, text, pool::FileCalls::usual(), broken);
                         },
                     .read = whole_file,
                     .write_failing =
                         [broken](const std::string& file, const std::string& text, std::int64_t call) {
                           pool::FaultyFiles calls;
                           calls.fail_at(call, EIO);
                           rewrite_by_calls(file, text, calls, broken);
                         }});
}

}  // namespace

void add_durable_specimens(std::vector<Specimen>& all) {
  const auto add = [&all](const char* name, SpecimenKind kind, const char* bug, std::vector<VerifyCase> cases,
                          const char* property) {
    all.push_back({.name = name,
                   .kind = kind,
                   .bug = bug,
                   .cases = std::move(cases),
                   .properties = {property},
                   .of_the_chapter = false,
                   .layer = "disk"});
  };
  add("M29", SpecimenKind::mutant, "an error of COMMIT is ignored", m29_cases(true),
      "acknowledged is stored");
  add("M29", SpecimenKind::twin, "without the bug", m29_cases(false), "acknowledged is stored");
  add("M30", SpecimenKind::mutant, "a file is rewritten in place",
      file_cases({.write = rewrite_in_place, .read = whole_file}), "old or new");
  add("M30", SpecimenKind::twin, "without the bug: the program's own OutputFile",
      file_cases({.write = rewrite_beside, .read = whole_file}), "old or new");
  const char* const acked = "acknowledged is stored";
  add("M39", SpecimenKind::mutant, "acknowledges what it has only collected",
      plain_store_cases(StoreBug::m39_early), acked);
  add("M39", SpecimenKind::twin, "without the bug", plain_store_cases(StoreBug::none), acked);
  add("M40", SpecimenKind::mutant, "an error of the disk is ignored",
      plain_store_cases(StoreBug::m40_no_notice), acked);
  add("M40", SpecimenKind::twin, "without the bug", plain_store_cases(StoreBug::none), acked);
  add("M41", SpecimenKind::mutant, "a transaction reads before it has the write lock", m41_cases(true),
      "the whole again");
  add("M41", SpecimenKind::twin, "without the bug", m41_cases(false), "the whole again");
  add("M42", SpecimenKind::mutant, "nobody asks what became of a write", m42_cases(true), "old or new");
  add("M42", SpecimenKind::twin, "without the bug", m42_cases(false), "old or new");
}

}  // namespace crosstalk::harness::verify
