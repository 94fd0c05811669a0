#include "workloads/op.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace crosstalk::workloads {
namespace {

TEST_CASE("every operation has a name, and the name finds it", "[workloads][op]") {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kOpKindCount; ++i) {
    const auto kind = static_cast<OpKind>(i);
    names.emplace(to_string(kind));
    CHECK(parse_op_kind(to_string(kind)) == kind);
  }
  CHECK(names.size() == kOpKindCount);
  CHECK_FALSE(names.contains(""));
  CHECK_FALSE(parse_op_kind("shout"));
  CHECK_FALSE(parse_op_kind(""));
}

}  // namespace
}  // namespace crosstalk::workloads
