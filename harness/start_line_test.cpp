#include <catch2/catch.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/start_line.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness {
namespace {

constexpr unsigned kRunners = 4;

TEST_CASE("nobody runs before go, and everybody is done afterwards", "[harness][start_line]") {
  for (unsigned round = 0; round < pool::stress_rounds(200); ++round) {
    StartLine line(kRunners);
    std::atomic<unsigned> prepared{0};
    std::atomic<bool> gone{false};
    std::atomic<unsigned> early{0};
    int plain = 0;  // written before go, read by the runners: ordered by the start line alone
    std::vector<int> results(kRunners);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kRunners; ++i) {
      threads.emplace_back([&, i] {
        line.run([&] { ++prepared; },
                 [&] {
                   early += gone ? 0 : 1;
                   results[i] = plain;
                 });
      });
    }
    line.wait_until_ready();
    CHECK(prepared == kRunners);
    plain = 7;
    gone = true;
    line.go();
    line.wait_until_done();
    CHECK(results == std::vector<int>(kRunners, 7));  // visible without a join
    for (std::thread& thread : threads) thread.join();
    CHECK(early == 0);
    CHECK_NOTHROW(line.rethrow());
  }
}

TEST_CASE("what a runner throws reaches the one who waits, the others run on", "[harness][start_line]") {
  StartLine line(kRunners);
  std::atomic<unsigned> ran{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kRunners; ++i) {
    threads.emplace_back([&, i] {
      line.run([] {},
               [&] {
                 ++ran;
                 if (i == 2) throw std::runtime_error("out of paper");
               });
    });
  }
  line.wait_until_ready();
  line.go();
  line.wait_until_done();
  for (std::thread& thread : threads) thread.join();
  CHECK(ran == kRunners);
  CHECK_THROWS_WITH(line.rethrow(), "out of paper");
}

TEST_CASE("of several failures one is handed on", "[harness][start_line]") {
  StartLine line(2);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] { line.run([] {}, [] { throw std::runtime_error("both"); }); });
  }
  line.wait_until_ready();
  line.go();
  line.wait_until_done();
  for (std::thread& thread : threads) thread.join();
  CHECK_THROWS_WITH(line.rethrow(), "both");
}

TEST_CASE("a start called off ends the runners without running", "[harness][start_line]") {
  StartLine line(kRunners);
  std::atomic<unsigned> ran{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kRunners - 1; ++i) {  // the last one could not be started
    threads.emplace_back([&] { line.run([] {}, [&] { ++ran; }); });
  }
  line.call_off();
  for (std::thread& thread : threads) thread.join();
  CHECK(ran == 0);
}

}  // namespace
}  // namespace crosstalk::harness
