#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "pool/cell.h"
#include "pool/cells/left_right.h"

namespace crosstalk::pool {
namespace {

struct LeftRightTrouble {};

TEST_CASE("left-right: a write runs twice, on equal instances, and returns what the first run did",
          "[pool][cell]") {
  CellOf<LeftRight, int> cell(5);
  for (int write = 0; write < 3; ++write) {
    std::vector<int> found;
    CHECK(cell.write([&](int& value) {
      found.push_back(value);
      ++value;
      return found.size();
    }) == 1);
    CHECK(found == std::vector<int>{5 + write, 5 + write});
    CHECK(cell.read([](const int& value) { return value; }) == 6 + write);
  }
}

TEST_CASE("left-right: a write that throws in its first run changes nothing", "[pool][cell]") {
  CellOf<LeftRight, std::vector<int>> cell(2U, 1);
  for (int i = 0; i < 3; ++i) {
    CHECK_THROWS_AS(cell.write([](std::vector<int>& data) -> int {
      data.push_back(9);
      throw LeftRightTrouble();
    }),
                    LeftRightTrouble);
    CHECK(cell.read([](const std::vector<int>& data) { return data; }) == std::vector<int>{1, 1});
  }
  for (std::size_t size = 3; size < 6; ++size) {  // on either instance
    CHECK(cell.write([](std::vector<int>& data) {
      data.push_back(1);
      return data.size();
    }) == size);
    CHECK(cell.read([](const std::vector<int>& data) { return data; }) == std::vector<int>(size, 1));
  }
}

TEST_CASE("left-right: a write that throws in its second run has taken effect", "[pool][cell]") {
  CellOf<LeftRight, std::vector<int>> cell;
  int run = 0;
  const auto second_throws = [&](std::vector<int>& data) {
    data.push_back(run);
    if (++run % 2 == 0) throw LeftRightTrouble();
    return data.size();
  };
  CHECK(cell.write(second_throws) == 1);
  CHECK(cell.read([](const std::vector<int>& data) { return data; }) == std::vector<int>{0});
  CHECK(cell.write(second_throws) == 2);
  CHECK(cell.read([](const std::vector<int>& data) { return data; }) == std::vector<int>{0, 2});
  cell.write([](std::vector<int>& data) { data.push_back(7); });
  for (int i = 0; i < 2; ++i) {
    CHECK(cell.read([](const std::vector<int>& data) { return data; }) == std::vector<int>{0, 2, 7});
    cell.write([](std::vector<int>&) {});
  }
}

// Its copies throw while `armed`.
struct ThrowsInCopy {
  static inline bool armed = false;
  int value = 0;
  ThrowsInCopy() = default;
  ThrowsInCopy(const ThrowsInCopy& other) : value(other.value) {
    if (armed) throw LeftRightTrouble();
  }
};

TEST_CASE("left-right: if the copy that repairs an instance throws, the next write tries again",
          "[pool][cell]") {
  CellOf<LeftRight, ThrowsInCopy> cell;
  const auto add = [](ThrowsInCopy& data) { return ++data.value; };
  const auto get = [](const ThrowsInCopy& data) { return data.value; };
  CHECK(cell.write(add) == 1);
  CHECK_THROWS(
      cell.write([](ThrowsInCopy& data) -> int { throw std::runtime_error(std::to_string(++data.value)); }));
  ThrowsInCopy::armed = true;
  CHECK_THROWS_AS(cell.write(add), LeftRightTrouble);
  CHECK(cell.read(get) == 1);
  CHECK_THROWS_AS(cell.write(add), LeftRightTrouble);
  ThrowsInCopy::armed = false;
  CHECK(cell.write(add) == 2);
  CHECK(cell.write(add) == 3);
  CHECK(cell.read(get) == 3);
}

TEST_CASE("left-right: a read may read again, and one that throws has left", "[pool][cell]") {
  CellOf<LeftRight, int> cell(3);
  CHECK(cell.read([&](const int& outer) {
    return cell.read([&](const int& inner) { return inner * 10 + outer; });
  }) == 33);
  CHECK_THROWS_AS(cell.read([](const int&) -> int { throw LeftRightTrouble(); }), LeftRightTrouble);
  CHECK(cell.write([](int& value) { return ++value; }) == 4);  // would wait for ever
}

}  // namespace
}  // namespace crosstalk::pool
