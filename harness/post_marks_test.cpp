#include "harness/post_marks.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

namespace crosstalk::harness {
namespace {

TEST_CASE("a mark is found again until another takes its place", "[harness][marks]") {
  const auto marks = std::make_unique<PostMarks>();
  CHECK(PostMarks::is_marked(64));
  CHECK_FALSE(PostMarks::is_marked(65));
  CHECK_FALSE(marks->find(3, 64));
  marks->set(3, 64, 1000);
  CHECK(marks->find(3, 64) == 1000);
  CHECK_FALSE(marks->find(4, 64));
  CHECK_FALSE(marks->find(3, 128));
  for (std::uint32_t room = 0; room < 100'000; ++room) marks->set(room + 10, 64, room);
  CHECK_FALSE(marks->find(3, 64));
}

TEST_CASE("nobody is told another post's instant", "[harness][marks][stress]") {
  const auto marks = std::make_unique<PostMarks>();
  constexpr std::uint64_t kRooms = 30'000;
  const auto write = [&] {
    for (std::uint32_t room = 0; room < kRooms; ++room) marks->set(room, 64, room + 1);
  };
  const auto read = [&] {
    for (std::uint32_t room = 0; room < kRooms; ++room) {
      const auto found = marks->find(room, 64);
      if (found && *found != room + 1) return false;
    }
    return true;
  };
  std::thread writer(write);
  bool right = true;
  for (int i = 0; i < 5; ++i) right = read() && right;
  writer.join();
  CHECK(right);
}

}  // namespace
}  // namespace crosstalk::harness
