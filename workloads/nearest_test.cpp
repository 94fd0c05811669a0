#include "workloads/nearest.h"

#include <catch2/catch.hpp>

namespace crosstalk::workloads {
namespace {

const std::vector<std::string> kNames{"join", "leave", "message", "room_exponent", "room_offset"};

TEST_CASE("a name with a slip of the finger is recognised", "[workloads][nearest]") {
  CHECK(nearest("jion", kNames) == "join");         // swapped
  CHECK(nearest("leve", kNames) == "leave");        // forgotten
  CHECK(nearest("messsage", kNames) == "message");  // doubled
  CHECK(nearest("nessage", kNames) == "message");   // replaced
  CHECK(nearest("room_exponnet", kNames) == "room_exponent");
}

TEST_CASE("the nearest of several wins, the first of equals", "[workloads][nearest]") {
  CHECK(nearest("room_ofset", kNames) == "room_offset");
  CHECK(nearest("ab", {"abc", "abd"}) == "abc");
}

TEST_CASE("what is far from everything has no suggestion", "[workloads][nearest]") {
  CHECK(nearest("disconnect", kNames).empty());
  CHECK(nearest("", kNames).empty());
  CHECK(nearest("x", {}).empty());
  CHECK(nearest(std::string(100'000, 'x'), kNames).empty());
}

TEST_CASE("the suggestion reads as the end of a sentence", "[workloads][nearest]") {
  CHECK(did_you_mean("jion", kNames) == ", did you mean 'join'?");
  CHECK(did_you_mean("zzzzzzzz", kNames).empty());
}

}  // namespace
}  // namespace crosstalk::workloads
