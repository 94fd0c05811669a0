#include "pool/sync/mailbox.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("a mailbox answers, and passes errors on", "[pool][mailbox]") {
  Mailbox<int> box(3);
  CHECK(box.ask([](int& value) { return ++value; }) == 4);
  CHECK_THROWS_AS(box.ask([](int& value) -> int {
    ++value;
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  CHECK(box.ask([](int& value) { return value; }) == 5);
}

TEST_CASE("who asks while a mailbox is run is answered by the runner, in the order of asking",
          "[pool][mailbox]") {
  Mailbox<std::vector<std::thread::id>> box;
  std::vector<std::thread> others;
  std::atomic<unsigned> asking{0};
  const auto note = [](std::vector<std::thread::id>& runners) {
    runners.push_back(std::this_thread::get_id());
    return runners.size();
  };
  std::atomic<bool> first_runs{false};
  std::atomic<bool> go_on{false};
  std::thread first([&] {
    box.ask([&](std::vector<std::thread::id>& runners) {
      first_runs = true;
      first_runs.notify_all();
      go_on.wait(false);
      return note(runners);
    });
  });
  first_runs.wait(false);
  for (unsigned i = 0; i < 5; ++i) {
    others.emplace_back([&] {
      ++asking;
      box.ask(note);
    });
  }
  while (asking < 5) std::this_thread::yield();
  const std::thread::id runner = first.get_id();
  go_on = true;
  go_on.notify_all();
  first.join();
  for (std::thread& other : others) other.join();
  // Those that had not yet asked when the runner left ran themselves.
  const auto runners = box.ask([](std::vector<std::thread::id>& all) { return all; });
  REQUIRE(runners.size() == 6);
  CHECK(runners.front() == runner);
}

// Far more threads than processors; long bursts, so that the role is handed over.
TEST_CASE("a mailbox under threads loses no request and runs one at a time", "[pool][mailbox][stress]") {
  struct Value {
    std::uint64_t count = 0;
    bool inside = false;
    std::uint64_t overlaps = 0;
  };
  for (const unsigned threads : {2U, 8U, 64U}) {
    Mailbox<Value> box;
    std::atomic<std::uint64_t> foreign{0};
    const unsigned rounds = stress_rounds(200'000) / threads;
    detail::run_threads(threads, [&](unsigned) {
      const auto self = std::this_thread::get_id();
      for (unsigned i = 0; i < rounds; ++i) {
        const std::uint64_t mine = box.ask([&](Value& value) {
          if (value.inside) ++value.overlaps;
          value.inside = true;
          if (std::this_thread::get_id() != self) ++foreign;
          value.inside = false;
          return ++value.count;
        });
        if (mine == 0) ++foreign;
      }
    });
    const Value end = box.ask([](Value& value) { return value; });
    CHECK(end.count == std::uint64_t{threads} * rounds);
    CHECK(end.overlaps == 0);
  }
}

TEST_CASE("requests that ask the mailboxes after their own end", "[pool][mailbox][stress]") {
  constexpr unsigned kBoxes = 4;
  Mailbox<std::int64_t> boxes[kBoxes];
  const unsigned rounds = stress_rounds(20'000);
  detail::run_threads(8, [&](unsigned id) {
    for (unsigned i = 0; i < rounds; ++i) {
      const unsigned low = (i + id) % (kBoxes - 1);
      const unsigned high = low + 1 + i % (kBoxes - 1 - low);
      boxes[low].ask([&](std::int64_t& a) {
        return boxes[high].ask([&](std::int64_t& b) {
          --a;
          ++b;
          return true;
        });
      });
    }
  });
  std::int64_t sum = 0;
  for (auto& box : boxes) sum += box.ask([](std::int64_t& value) { return value; });
  CHECK(sum == 0);
  CHECK(boxes[0].ask([](std::int64_t& value) { return value; }) < 0);
}

}  // namespace
}  // namespace crosstalk::pool
