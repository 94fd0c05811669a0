#include "pool/resources/file_store.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "pool/resources/file_store_test_help.h"

namespace crosstalk::pool {
namespace {

std::string text_at(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_CASE("a file store that cannot be is refused with bound and value", "[pool][file_store]") {
  const StoreFolder folder;
  const auto with = [&](auto change) {
    FileStoreOptions options = file_options();
    change(options);
    FileStore(folder.path(), options);
  };
  CHECK_THROWS_WITH(with([](auto& options) { options.uploads_max = 0; }),
                    "FileStore: uploads_max must be between 1 and 65536, got 0");
  CHECK_THROWS_WITH(with([](auto& options) { options.uploads_max = 65'537; }),
                    "FileStore: uploads_max must be between 1 and 65536, got 65537");
  CHECK_THROWS_WITH(
      with([](auto& options) { options.file_bytes_max = FileStoreOptions::kMostFileBytes + 1; }),
      "FileStore: file_bytes_max must be at most 1099511627776, got 1099511627777");
  CHECK_THROWS_WITH(with([](auto& options) { options.wait_time = std::chrono::nanoseconds(-1); }),
                    "FileStore: wait_time must be at least 0 ns, got -1 ns");
  CHECK_THROWS_AS(with([](auto& options) { options.calls = nullptr; }), std::invalid_argument);
  CHECK_THROWS_AS(FileStore(""), std::invalid_argument);
  CHECK_THROWS_AS(FileStore(std::string("a\0b", 3)), std::invalid_argument);
}

TEST_CASE("a store is not opened in a folder that is none", "[pool][file_store]") {
  const StoreFolder folder;
  CHECK(file_fault([&] { FileStore(file_at(folder, "missing")); }) == FileFault::not_found);
  std::ofstream(file_at(folder, "file")) << "text";
  CHECK(file_fault([&] { FileStore(file_at(folder, "file")); }) == FileFault::not_a_file);
  CHECK_THROWS_WITH(FileStore(file_at(folder, "missing")),
                    Catch::EndsWith("missing: open the folder: No such file or directory"));
}

TEST_CASE("files are listed in order, found, and removed once", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  for (const char* name : {"b", "a", "c"}) store.put(name, {});
  std::ofstream(file_at(folder, ".hidden")) << "not the store's";
  std::filesystem::create_directory(file_at(folder, "folder"));
  CHECK(store.list() == std::vector<std::string>{"a", "b", "c"});
  CHECK(store.contains("b"));
  CHECK(store.remove("b"));
  CHECK_FALSE(store.remove("b"));
  CHECK_FALSE(store.contains("b"));
  CHECK(store.list() == std::vector<std::string>{"a", "c"});
  CHECK(file_fault([&] { store.remove("folder"); }) == FileFault::not_a_file);
  CHECK(std::filesystem::exists(file_at(folder, ".hidden")));
}

TEST_CASE("with every durability what was committed is there for the next who opens the folder",
          "[pool][file_store]") {
  const StoreFolder folder;
  for (const FileDurability durability : {FileDurability::none, FileDurability::synced}) {
    FileStoreOptions options = file_options();
    options.durability = durability;
    options.on_existing = OnExisting::replace;
    const FileBytes contents = file_bytes(1'000, static_cast<unsigned>(durability));
    FileStore(folder.path(), options).put("a", contents);
    CHECK(FileStore(folder.path(), options).read("a") == contents);
    CHECK(FileStore(folder.path(), options).remove("a"));
    CHECK(FileStore(folder.path(), options).list().empty());
  }
}

TEST_CASE("path traversal: no name leads out of the folder, whatever is done with it", "[pool][file_store]") {
  const StoreFolder outer;
  const auto inner = file_at(outer, "store");
  std::filesystem::create_directory(inner);
  std::ofstream(file_at(outer, "secret")) << "keep out";
  FileStore store(inner, file_options());
  const std::string outside = file_at(outer, "secret").string();
  const std::vector<std::string> names{"../secret",
                                       "..",
                                       ".",
                                       "",
                                       "a/b",
                                       "/etc/passwd",
                                       outside,
                                       "..\\secret",
                                       ".hidden",
                                       std::string("a\0b", 3),
                                       std::string(256, 'n'),
                                       partial_name(1, 1)};
  for (const std::string& name : names) {
    CAPTURE(name);
    CHECK(file_fault([&] { store.put(name, {}); }) == FileFault::bad_name);
    CHECK(file_fault([&] { static_cast<void>(store.open(name)); }) == FileFault::bad_name);
    CHECK(file_fault([&] { static_cast<void>(store.read(name)); }) == FileFault::bad_name);
    CHECK(file_fault([&] { store.remove(name); }) == FileFault::bad_name);
    CHECK_FALSE(store.contains(name));
  }
  CHECK(std::filesystem::is_empty(inner));
  CHECK(text_at(file_at(outer, "secret")) == "keep out");
  CHECK(store.stats().refused == names.size());
  CHECK(file_balance(store.stats(), names.size()));
}

TEST_CASE("a bad name is told without what would break a log", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  CHECK_THROWS_WITH(store.put("a\nb", {}),
                    Catch::EndsWith("/a\\x0ab: begin an upload: a name must not hold a control character"));
  try {
    store.put(std::string(1'000'000, 'n'), {});
    FAIL("a long name was taken");
  } catch (const FileError& error) {
    CHECK(std::string(error.what()).size() < 1'000);
  }
}

TEST_CASE("a name of 255 bytes is stored", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  const std::string name(255, 'n');
  store.put(name, file_bytes(10));
  CHECK(store.read(name) == file_bytes(10));
  CHECK(store.list() == std::vector<std::string>{name});
}

TEST_CASE("a symbolic link planted as a file's name is not followed", "[pool][file_store]") {
  const StoreFolder outer;
  const auto inner = file_at(outer, "store");
  std::filesystem::create_directory(inner);
  FileStore store(inner, file_options());
  store.put("real", file_bytes(10));
  std::filesystem::rename(inner / "real", file_at(outer, "secret"));  // sound, and outside
  const std::string secret = text_at(file_at(outer, "secret"));
  std::filesystem::create_symlink("../secret", inner / "link");
  std::filesystem::create_symlink("../new", inner / "dangling");
  CHECK(store.list().empty());
  for (const char* name : {"link", "dangling"}) {
    CHECK_FALSE(store.contains(name));
    CHECK(file_fault([&] { static_cast<void>(store.open(name)); }) == FileFault::not_a_file);
    CHECK(file_fault([&] { store.put(name, file_bytes(20)); }) == FileFault::exists);
  }
  // Who replaces it replaces the link.
  FileUpload upload = store.begin("link", OnExisting::replace);
  upload.write(file_bytes(20));
  upload.commit();
  CHECK(store.read("link") == file_bytes(20));
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(inner / "link")));
  CHECK(store.remove("dangling"));
  CHECK(text_at(file_at(outer, "secret")) == secret);
  CHECK_FALSE(std::filesystem::exists(file_at(outer, "new")));
}

TEST_CASE("links, folders and pipes planted as names of partials are neither followed nor removed",
          "[pool][file_store]") {
  const StoreFolder outer;
  const auto inner = file_at(outer, "store");
  std::filesystem::create_directory(inner);
  std::ofstream(file_at(outer, "secret")) << "keep out";
  FileStore store(inner, file_options());
  std::uint64_t last = 0;
  {
    const FileUpload upload = store.begin("a");
    for (const auto& entry : std::filesystem::directory_iterator(inner)) {
      const std::string name = entry.path().filename().string();
      if (is_partial_name(name)) last = std::stoull(name.substr(name.rfind('-') + 1));
    }
  }
  const auto process = static_cast<std::uint64_t>(getpid());
  for (std::uint64_t number = last + 1; number <= last + 3; ++number) {
    std::filesystem::create_symlink(number % 2 == 0 ? "../secret" : "../new",
                                    inner / partial_name(process, number));
  }
  std::filesystem::create_directory(inner / partial_name(process, last + 4));
  REQUIRE(mkfifo((inner / partial_name(process, last + 5)).c_str(), 0600) == 0);
  store.put("a", file_bytes(10));
  CHECK(store.read("a") == file_bytes(10));
  FileStore again(inner, file_options());
  CHECK(again.stats().cleaned == 0);
  CHECK(text_at(file_at(outer, "secret")) == "keep out");
  CHECK_FALSE(std::filesystem::exists(file_at(outer, "new")));
  CHECK(
      std::filesystem::is_symlink(std::filesystem::symlink_status(inner / partial_name(process, last + 1))));
}

TEST_CASE("the store stays in its folder when the path comes to name another", "[pool][file_store]") {
  const StoreFolder outer;
  const auto before = file_at(outer, "before");
  const auto after = file_at(outer, "after");
  std::filesystem::create_directory(before);
  FileStore store(before, file_options());
  std::filesystem::rename(before, after);
  std::filesystem::create_directory(before);
  store.put("a", file_bytes(10));
  CHECK(std::filesystem::exists(after / "a"));
  CHECK(std::filesystem::is_empty(before));
}

TEST_CASE("a partial that nobody holds is removed when a store is opened, one that is written is not",
          "[pool][file_store]") {
  const StoreFolder folder;
  FileStore first(folder.path(), file_options());
  FileUpload upload = first.begin("a");
  upload.write(file_bytes(5'000));
  std::ofstream(file_at(folder, partial_name(1, 1))) << "left over";
  std::ofstream(file_at(folder, ".upload-x")) << "no partial";
  FileStore second(folder.path(), file_options());
  CHECK(second.stats().cleaned == 1);
  CHECK(partials_in(folder).size() == 1);
  CHECK(std::filesystem::exists(file_at(folder, ".upload-x")));
  upload.commit();
  CHECK(second.read("a") == file_bytes(5'000));
}

TEST_CASE("two stores in a folder see each other's files and count their own", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore first(folder.path(), file_options());
  FileStore second(folder.path(), file_options());
  FileUpload one = first.begin("a");
  FileUpload two = second.begin("b");
  one.write(file_bytes(10, 1));
  two.write(file_bytes(10, 2));
  one.commit();
  two.commit();
  CHECK(second.read("a") == file_bytes(10, 1));
  CHECK(first.read("b") == file_bytes(10, 2));
  CHECK(file_fault([&] { second.put("a", {}); }) == FileFault::exists);
  CHECK(first.remove("b"));
  CHECK_FALSE(second.contains("b"));
  CHECK(first.stats().committed == 1);
  CHECK(second.stats().committed == 1);
}

}  // namespace
}  // namespace crosstalk::pool
