// The file store under kill -9, and in a folder with another process.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "pool/resources/file_checksum.h"
#include "pool/resources/file_store.h"
#include "pool/resources/file_store_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// A child that runs `work`, with a pipe to the parent and one from it. Killed at the end if it lives.
class FileChild {
 public:
  template <class Work>
  explicit FileChild(Work work) {
    REQUIRE(pipe(up_.data()) == 0);
    REQUIRE(pipe(down_.data()) == 0);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ != 0) {
      close(up_[1]);
      close(down_[0]);
      return;
    }
    close(up_[0]);
    close(down_[1]);
    try {
      work(down_[0], up_[1]);
    } catch (...) {
      _exit(4);
    }
    _exit(0);
  }
  ~FileChild() {
    if (child_ > 0) static_cast<void>(end());
    close(up_[0]);
    close(down_[1]);
  }
  FileChild(const FileChild&) = delete;
  FileChild& operator=(const FileChild&) = delete;

  // The next number that the child has written, or 0 at the end of the pipe. They go in whole: they are short.
  [[nodiscard]] std::uint64_t next() const {
    std::uint64_t number = 0;
    return read(up_[0], &number, sizeof number) == sizeof number ? number : 0;
  }
  void tell(std::uint64_t number) const { REQUIRE(write(down_[1], &number, sizeof number) == sizeof number); }
  void kill_now() const { kill(child_, SIGKILL); }
  // Waits for its end, having killed it.
  int end() {
    kill_now();
    return wait_for_end();
  }
  int wait_for_end() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }

 private:
  std::array<int, 2> up_{};
  std::array<int, 2> down_{};
  pid_t child_ = -1;
};

void tell_parent(int pipe, std::uint64_t number) {
  if (write(pipe, &number, sizeof number) != sizeof number) _exit(3);
}

void wait_for_parent(int pipe) {
  std::uint64_t number = 0;
  if (read(pipe, &number, sizeof number) != sizeof number) _exit(5);
}

FileBytes contents_of(std::uint64_t number) {
  return file_bytes(number * 7'919 % 60'000, static_cast<unsigned>(number));
}

// Uploads files, new ones and one that is replaced again and again, and tells the number of each that is committed.
void upload_until_killed(const std::string& folder, const FileStoreOptions& options, std::uint64_t first,
                         int pipe) {
  FileStore store(folder, options);
  for (std::uint64_t number = first;; ++number) {
    const FileBytes contents = contents_of(number);
    FileUpload one = store.begin(std::to_string(number));
    FileUpload hot = store.begin("hot", OnExisting::replace);
    for (std::size_t from = 0; from < contents.size(); from += 10'000) {
      const auto chunk =
          std::span(contents).subspan(from, std::min<std::size_t>(10'000, contents.size() - from));
      one.write(chunk);
      hot.write(chunk);
    }
    one.commit(file_checksum(contents));
    tell_parent(pipe, number);
    hot.commit();
  }
}

void check_after_kill(const FileStore& store, const std::vector<std::uint64_t>& told) {
  for (const std::uint64_t number : told) {
    if (store.read(std::to_string(number)) != contents_of(number)) FAIL("not what was uploaded: " << number);
  }
  // What was not told of any more is whole as well.
  for (const std::string& name : store.list()) {
    if (!store.open(name).verify()) FAIL("half a file: " << name);
  }
}

TEST_CASE("after 20 kills in a row every file told of is there whole, and no partial is left",
          "[pool][file_store][stress]") {
  std::mt19937 random(21);
  std::uint64_t told_of = 0;
  for (unsigned round = 0; round < (kSanitized ? 6U : 20U); ++round) {
    const StoreFolder folder;
    FileStoreOptions options = file_options();
    if (round % 4 == 3) options.durability = FileDurability::synced;
    std::vector<std::uint64_t> told;
    for (std::uint64_t run = 0; run < 2; ++run) {
      const bool look = run == 1 || round % 2 == 0;  // else the second run is among the partials of the first
      // After the last told of one more may be there.
      const std::uint64_t first = told.empty() ? 1 + 2 * run : told.back() + 2;
      FileChild child([&](int /*from*/, int to) { upload_until_killed(folder.path(), options, first, to); });
      const std::size_t until = told.size() + (round % 5 == 0 ? random() % 2 : random() % 20);
      std::uint64_t number = 0;
      while (told.size() < until && (number = child.next()) != 0) told.push_back(number);
      // Somewhere in the next upload, not always right after the last commit.
      for (auto yields = random() % 200; yields > 0; --yields) std::this_thread::yield();
      child.kill_now();
      while ((number = child.next()) != 0) told.push_back(number);
      REQUIRE(WIFSIGNALED(child.wait_for_end()));  // and not ended by an error of its own
      if (!look) continue;
      check_after_kill(FileStore(folder.path(), options), told);
      REQUIRE(partials_in(folder).empty());
    }
    told_of += told.size();
  }
  CHECK(told_of > 20);
}

TEST_CASE("the partial of a process that was killed is removed when the next store is opened",
          "[pool][file_store]") {
  const StoreFolder folder;
  FileChild child([&](int from, int to) {
    FileStore store(folder.path(), file_options());
    FileUpload upload = store.begin("a");
    upload.write(file_bytes(5'000));
    tell_parent(to, 1);
    wait_for_parent(from);
  });
  REQUIRE(child.next() == 1);
  CHECK(partials_in(folder).size() == 1);
  CHECK(FileStore(folder.path(), file_options()).stats().cleaned == 0);  // it lives
  CHECK(partials_in(folder).size() == 1);
  CHECK(WIFSIGNALED(child.end()));
  CHECK(partials_in(folder).size() == 1);
  FileStore store(folder.path(), file_options());
  CHECK(store.stats().cleaned == 1);
  CHECK(partials_in(folder).empty());
  CHECK(store.list().empty());
  store.put("a", file_bytes(10));
}

TEST_CASE("a store opened while another process uploads does not disturb it", "[pool][file_store]") {
  const StoreFolder folder;
  FileChild child([&](int from, int to) {
    FileStore store(folder.path(), file_options());
    FileUpload upload = store.begin("theirs");
    upload.write(file_bytes(5'000));
    tell_parent(to, 1);
    wait_for_parent(from);
    upload.commit();
    tell_parent(to, 2);
    wait_for_parent(from);
    if (store.read("ours") != file_bytes(7'000)) _exit(6);
  });
  REQUIRE(child.next() == 1);
  FileStore store(folder.path(), file_options());
  FileUpload upload = store.begin("ours");
  upload.write(file_bytes(7'000));
  CHECK(partials_in(folder).size() == 2);
  child.tell(1);
  REQUIRE(child.next() == 2);
  CHECK(store.read("theirs") == file_bytes(5'000));
  upload.commit();
  child.tell(2);
  CHECK(child.next() == 0);
  const int status = child.wait_for_end();
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(store.list() == std::vector<std::string>{"ours", "theirs"});
  CHECK(partials_in(folder).empty());
}

}  // namespace
}  // namespace crosstalk::pool
