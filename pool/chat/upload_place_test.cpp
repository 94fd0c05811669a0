#include "pool/chat/upload_place.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "pool/resources/file_store.h"
#include "pool/resources/store_test_help.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("an upload lies in the file store, whole, and the next of its room takes its place",
          "[pool][upload_place]") {
  const StoreFolder folder;
  FileStore files(folder.path());
  ServerOptions options;
  options.rooms = 3;
  options.files = &files;
  UploadPlace place(options);
  for (const std::uint32_t bytes : {0U, 1U, 65'536U, 200'001U}) {
    REQUIRE(place.keep(2, 0x1234, bytes));
    const auto contents = files.read("room-2");
    CHECK(contents.size() == bytes);
    CHECK(std::all_of(contents.begin(), contents.end(), [](std::byte b) { return b == std::byte{0x34}; }));
  }
  REQUIRE(place.keep(0, 7, 10));
  CHECK(files.list().size() == 2);
  CHECK(files.stats().committed == 5);
}

TEST_CASE("an upload that the file store refuses is an answer, not an exception", "[pool][upload_place]") {
  const StoreFolder folder;
  FileStore files(folder.path(), {.file_bytes_max = 1'000});
  ServerOptions options;
  options.files = &files;
  UploadPlace place(options);
  CHECK_FALSE(place.keep(0, 1, 1'001));
  CHECK(place.keep(0, 1, 1'000));
  files.close();
  CHECK_FALSE(place.keep(0, 1, 10));
  CHECK(files.stats().active == 0);
}

TEST_CASE("without a file store an upload is kept in memory", "[pool][upload_place]") {
  ServerOptions options;
  options.rooms = 1;
  UploadPlace place(options);
  CHECK(place.keep(0, 1, 1'000'000));
  CHECK(place.keep(0, 2, 0));
}

}  // namespace
}  // namespace crosstalk::pool
