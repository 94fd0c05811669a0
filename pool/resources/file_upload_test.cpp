#include "pool/resources/file_upload.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pool/resources/file_checksum.h"
#include "pool/resources/file_store_test_help.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("an upload in chunks is there whole after commit, and not before", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  const FileBytes contents = file_bytes(10'000);
  FileUpload upload = store.begin("a");
  const std::span<const std::byte> all(contents);
  upload.write(all.first(1));
  upload.write({});
  upload.write(all.subspan(1, 4'999));
  upload.write(all.subspan(5'000));
  CHECK(upload.bytes() == 10'000);
  CHECK(upload.checksum() == file_checksum(contents));
  CHECK_FALSE(store.contains("a"));
  CHECK(store.list().empty());
  CHECK(partials_in(folder).size() == 1);
  const FileTrailer stored = upload.commit(file_checksum(contents));
  CHECK(stored.bytes == 10'000);
  CHECK(stored.checksum == file_checksum(contents));
  CHECK(store.read("a") == contents);
  CHECK(store.list() == std::vector<std::string>{"a"});
  CHECK(partials_in(folder).empty());
  CHECK((std::filesystem::status(file_at(folder, "a")).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("an upload that is not committed leaves nothing", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  {
    FileUpload upload = store.begin("a");
    upload.write(file_bytes(1'000));
  }
  FileUpload discarded = store.begin("b");
  discarded.discard();
  discarded.discard();
  CHECK_FALSE(discarded.open());
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(store.stats().discarded == 2);
  CHECK(file_balance(store.stats(), 2));
}

TEST_CASE("a checksum that is not the sender's leaves nothing, and the file that was there",
          "[pool][file_store]") {
  const StoreFolder folder;
  FileStoreOptions options = file_options();
  options.on_existing = OnExisting::replace;
  FileStore store(folder.path(), options);
  const FileBytes old = file_bytes(100, 1);
  store.put("a", old);
  const FileBytes sent = file_bytes(100, 2);
  for (const char* name : {"a", "b"}) {
    CHECK(file_fault([&] { store.put(name, sent, file_checksum(sent) ^ 1); }) == FileFault::checksum);
  }
  CHECK(store.read("a") == old);
  CHECK(store.list() == std::vector<std::string>{"a"});
  CHECK(partials_in(folder).empty());
  CHECK(store.stats().failed == 2);
  store.put("b", sent, file_checksum(sent));
  CHECK(store.read("b") == sent);
}

TEST_CASE("a file may be as large as the store says and not a byte larger", "[pool][file_store]") {
  const StoreFolder folder;
  FileStoreOptions options = file_options();
  options.file_bytes_max = 1'000;
  FileStore store(folder.path(), options);
  const FileBytes contents = file_bytes(1'001);
  const std::span<const std::byte> all(contents);
  store.put("fits", all.first(1'000));
  CHECK(store.open("fits").size() == 1'000);
  CHECK(file_fault([&] { store.put("large", all); }) == FileFault::too_large);
  FileUpload upload = store.begin("grows");
  upload.write(all.first(999));
  CHECK_THROWS_WITH(
      upload.write(all.first(2)),
      Catch::EndsWith("grows: write: a file may have 1000 bytes, this one has 999 and would get 2"));
  CHECK(store.list() == std::vector<std::string>{"fits"});
  CHECK(partials_in(folder).empty());
  CHECK(store.stats().failed == 2);
  CHECK(store.stats().bytes == 1'000);
}

TEST_CASE("an upload that has ended takes nothing more", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  FileUpload upload = store.begin("a");
  CHECK(file_fault([&] { upload.commit(1); }) == FileFault::checksum);
  CHECK_THROWS_AS(upload.write({}), std::logic_error);
  CHECK_THROWS_AS(upload.commit(), std::logic_error);
  FileUpload other = store.begin("a");
  other.commit();
  CHECK_THROWS_AS(other.commit(), std::logic_error);
  other.discard();
  CHECK(store.contains("a"));
}

TEST_CASE("an upload moves, and who is moved onto ends", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  FileUpload first = store.begin("a");
  first.write(file_bytes(10));
  FileUpload moved = std::move(first);
  CHECK_FALSE(first.open());  // NOLINT(bugprone-use-after-move): what is left is the question
  CHECK_THROWS_AS(first.write({}), std::logic_error);
  FileUpload second = store.begin("b");
  second = std::move(moved);
  CHECK(store.stats().discarded == 1);
  std::thread([&] { second.commit(); }).join();
  CHECK(store.read("a") == file_bytes(10));
  CHECK(store.list() == std::vector<std::string>{"a"});
}

TEST_CASE("a name that is taken is refused when the upload begins", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  store.put("a", file_bytes(10, 1));
  CHECK(file_fault([&] { store.put("a", file_bytes(10, 2)); }) == FileFault::exists);
  CHECK(store.read("a") == file_bytes(10, 1));
  CHECK(store.stats().refused == 1);
  CHECK(file_balance(store.stats(), 2));
}

TEST_CASE("of two uploads of a name the first that commits has it, the other is refused",
          "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  FileUpload first = store.begin("a");
  FileUpload second = store.begin("a");
  first.write(file_bytes(10, 1));
  second.write(file_bytes(20, 2));
  second.commit();
  CHECK(file_fault([&] { first.commit(); }) == FileFault::exists);
  CHECK(store.read("a") == file_bytes(20, 2));
  CHECK(partials_in(folder).empty());
  CHECK(store.stats().failed == 1);
}

TEST_CASE("of two uploads that replace the last that commits has the name", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  FileUpload first = store.begin("a", OnExisting::replace);
  FileUpload second = store.begin("a", OnExisting::replace);
  first.write(file_bytes(10, 1));
  second.write(file_bytes(20, 2));
  second.commit();
  first.commit();
  CHECK(store.read("a") == file_bytes(10, 1));
  CHECK(partials_in(folder).empty());
}

TEST_CASE("more uploads than places wait until their deadline, and begin when a place is free",
          "[pool][file_store]") {
  const StoreFolder folder;
  FileStoreOptions options = file_options();
  options.uploads_max = 2;
  options.wait_time = std::chrono::nanoseconds(0);
  FileStore store(folder.path(), options);
  FileUpload first = store.begin("a");
  FileUpload second = store.begin("b");
  CHECK(store.stats().active == 2);
  CHECK(file_fault([&] { static_cast<void>(store.begin("c")); }) == FileFault::timed_out);
  const auto soon = deadline_in(std::chrono::milliseconds(2));
  CHECK(file_fault([&] { static_cast<void>(store.begin_until("c", OnExisting::refuse, soon)); }) ==
        FileFault::timed_out);
  CHECK(std::chrono::steady_clock::now() >= soon);
  CHECK(store.stats().timed_out == 2);
  CHECK(store.stats().waited == 2);
  CHECK(store.stats().longest_wait > std::chrono::nanoseconds(0));
  CHECK(partials_in(folder).size() == 2);
  bool stored = false;
  std::thread waiter([&] {
    FileUpload third = store.begin_until("c", OnExisting::refuse, kNoDeadline);
    third.commit();
    stored = true;
  });
  while (store.stats().waiting == 0) std::this_thread::yield();
  CHECK(store.stats().active == 2);
  first.commit();
  waiter.join();
  CHECK(stored);
  CHECK(store.stats().waiting == 0);
  CHECK(store.stats().active == 1);
}

TEST_CASE("the place of an upload comes back however it ends", "[pool][file_store]") {
  const StoreFolder folder;
  FileStoreOptions options = file_options();
  options.uploads_max = 1;
  options.wait_time = std::chrono::nanoseconds(0);
  options.file_bytes_max = 10;
  FileStore store(folder.path(), options);
  store.put("a", {});                                                                  // commit
  CHECK(file_fault([&] { store.put("b", file_bytes(11)); }) == FileFault::too_large);  // error of write()
  CHECK(file_fault([&] { store.put("b", {}, 1); }) == FileFault::checksum);            // error of commit()
  CHECK(file_fault([&] { store.put("a", {}); }) == FileFault::exists);                 // error of begin()
  CHECK(file_fault([&] { store.put("../b", {}); }) == FileFault::bad_name);            // had none yet
  store.begin("b").discard();
  static_cast<void>(store.begin("b"));  // destroyed
  FileUpload upload = store.begin("c");
  CHECK(file_fault([&] { static_cast<void>(store.begin("d")); }) == FileFault::timed_out);
  FileUpload moved = std::move(upload);
  CHECK(file_fault([&] { static_cast<void>(store.begin("d")); }) == FileFault::timed_out);
  moved.discard();
  store.put("d", {});
  CHECK(store.stats().active == 0);
  CHECK(file_balance(store.stats(), 11));
}

TEST_CASE("close wakes all who wait for a place, refuses who comes, and lets open uploads end",
          "[pool][file_store]") {
  const StoreFolder folder;
  FileStoreOptions options = file_options();
  options.uploads_max = 1;
  FileStore store(folder.path(), options);
  FileUpload upload = store.begin("a");
  std::atomic<unsigned> told{0};
  std::vector<std::thread> waiters;
  for (unsigned n = 0; n < 4; ++n) {
    waiters.emplace_back([&] {
      if (file_fault([&] { static_cast<void>(store.begin("b")); }) == FileFault::closed) ++told;
    });
  }
  while (store.stats().waiting < 4) std::this_thread::yield();
  store.close();
  store.close();
  for (std::thread& waiter : waiters) waiter.join();
  CHECK(told == 4);
  CHECK(file_fault([&] { static_cast<void>(store.begin("b")); }) == FileFault::closed);
  upload.write(file_bytes(10));
  upload.commit();
  CHECK(store.read("a") == file_bytes(10));
  CHECK(file_fault([&] { static_cast<void>(store.begin("b")); }) == FileFault::closed);
  CHECK(file_balance(store.stats(), 7));
}

TEST_CASE("an upload may be committed or discarded after the end of its store", "[pool][file_store]") {
  const StoreFolder folder;
  std::optional<FileStore> store(std::in_place, folder.path(), file_options());
  FileUpload kept = store->begin("kept");
  {
    FileUpload lost = store->begin("lost");
    store.reset();
    lost.write(file_bytes(10));
  }
  kept.write(file_bytes(20));
  kept.commit();
  CHECK(partials_in(folder).empty());
  FileStore again(folder.path(), file_options());
  CHECK(again.list() == std::vector<std::string>{"kept"});
  CHECK(again.read("kept") == file_bytes(20));
}

}  // namespace
}  // namespace crosstalk::pool
