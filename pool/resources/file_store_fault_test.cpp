// The file store on a disk that is full or fails, and with calls that are interrupted or do half of what they are asked.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "pool/resources/faulty_files.h"
#include "pool/resources/file_store.h"
#include "pool/resources/file_store_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("what the system says is told in words that a server can act upon", "[pool][file_store]") {
  for (const int code : {ENOSPC, EDQUOT, EFBIG}) CHECK(file_fault_of(code) == FileFault::full);
  for (const int code : {EACCES, EPERM, EROFS}) CHECK(file_fault_of(code) == FileFault::denied);
  for (const int code : {EMFILE, ENFILE}) CHECK(file_fault_of(code) == FileFault::too_many_open);
  CHECK(file_fault_of(EIO) == FileFault::io);
  CHECK(file_fault_of(EINVAL) == FileFault::other);
  const FileError error(ENOSPC, "folder/a", "write");
  CHECK(error.fault() == FileFault::full);
  CHECK(error.system_code() == ENOSPC);
  CHECK(error.path() == "folder/a");
  CHECK(error.what() == "folder/a: write: " + std::generic_category().message(ENOSPC));
  CHECK(to_string(FileFault::full) == "full");
  CHECK(to_string(FileFault::other) == "failed");
}

TEST_CASE("interrupted calls are tried again, and short writes and reads go on", "[pool][file_store]") {
  const StoreFolder folder;
  NarrowFiles files;
  FileStoreOptions options = file_options();
  options.durability = FileDurability::synced;
  options.calls = &files;
  const FileBytes contents = file_bytes(1'000);
  {
    FileStore store(folder.path(), options);
    store.put("a", contents);
    FileUpload upload = store.begin("a", OnExisting::replace);
    upload.write(contents);
    upload.write(contents);
    upload.commit();
    CHECK(store.open("a").verify());
    CHECK(store.open("a").size() == 2'000);
    store.put("b", contents);
    CHECK(store.list() == std::vector<std::string>{"a", "b"});
    CHECK(store.remove("a"));
    CHECK(store.stats().failed == 0);
  }
  CHECK(FileStore(folder.path(), file_options()).read("b") == contents);
}

TEST_CASE("a file system without exclusive renaming refuses a taken name as well", "[pool][file_store]") {
  for (const int code : {EINVAL, ENOSYS}) {
    const StoreFolder folder;
    PlainFiles files(code);
    FileStoreOptions options = file_options();
    options.calls = &files;
    FileStore store(folder.path(), options);
    FileUpload first = store.begin("a");
    FileUpload second = store.begin("a");
    second.write(file_bytes(20, 2));
    second.commit();
    CHECK(file_fault([&] { first.commit(); }) == FileFault::exists);
    CHECK(files.links == 2);
    CHECK(store.read("a") == file_bytes(20, 2));
    CHECK(partials_in(folder).empty());
  }
}

// As a store does that is opened in the folder between creation and lock of a partial.
class HastyCleaner : public FileCalls {
 public:
  explicit HastyCleaner(const StoreFolder& folder) : folder_(folder) {}
  int lock(int file) noexcept override {
    ++locks;
    if (locks > 2) return FileCalls::lock(file);
    for (const std::string& name : partials_in(folder_)) std::filesystem::remove(file_at(folder_, name));
    if (locks == 1) return FileCalls::lock(file);  // it was quicker with everything
    errno = EWOULDBLOCK;                           // it has the lock still
    return -1;
  }

  unsigned locks = 0;

 private:
  const StoreFolder& folder_;
};

TEST_CASE("an upload whose partial was taken for an orphan begins with another", "[pool][file_store]") {
  const StoreFolder folder;
  HastyCleaner files(folder);
  FileStoreOptions options = file_options();
  options.calls = &files;
  FileStore store(folder.path(), options);
  store.put("a", file_bytes(10));
  CHECK(files.locks == 3);
  CHECK(store.read("a") == file_bytes(10));
}

// As an upload does that is committed between the cleaner's look at its partial and its lock; whoever has the process's
// number next has taken the name again.
class HastyUploader : public FileCalls {
 public:
  explicit HastyUploader(const StoreFolder& folder) : folder_(folder) {}
  int lock(int file) noexcept override {
    const auto partial = file_at(folder_, partial_name(1, 1));
    std::filesystem::rename(partial, file_at(folder_, "done"));
    std::ofstream(partial) << "of the next";
    return FileCalls::lock(file);
  }

 private:
  const StoreFolder& folder_;
};

TEST_CASE("a partial's name that has passed to another file meanwhile is left alone", "[pool][file_store]") {
  const StoreFolder folder;
  std::ofstream(file_at(folder, partial_name(1, 1))) << "of the first";
  HastyUploader files(folder);
  FileStoreOptions options = file_options();
  options.calls = &files;
  CHECK(FileStore(folder.path(), options).stats().cleaned == 0);
  CHECK(partials_in(folder).size() == 1);
  CHECK(std::filesystem::exists(file_at(folder, "done")));
}

TEST_CASE("no file of a store is open in a program that the process starts", "[pool][file_store]") {
  const StoreFolder folder;
  const FileDescriptor file(FileCalls::usual().open(AT_FDCWD, folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  REQUIRE(file);
  CHECK((fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a folder that cannot be synced: the file is there, and the caller is told", "[pool][file_store]") {
  const StoreFolder folder;
  FaultyFiles files;
  FileStoreOptions options = file_options();
  options.durability = FileDurability::synced;
  options.calls = &files;
  FileStore store(folder.path(), options);
  FileUpload upload = store.begin("a");
  upload.write(file_bytes(10));
  files.fail_at(4, EIO);  // after the trailer's write, the file's sync and the rename
  CHECK(file_fault([&] { upload.commit(); }) == FileFault::unsynced);
  files.work_again();
  CHECK_FALSE(upload.open());
  CHECK(store.read("a") == file_bytes(10));
  CHECK(store.stats().failed == 1);
  CHECK(store.stats().active == 0);
  CHECK(partials_in(folder).empty());
}

TEST_CASE("a removal is synced as well, and the caller is told where it cannot be", "[pool][file_store]") {
  const StoreFolder folder;
  FaultyFiles files;
  FileStoreOptions options = file_options();
  options.durability = FileDurability::synced;
  options.calls = &files;
  FileStore store(folder.path(), options);
  store.put("a", file_bytes(10));
  files.fail_at(2, EIO);
  CHECK(file_fault([&] { store.remove("a"); }) == FileFault::unsynced);
  files.work_again();
  CHECK_FALSE(store.contains("a"));
}

TEST_CASE("a partial that cannot be removed goes when the next store is opened", "[pool][file_store]") {
  const StoreFolder folder;
  FaultyFiles files;
  FileStoreOptions options = file_options();
  options.calls = &files;
  FileStore store(folder.path(), options);
  FileUpload upload = store.begin("a");
  files.fail_at(1, EIO);
  upload.discard();
  CHECK(partials_in(folder).size() == 1);
  CHECK(store.stats().active == 0);
  CHECK(FileStore(folder.path(), file_options()).stats().cleaned == 1);
  CHECK(partials_in(folder).empty());
}

// Two uploads, one new and one over an old file, with one fault on the way. True if it was met.
bool upload_with_fault(FaultyFiles& files, std::int64_t call, int code, std::int64_t more) {
  const StoreFolder folder;
  const FileBytes old = file_bytes(500, 1);
  const FileBytes sent = file_bytes(3'000, 2);
  FileStore(folder.path(), file_options()).put("old", old);
  FileStoreOptions options = file_options();
  options.durability = FileDurability::synced;
  options.calls = &files;
  options.uploads_max = 1;
  options.wait_time = std::chrono::nanoseconds(0);  // a place that was lost would show
  bool failed = false;
  files.fail_at(call, code, more);
  std::optional<FileStore> store;
  const auto opened = file_fault([&] { store.emplace(folder.path(), options); });
  const auto upload = [&](const char* name, OnExisting on_existing) {
    return file_fault([&] {
      FileUpload one = store->begin(name, on_existing);
      one.write(std::span(sent).first(1'000));
      one.write(std::span(sent).subspan(1'000));
      one.commit();
    });
  };
  const auto of_new = store ? upload("new", OnExisting::refuse) : opened;
  const auto of_old = store ? upload("old", OnExisting::replace) : opened;
  failed = files.has_failed();
  files.work_again();
  // One error is not one in the removal after another.
  if (more == 0) REQUIRE(partials_in(folder).empty());
  if (store) {
    REQUIRE(store->stats().active == 0);
    REQUIRE(file_balance(store->stats(), 2));
    REQUIRE(upload("after", OnExisting::refuse) == std::nullopt);
    REQUIRE(store->read("after") == sent);
  }
  FileStore sound(folder.path(), file_options());
  REQUIRE(partials_in(folder).empty());
  const bool new_there = !of_new || *of_new == FileFault::unsynced;
  const bool old_replaced = !of_old || *of_old == FileFault::unsynced;
  REQUIRE(sound.contains("new") == new_there);
  if (new_there) REQUIRE(sound.read("new") == sent);
  REQUIRE(sound.read("old") == (old_replaced ? sent : old));
  return failed;
}

void sweep_file_faults(int code, std::int64_t more) {
  FaultyFiles files;
  std::int64_t call = 1;
  for (int missed = 0; missed < 2; ++call) {
    missed = upload_with_fault(files, call, code, more) ? 0 : missed + 1;
    REQUIRE(call < 1'000);
  }
  CHECK(call > 15);
}

TEST_CASE("a call that fails, wherever, leaves no half file, no partial, no lost place",
          "[pool][file_store]") {
  sweep_file_faults(EIO, 0);
}

TEST_CASE("a disk that is full for a moment, wherever, leaves no half file, no partial, no lost place",
          "[pool][file_store]") {
  sweep_file_faults(ENOSPC, 0);
}

TEST_CASE("a disk that fails for a while, wherever, leaves no half file, no partial, no lost place",
          "[pool][file_store]") {
  sweep_file_faults(EIO, 4);
}

// In a child whose files may have 100,000 bytes. Returns the number of the step that went wrong, or 0.
int upload_to_a_full_disk(const StoreFolder& folder) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{100'000, 100'000};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
  FileStoreOptions options = file_options();
  options.uploads_max = 1;
  options.wait_time = std::chrono::nanoseconds(0);
  FileStore store(folder.path(), options);
  const FileBytes large = file_bytes(200'000);
  unsigned errors = 0;
  FileUpload upload = store.begin("large");
  for (std::size_t from = 0; from < large.size() && upload.open(); from += 30'000) {
    const std::size_t chunk = std::min<std::size_t>(30'000, large.size() - from);
    const auto fault = file_fault([&] { upload.write(std::span(large).subspan(from, chunk)); });
    if (fault && *fault != FileFault::full) return 2;
    errors += fault.has_value();
  }
  if (errors != 1 || upload.open()) return 3;
  if (store.contains("large") || !store.list().empty() || !partials_in(folder).empty()) return 4;
  if (store.stats().failed != 1 || store.stats().active != 0) return 5;
  // The contents fit to the byte, the trailer does not: commit() fails.
  if (file_fault([&] { store.put("no trailer", std::span(large).first(100'000)); }) != FileFault::full)
    return 6;
  if (!partials_in(folder).empty()) return 7;
  const std::size_t fits = 100'000 - FileTrailer::kBytes;
  store.put("fits", std::span(large).first(fits));
  return store.open("fits").verify() && store.open("fits").size() == fits ? 0 : 8;
}

TEST_CASE("a full disk (RLIMIT_FSIZE) is one error: nothing visible, the partial gone, the store usable",
          "[pool][file_store]") {
  const StoreFolder folder;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int wrong = 99;
    try {
      wrong = upload_to_a_full_disk(folder);
    } catch (...) {
    }
    _exit(wrong);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  FileStore store(folder.path(), file_options());
  CHECK(store.list() == std::vector<std::string>{"fits"});
  CHECK(store.stats().cleaned == 0);
}

}  // namespace
}  // namespace crosstalk::pool
