#include "pool/resources/file_reader.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pool/resources/file_checksum.h"
#include "pool/resources/file_store_test_help.h"

namespace crosstalk::pool {
namespace {

std::span<const std::byte> bytes_of_text(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST_CASE("the checksum is the CRC-32 that everybody uses, in one piece or in many", "[pool][file_store]") {
  CHECK(file_checksum({}) == 0);
  CHECK(file_checksum(bytes_of_text("123456789")) == 0xcbf43926);  // the check value of the standard
  CHECK(file_checksum(bytes_of_text("6789"), file_checksum(bytes_of_text("12345"))) == 0xcbf43926);
  CHECK(file_checksum({}, 0xcbf43926) == 0xcbf43926);
}

TEST_CASE("a trailer is read as it was written, and none is made of 24 other bytes", "[pool][file_store]") {
  const FileTrailer trailer{.bytes = 0x0102030405060708, .checksum = 0x0a0b0c0d};
  const auto encoded = trailer.encoded();
  CHECK(std::memcmp(encoded.data(), "XTALKF1\n\x08\x07\x06\x05\x04\x03\x02\x01\x0d\x0c\x0b\x0a", 20) == 0);
  const std::optional<FileTrailer> decoded = FileTrailer::decoded(encoded);
  REQUIRE(decoded);
  CHECK(decoded->bytes == trailer.bytes);
  CHECK(decoded->checksum == trailer.checksum);
  for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
    auto changed = encoded;
    changed[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    REQUIRE_FALSE(FileTrailer::decoded(changed));
  }
  CHECK_FALSE(FileTrailer::decoded(std::array<std::byte, FileTrailer::kBytes>{}));
}

TEST_CASE("a reader reads from anywhere, and the contents only", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  const FileBytes contents = file_bytes(100'000);
  store.put("a", contents);
  const FileReader reader = store.open("a");
  CHECK(reader.size() == 100'000);
  CHECK(reader.checksum() == file_checksum(contents));
  CHECK(reader.verify());
  CHECK(reader.read_all() == contents);
  FileBytes piece(1'000);
  CHECK(reader.read(7'777, piece) == 1'000);
  CHECK(std::equal(piece.begin(), piece.end(), contents.begin() + 7'777));
  CHECK(reader.read(99'990, piece) == 10);
  CHECK(std::equal(piece.begin(), piece.begin() + 10, contents.end() - 10));
  CHECK(reader.read(100'000, piece) == 0);
  CHECK(reader.read(~std::uint64_t{0}, piece) == 0);
  CHECK(reader.read(0, {}) == 0);
}

TEST_CASE("a file of no bytes is a file", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  store.put("empty", {});
  CHECK(store.open("empty").size() == 0);
  CHECK(store.open("empty").verify());
  CHECK(store.read("empty").empty());
}

TEST_CASE("a reader stays with its file when that is replaced or removed, and when the store is gone",
          "[pool][file_store]") {
  const StoreFolder folder;
  FileStoreOptions options = file_options();
  options.on_existing = OnExisting::replace;
  std::optional<FileStore> store(std::in_place, folder.path(), options);
  const FileBytes first = file_bytes(5'000, 1);
  store->put("a", first);
  const FileReader reader = store->open("a");
  store->put("a", file_bytes(6'000, 2));
  CHECK(reader.read_all() == first);
  CHECK(store->remove("a"));
  store.reset();
  CHECK(reader.read_all() == first);
  CHECK(reader.verify());
}

TEST_CASE("a bit that flips on the disk is found, wherever it is", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  constexpr std::size_t kContents = 70'000;
  store.put("a", file_bytes(kContents));
  for (const std::uint64_t byte :
       {std::uint64_t{0}, std::uint64_t{40'000}, std::uint64_t{65'536}, std::uint64_t{69'999}}) {
    flip_bit(file_at(folder, "a"), byte, 3);
    const FileReader reader = store.open("a");
    CHECK_FALSE(reader.verify());
    CHECK(file_fault([&] { static_cast<void>(store.read("a")); }) == FileFault::corrupt);
    flip_bit(file_at(folder, "a"), byte, 3);
    CHECK(reader.verify());
  }
  for (std::uint64_t byte = kContents; byte < kContents + FileTrailer::kBytes; ++byte) {
    flip_bit(file_at(folder, "a"), byte);
    REQUIRE(file_fault([&] { static_cast<void>(store.open("a")); }) == FileFault::corrupt);
    flip_bit(file_at(folder, "a"), byte);
  }
  CHECK(store.open("a").verify());
}

TEST_CASE("a file that was cut or has grown, or that no store wrote, is not opened", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  store.put("a", file_bytes(1'000));
  for (const std::uintmax_t bytes : {1'025U, 1'023U, 1'000U, 24U, 23U, 0U}) {
    std::filesystem::resize_file(file_at(folder, "a"), bytes);
    CAPTURE(bytes);
    CHECK(file_fault([&] { static_cast<void>(store.open("a")); }) == FileFault::corrupt);
  }
  store.put("front", file_bytes(1'000));
  std::filesystem::rename(file_at(folder, "front"), file_at(folder, ".sound"));
  std::ofstream(file_at(folder, "front")) << "more" << std::ifstream(file_at(folder, ".sound")).rdbuf();
  CHECK(file_fault([&] { static_cast<void>(store.open("front")); }) == FileFault::corrupt);
  std::ofstream(file_at(folder, "b")) << "what somebody else has put here";
  CHECK(file_fault([&] { static_cast<void>(store.open("b")); }) == FileFault::corrupt);
}

TEST_CASE("a file cut while it is read is an error and not the end of the file", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  store.put("a", file_bytes(1'000));
  const FileReader reader = store.open("a");
  std::filesystem::resize_file(file_at(folder, "a"), 100);
  FileBytes piece(1'000);
  CHECK(file_fault([&] { static_cast<void>(reader.read(0, piece)); }) == FileFault::corrupt);
  CHECK(file_fault([&] { static_cast<void>(reader.verify()); }) == FileFault::corrupt);
}

TEST_CASE("what is no file is not read, and nobody waits for it", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  std::filesystem::create_directory(file_at(folder, "folder"));
  REQUIRE(mkfifo(file_at(folder, "pipe").c_str(), 0600) == 0);
  for (const char* name : {"folder", "pipe"}) {
    CHECK(file_fault([&] { static_cast<void>(store.open(name)); }) == FileFault::not_a_file);
    CHECK_FALSE(store.contains(name));
  }
  CHECK(store.list().empty());
  CHECK(file_fault([&] { static_cast<void>(store.open("nothing")); }) == FileFault::not_found);
}

TEST_CASE("several threads may read with one reader", "[pool][file_store]") {
  const StoreFolder folder;
  FileStore store(folder.path(), file_options());
  const FileBytes contents = file_bytes(300'000);
  store.put("a", contents);
  const FileReader reader = store.open("a");
  std::array<bool, 4> same{};
  std::vector<std::thread> threads;
  for (bool& mine : same) {
    threads.emplace_back([&] {
      mine = true;
      for (int n = 0; n < 10; ++n) mine = mine && reader.verify() && reader.read_all() == contents;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool mine : same) CHECK(mine);
}

}  // namespace
}  // namespace crosstalk::pool
