#include "harness/verify/event_log.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

namespace crosstalk::harness::verify {

namespace {

Event event_of(unsigned thread, std::uint64_t call, const char* what, std::uint64_t ret = 0) {
  return {.call = call, .ret = ret, .what = what, .key = 0, .argument = 0, .result = 1, .thread = thread};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  for (const std::string& line : lines_of(text)) most = std::max(most, line.size());
  return most;
}

}  // namespace

TEST_CASE("a log keeps the latest events, oldest first", "[harness][verify]") {
  EventLog log(2);
  for (std::uint64_t now = 1; now <= 3; ++now) {
    log.begin(now * 10, "op", now, 0);
    log.end(now * 10 + 5, 0);
  }
  const std::vector<Event> events = log.events(4);
  REQUIRE(events.size() == 2);
  CHECK(events[0].key == 2);
  CHECK(events[1].ret == 35);
  CHECK(events[1].thread == 4);
  CHECK_FALSE(log.complete());
}

TEST_CASE("few threads have a column each", "[harness][verify]") {
  const std::string text = columns_of({event_of(0, 100, "lock", 130), event_of(1, 120, "unlock")}, 10);
  CHECK(lines_of(text) == std::vector<std::string>{"from      to        thread 0    thread 1",
                                                   "0         30        lock() = 1",
                                                   "20        -                     unlock() ..."});
}

TEST_CASE("a trace stays within 76 columns, however many threads and however long their operations",
          "[harness][verify]") {
  std::vector<Event> events;
  for (unsigned thread = 0; thread < 4; ++thread)
    events.push_back(event_of(thread, 100 + thread, "try_lock_shared_for", 30'000'000'000 + thread));
  const std::string four = columns_of(events, 10);
  CHECK(widest(four) <= 76);
  CHECK(lines_of(four).size() == 5);
  CHECK(lines_of(four)[0] == "from      to           thread  operation");
  for (unsigned thread = 4; thread < 300; ++thread) events.push_back(event_of(thread, thread, "lock"));
  CHECK(widest(columns_of(events, 24)) <= 76);
}

TEST_CASE("who waits since long is shown beside who goes on", "[harness][verify]") {
  std::vector<Event> events{event_of(0, 1, "lock")};
  for (std::uint64_t i = 0; i < 100; ++i) events.push_back(event_of(1, 10 + i, "spin", 11 + i));
  const std::string text = columns_of(events, 5);
  CHECK(lines_of(text).size() == 6);
  CHECK(text.find("lock() ...") != std::string::npos);
}

}  // namespace crosstalk::harness::verify
