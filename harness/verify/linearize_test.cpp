#include "harness/verify/linearize.h"

#include <catch2/catch.hpp>

#include "harness/verify/models.h"

namespace crosstalk::harness::verify {

namespace {

Event event_of(unsigned thread, std::uint64_t call, std::uint64_t ret, const char* what,
               std::int64_t argument, std::int64_t result, std::uint64_t key = 0) {
  return {call, ret, what, key, argument, result, thread};
}

Verdict verdict_of(const std::vector<Event>& events, const LinearizeOptions& options = {}) {
  return linearize_by_key(events, kNone, &map_key_model, options).verdict;
}

}  // namespace

TEST_CASE("operations that overlap may be put in either order", "[harness][verify]") {
  const std::vector<Event> events{event_of(0, 10, 40, op::kInsert, 7, 1),
                                  event_of(1, 20, 30, op::kGet, 0, kNone),
                                  event_of(1, 35, 50, op::kGet, 0, 7)};
  CHECK(verdict_of(events) == Verdict::pass);
}

TEST_CASE("what has returned is seen by what is called later", "[harness][verify]") {
  const std::vector<Event> events{event_of(0, 10, 20, op::kInsert, 7, 1),
                                  event_of(1, 30, 40, op::kGet, 0, kNone)};
  const LinearizeResult result = linearize(events, kNone, &map_key_model);
  CHECK(result.verdict == Verdict::fail);
  CHECK(result.culprit.what == op::kGet);
}

TEST_CASE("a value that was seen once cannot be unseen", "[harness][verify]") {
  const std::vector<Event> events{event_of(0, 10, 100, op::kInsert, 7, 1),
                                  event_of(1, 20, 30, op::kGet, 0, 7),
                                  event_of(2, 40, 50, op::kGet, 0, kNone)};
  CHECK(verdict_of(events) == Verdict::fail);
}

TEST_CASE("an operation that never returned may or may not have happened", "[harness][verify]") {
  const std::vector<Event> pending{event_of(0, 10, 0, op::kInsert, 7, 0)};
  for (const std::int64_t seen : {std::int64_t{7}, kNone}) {
    std::vector<Event> events = pending;
    events.push_back(event_of(1, 20, 30, op::kGet, 0, seen));
    // A pending operation has no result yet: the model must not be asked for one, so an insertion counts as successful.
    events[0].result = 1;
    CHECK(verdict_of(events) == Verdict::pass);
  }
}

TEST_CASE("two insertions of an absent key cannot both succeed", "[harness][verify]") {
  const std::vector<Event> events{event_of(0, 10, 40, op::kInsert, 7, 1),
                                  event_of(1, 20, 30, op::kInsert, 8, 1)};
  CHECK(verdict_of(events) == Verdict::fail);
}

TEST_CASE("clocks that are off hide findings and invent none", "[harness][verify]") {
  const std::vector<Event> events{event_of(0, 10, 20, op::kInsert, 7, 1),
                                  event_of(1, 21, 40, op::kGet, 0, kNone)};
  CHECK(verdict_of(events) == Verdict::fail);
  CHECK(verdict_of(events, {.configurations_most = 1000, .skew_ticks = 5}) == Verdict::pass);
}

TEST_CASE("a history too wide to judge is inconclusive, not wrong", "[harness][verify]") {
  std::vector<Event> events;
  for (unsigned thread = 0; thread < 20; ++thread)
    events.push_back(event_of(thread, 10 + thread, 100, op::kSet, thread, 0));
  CHECK(verdict_of(events, {.configurations_most = 1000, .skew_ticks = 0}) == Verdict::inconclusive);
}

TEST_CASE("each key that has been judged is told of", "[harness][verify]") {
  unsigned keys = 0;
  const std::vector<Event> events{event_of(0, 10, 20, op::kGet, 0, kNone, 3),
                                  event_of(0, 30, 40, op::kGet, 0, kNone, 5),
                                  event_of(1, 30, 40, op::kGet, 0, kNone, 3)};
  CHECK(verdict_of(events, {.on_key = [&keys] { ++keys; }}) == Verdict::pass);
  CHECK(keys == 2);
}

TEST_CASE("the size of a map is judged as a whole", "[harness][verify]") {
  const std::vector<Event> right{event_of(0, 10, 50, op::kSize, 0, 1),
                                 event_of(1, 20, 25, op::kInsert, 0, 1, 1),
                                 event_of(1, 30, 35, op::kErase, 0, 1, 0)};
  CHECK(linearize(right, 1, &map_size_model).verdict == Verdict::pass);
  std::vector<Event> wrong = right;
  wrong[0].result = 0;  // summed over shards, each at another moment
  CHECK(linearize(wrong, 1, &map_size_model).verdict == Verdict::fail);
}

TEST_CASE("a million operations on 64 keys are checked one by one", "[harness][verify][stress]") {
  constexpr std::uint64_t kOperations = 1'000'000;
  constexpr unsigned kThreads = 8;
  std::vector<Event> events;
  std::vector<std::int64_t> values(64, kNone);
  for (std::uint64_t i = 0; i < kOperations; ++i) {
    const std::uint64_t key = i * 7 % 64;
    const std::uint64_t now = i * 10;
    // Takes effect at `now`; its interval reaches over those of its neighbours.
    Event event = event_of(static_cast<unsigned>(i % kThreads), now + 1'000 - 30, now + 1'000 + 30, op::kGet,
                           0, values[key], key);
    if (i % 3 == 0) {
      event.what = op::kSet;
      event.argument = values[key] = static_cast<std::int64_t>(i);
      event.result = 0;
    }
    events.push_back(event);
  }
  CHECK(verdict_of(events) == Verdict::pass);
  events[777'777].result = -1;
  events[777'777].what = op::kGet;
  CHECK(verdict_of(events) == Verdict::fail);
}

}  // namespace crosstalk::harness::verify
