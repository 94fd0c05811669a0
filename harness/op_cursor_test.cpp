#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

#include "harness/op_cursor.h"

namespace crosstalk::harness {
namespace {

std::vector<workloads::Op> ops_at(const std::vector<double>& instants) {
  std::vector<workloads::Op> ops;
  for (const double instant : instants) ops.push_back({.intended_ns = instant});
  return ops;
}

TEST_CASE("laps follow one another without drift", "[harness][op_cursor]") {
  const auto ops = ops_at({0, 0.25, 7.5});
  OpCursor cursor(ops, 10.1, true);
  for (int lap = 0; lap < 1'000; ++lap) {
    for (const workloads::Op& op : ops) {
      REQUIRE_FALSE(cursor.at_end());
      REQUIRE(cursor.op().intended_ns == op.intended_ns);
      REQUIRE(cursor.intended_ns() == lap * 10.1 + op.intended_ns);
      cursor.advance();
    }
  }
}

TEST_CASE("a replay ends with its last operation", "[harness][op_cursor]") {
  const auto ops = ops_at({1, 2});
  OpCursor cursor(ops, 2, false);
  CHECK(cursor.intended_ns() == 1);
  cursor.advance();
  CHECK(cursor.intended_ns() == 2);
  CHECK_FALSE(cursor.at_end());
  cursor.advance();
  CHECK(cursor.at_end());
}

TEST_CASE("without operations there is nothing to walk, repeated or not", "[harness][op_cursor]") {
  const std::vector<workloads::Op> none;
  CHECK(OpCursor(none, 10, true).at_end());
  CHECK(OpCursor(none, 10, false).at_end());
}

TEST_CASE("a lap of one operation repeats it", "[harness][op_cursor]") {
  const auto ops = ops_at({3});
  OpCursor cursor(ops, 5, true);
  cursor.advance();
  cursor.advance();
  CHECK(cursor.intended_ns() == 13);
}

}  // namespace
}  // namespace crosstalk::harness
