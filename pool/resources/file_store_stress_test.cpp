// The file store under all threads at once, on few names.
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "pool/resources/file_store.h"
#include "pool/resources/file_store_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

constexpr std::size_t kFileStep = 3'001;
constexpr unsigned kFileKinds = 7;
constexpr std::array<const char*, 3> kHotNames{"a", "b", "c"};

// A file's contents follow from its length, so that a mixture of two shows.
const FileBytes& stress_contents(std::size_t kind) {
  static const std::vector<FileBytes> all = [] {
    std::vector<FileBytes> made;
    for (unsigned n = 0; n < kFileKinds; ++n) made.push_back(file_bytes(n * kFileStep, n));
    return made;
  }();
  return all[kind];
}

struct FileTally {
  std::uint64_t begun = 0;
  std::uint64_t committed = 0;
  std::uint64_t discarded = 0;
  std::uint64_t failed = 0;
  std::uint64_t refused = 0;
  std::uint64_t bytes = 0;
  std::uint64_t surprises = 0;  // what must not happen
};

void upload_once(FileStore& store, const char* name, unsigned n, FileTally& tally) {
  const FileBytes& contents = stress_contents(n % kFileKinds);
  ++tally.begun;
  bool started = false;
  const auto fault = file_fault([&] {
    const Deadline deadline = n % 5 == 0 ? Deadline::min() : kNoDeadline;
    FileUpload upload =
        store.begin_until(name, n % 3 == 0 ? OnExisting::refuse : OnExisting::replace, deadline);
    started = true;
    for (std::size_t from = 0; from < contents.size(); from += kFileStep) {
      upload.write(std::span(contents).subspan(from, kFileStep));
    }
    if (n % 11 == 0) {
      upload.discard();
      ++tally.discarded;
      return;
    }
    if (n % 13 == 0) {
      upload.commit(upload.checksum() + 1);
    } else {
      upload.commit(upload.checksum());
    }
    ++tally.committed;
    tally.bytes += contents.size();
  });
  if (!fault) return;
  ++(started ? tally.failed : tally.refused);
  if (*fault != FileFault::exists && *fault != FileFault::checksum && *fault != FileFault::timed_out &&
      *fault != FileFault::closed) {
    ++tally.surprises;
  }
}

void read_once(const FileStore& store, const char* name, FileTally& tally) {
  const auto fault = file_fault([&] {
    const FileReader reader = store.open(name);
    const FileBytes contents = reader.read_all();
    if (contents.size() % kFileStep != 0 || contents != stress_contents(contents.size() / kFileStep))
      ++tally.surprises;
    if (!reader.verify()) ++tally.surprises;
  });
  if (fault && *fault != FileFault::not_found) ++tally.surprises;
}

void check_tallies(const std::vector<FileTally>& tallies, const FileStoreStats& stats) {
  FileTally sum;
  for (const FileTally& tally : tallies) {
    sum.begun += tally.begun;
    sum.committed += tally.committed;
    sum.discarded += tally.discarded;
    sum.failed += tally.failed;
    sum.refused += tally.refused;
    sum.bytes += tally.bytes;
    sum.surprises += tally.surprises;
  }
  REQUIRE(sum.surprises == 0);
  REQUIRE(stats.active == 0);
  REQUIRE(stats.waiting == 0);
  REQUIRE(file_balance(stats, sum.begun));
  REQUIRE(stats.committed == sum.committed);
  REQUIRE(stats.discarded == sum.discarded);
  REQUIRE(stats.failed == sum.failed);
  REQUIRE(stats.refused == sum.refused);
  REQUIRE(stats.bytes == sum.bytes);
}

TEST_CASE("all threads upload, replace, read and remove few names: no half file, no count lost",
          "[pool][file_store][stress]") {
  for (unsigned round = 0; round < stress_rounds(30); ++round) {
    const StoreFolder folder;
    FileStoreOptions options = file_options();
    options.uploads_max = 1 + round % 4;
    FileStore store(folder.path(), options);
    std::vector<FileTally> tallies(6);
    std::vector<std::thread> threads;
    for (unsigned id = 0; id < tallies.size(); ++id) {
      threads.emplace_back([&, id] {
        for (unsigned n = id; n < 60 + id; ++n) {
          const char* const name = kHotNames[(n * 7 + id) % kHotNames.size()];
          if (n % 4 == 1) {
            read_once(store, name, tallies[id]);
          } else if (n % 9 == 2) {
            store.remove(name);
          } else if (n % 15 == 3) {
            for (const std::string& listed : store.list()) read_once(store, listed.c_str(), tallies[id]);
          } else {
            upload_once(store, name, n, tallies[id]);
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    check_tallies(tallies, store.stats());
    REQUIRE(partials_in(folder).empty());
    for (const char* name : kHotNames) read_once(store, name, tallies[0]);
    REQUIRE(tallies[0].surprises == 0);
  }
}

TEST_CASE("stores that are opened all the time harm no upload", "[pool][file_store][stress]") {
  for (unsigned round = 0; round < stress_rounds(10); ++round) {
    const StoreFolder folder;
    FileStore store(folder.path(), file_options());
    std::atomic<unsigned> uploading{3};
    std::vector<FileTally> tallies(3);
    std::vector<std::thread> threads;
    for (FileTally& tally : tallies) {
      threads.emplace_back([&] {
        for (unsigned n = 0; n < 60; ++n)
          upload_once(store, kHotNames[n % kHotNames.size()], 5 * n + 1, tally);
        --uploading;
      });
    }
    for (unsigned opener = 0; opener < 2; ++opener) {
      threads.emplace_back([&] {
        while (uploading > 0) FileStore(folder.path(), file_options());
      });
    }
    for (std::thread& thread : threads) thread.join();
    check_tallies(tallies, store.stats());
    REQUIRE(store.stats().committed > 0);
    FileStore again(folder.path(), file_options());
    REQUIRE(partials_in(folder).empty());
  }
}

TEST_CASE("nobody hangs and no place is lost when a store is closed among those who wait",
          "[pool][file_store][stress]") {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    const StoreFolder folder;
    FileStoreOptions options = file_options();
    options.uploads_max = 1;
    FileStore store(folder.path(), options);
    std::vector<FileTally> tallies(5);
    std::vector<std::thread> threads;
    for (FileTally& tally : tallies) {
      threads.emplace_back([&] {
        for (unsigned n = 1; n < 12; ++n) upload_once(store, kHotNames[n % kHotNames.size()], n, tally);
      });
    }
    while (store.stats().started < round % 20) std::this_thread::yield();
    store.close();
    for (std::thread& thread : threads) thread.join();
    check_tallies(tallies, store.stats());
    REQUIRE(partials_in(folder).empty());
  }
}

}  // namespace
}  // namespace crosstalk::pool
