#include "pool/resources/file_name.h"

#include <catch2/catch.hpp>

#include <string>

namespace crosstalk::pool {
namespace {

TEST_CASE("a file's name is any 1 to 255 bytes that mean nothing to a path", "[pool][file_store]") {
  for (const std::string& name :
       {std::string("a"), std::string("photo 1.jpg"), std::string("-rf"), std::string("a..b"),
        std::string("\xc3\xa4\xff"), std::string("x~"), std::string(255, 'n')}) {
    CAPTURE(name);
    CHECK(is_file_name(name));
  }
}

TEST_CASE("names that lead out of the folder, hide, or break a log are none", "[pool][file_store]") {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../x"), std::string("a/b"),
        std::string("/x"), std::string("a/"), std::string("a\\b"), std::string("..\\x"),
        std::string(".hidden"), std::string("a\0b", 3), std::string("\0", 1), std::string("a\nb"),
        std::string("a\x7f"), std::string("\x1b[31m"), std::string(256, 'n'), partial_name(1, 2)}) {
    CAPTURE(name);
    CHECK_FALSE(is_file_name(name));
    CHECK_FALSE(fault_of_file_name(name).empty());
  }
}

TEST_CASE("names of partials are known, and nothing else is taken for one", "[pool][file_store]") {
  CHECK(partial_name(12, 0) == ".upload-12-0");
  CHECK(is_partial_name(partial_name(~std::uint64_t{0}, ~std::uint64_t{0})));
  for (const char* name : {"", ".upload-", ".upload-1", ".upload-1-", ".upload--1", ".upload-1-2x",
                           ".upload-1-2-3", "upload-1-2", ".upload-1-222222222222222222222"}) {
    CAPTURE(name);
    CHECK_FALSE(is_partial_name(name));
  }
}

}  // namespace
}  // namespace crosstalk::pool
