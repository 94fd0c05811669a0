#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>

#include "pool/executor/priority_lanes.h"

namespace crosstalk::pool {
namespace {

struct LaneNode {
  LaneNode* next = nullptr;
  int value = 0;
};
using TestLanes = PriorityLanes<LaneNode>;

// Lanes with the nodes that they do not own.
struct FilledLanes {
  void push(int value, Priority priority) {
    nodes.push_back({.next = nullptr, .value = value});
    lanes.push(&nodes.back(), priority);
  }
  int pop() { return lanes.pop()->value; }

  std::deque<LaneNode> nodes;
  TestLanes lanes;
};

TEST_CASE("lanes serve urgent before high before normal before low, and FIFO inside", "[pool][lanes]") {
  FilledLanes lanes;
  for (int value = 0; value < 8; ++value) lanes.push(value, static_cast<Priority>(3 - value / 2));
  for (const int expected : {6, 7, 4, 5, 2, 3, 0, 1}) CHECK(lanes.pop() == expected);
  CHECK(lanes.lanes.empty());
}

TEST_CASE("equal priorities keep their order (the Python's heap did not)", "[pool][lanes]") {
  FilledLanes lanes;
  for (int value = 0; value < 1000; ++value) lanes.push(value, Priority::normal);
  bool in_order = true;
  for (int value = 0; value < 1000; ++value) in_order = in_order && lanes.pop() == value;
  CHECK(in_order);
}

TEST_CASE("a lower lane overtakes when it has been passed over kPatience times, not before",
          "[pool][lanes]") {
  FilledLanes lanes;
  lanes.push(1, Priority::low);
  for (int i = 0; i < 200; ++i) lanes.push(100 + i, Priority::high);
  unsigned before_low = 0;
  while (lanes.pop() != 1) ++before_low;
  CHECK(before_low == TestLanes::kPatience);
}

TEST_CASE("with all lanes full nobody waits for more turns than the bound", "[pool][lanes]") {
  FilledLanes lanes;
  constexpr int kEach = 2000;
  for (int i = 0; i < kEach; ++i) {
    for (int lane = 0; lane < 4; ++lane) lanes.push(lane, static_cast<Priority>(lane));
  }
  std::array<unsigned, kPriorities> waited{};
  unsigned most = 0;
  for (int i = 0; i < kEach; ++i) {  // the urgent lane has something all the time
    const auto served = static_cast<std::size_t>(lanes.pop());
    for (std::size_t lane = 0; lane < kPriorities; ++lane) {
      waited[lane] = lane == served ? 0 : waited[lane] + 1;
      most = std::max(most, waited[lane]);
    }
  }
  CHECK(most == TestLanes::kPatience + kPriorities - 2);
}

TEST_CASE("lists are appended in order, also to and from empty ones", "[pool][lanes]") {
  std::array<LaneNode, 4> nodes{};
  NodeList<LaneNode> first;
  NodeList<LaneNode> second;
  first.append(second);
  CHECK(first.empty());
  second.push(&nodes[0]);
  first.append(second);
  CHECK(second.empty());
  second.push(&nodes[1]);
  second.push(&nodes[2]);
  first.append(second);
  first.push(&nodes[3]);
  for (LaneNode& node : nodes) CHECK(first.pop() == &node);
  CHECK(first.empty());
}

}  // namespace
}  // namespace crosstalk::pool
