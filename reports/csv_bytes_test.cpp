#include "reports/csv_bytes.h"

#include <catch2/catch.hpp>

namespace crosstalk::reports {
namespace {

std::string told(std::string_view bytes) {
  const auto fault = fault_of_bytes(bytes);
  return fault ? std::to_string(fault->line) + ": " + fault->reason : "none";
}

TEST_CASE("what is text in whole lines has no fault", "[reports][csv]") {
  CHECK(told("a\n") == "none");
  CHECK(told("\xEF\xBB\xBF"
             "a,b\r\n1,2\r\n") == "none");
  CHECK(told("\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\n") ==
        "none");
}

TEST_CASE("faults of bytes have the line in which they stand", "[reports][csv]") {
  using namespace std::string_view_literals;
  CHECK(told("") == "1: the file is empty");
  CHECK(told("\xEF\xBB\xBF") == "1: the file is empty");
  CHECK(told("a\nb") == "2: the last line is cut off");
  CHECK(told("a\n\0b\n"sv) == "2: a NUL byte (is the file UTF-16?)");
  CHECK(told("\xFF\xFE"
             "a\n") == "1: a NUL byte (is the file UTF-16?)");
  CHECK(told("a\nb\rc\n") == "2: a carriage return within the line");
  CHECK(told("a\r\nb\r\r\n") == "2: a carriage return within the line");
}

TEST_CASE("byte sequences that are not UTF-8 are found", "[reports][csv]") {
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    // At every place within the eight bytes that are looked at together, and behind the last of them.
    for (std::size_t before = 0; before < 16; ++before) {
      CHECK(told("good\n" + std::string(before, 'x') + bad + "\n") == "2: not UTF-8");
      CHECK(told("good\n" + std::string(before, 'x') + bad + "\n" + std::string(16, 'x') + "\n") ==
            "2: not UTF-8");
    }
  }
}

}  // namespace
}  // namespace crosstalk::reports
