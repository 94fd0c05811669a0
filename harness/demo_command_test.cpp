#include "harness/demo_command.h"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>

namespace crosstalk::harness {
namespace {

std::size_t times_in(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST_CASE("the demo tells of every task what became of it", "[harness][demo]") {
  std::ostringstream out;
  std::ostringstream err;
  CHECK(demo_command({"--task-time", "1ms"}, {{"NO_COLOR", "1"}}, {out, err}) == 0);
  const std::string text = out.str();
  CHECK(times_in(text, "submitted:") == 12);
  CHECK(times_in(text, "success callback:") + times_in(text, "error callback:") == 12);
  CHECK(times_in(text, "task 10 error callback: the task failed") == 1);
  CHECK_THAT(text, Catch::Contains("submitted") && Catch::Contains("longest in the queue"));
  CHECK_THAT(text, !Catch::Contains("\x1b"));
  CHECK(err.str().empty());
}

TEST_CASE("the demo refuses a time out of bounds", "[harness][demo]") {
  std::ostringstream out;
  std::ostringstream err;
  CHECK_THROWS_WITH(demo_command({"--task-time", "11s"}, {}, {out, err}),
                    Catch::StartsWith("--task-time: must be between"));
}

}  // namespace
}  // namespace crosstalk::harness
