// A run of a case, inside its child process: for how long, with which random numbers, and where findings go.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {

struct CaseOptions {
  double seconds = 1;
  std::uint64_t seed = 1;
  std::uint64_t first_round = 0;
  std::uint64_t rounds_most = 0;   // 0: as many as there is time for
  std::uint64_t threads = 0;       // of every round; 0: as the case and the seed say
  std::uint64_t operations = 0;    // of a thread in every round; 0: likewise
  std::uint64_t threads_most = 8;  // where the seed chooses
  bool disturb = true;             // false: threads are left alone, as an ordinary stress test leaves them
};

// Splitmix64: good enough to choose operations and pauses by.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // 0 .. bound - 1
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
  bool one_in(std::uint64_t chances) noexcept { return below(chances) == 0; }

 private:
  std::uint64_t state_;
};

// What a round is to be.
struct Round {
  std::uint64_t number;
  std::uint64_t threads;
  std::uint64_t operations;
  std::uint64_t seed;
};

class CaseRun {
 public:
  CaseRun(Page& page, const CaseOptions& options) noexcept : page_(page), options_(options) {}

  // Declares a cell of the histogram of what was exercised. Before the rounds, by the leading thread. One that is still 0
  // at the end makes the case inconclusive, unless it is optional.
  std::size_t cell(std::string_view name, bool optional = false);
  void count(std::size_t cell, std::uint64_t times = 1) noexcept { raise(page_.cell[cell].count, times); }

  // Names an object for the explanation of a hang: what Member::begin(), holds() and TaskState call by the number returned. By the
  // leading thread, before anybody uses it. `total`: of units.
  std::uint32_t resource(std::string_view name, ResourceKind kind, std::uint32_t total = 1);

  // Calls round(const Round&) as often as there is time for. A round that takes long, since the process was stopped for
  // instance, counts as a second at most. `threads`: those to choose from. Options that ask for more threads or operations than
  // could be chosen are refused: that ends the process.
  void rounds(std::initializer_list<std::uint64_t> threads, std::uint64_t operations_low,
              std::uint64_t operations_high, const std::function<void(const Round&)>& round);
  // The same for cases whose rounds are always alike.
  void rounds(const std::function<void(const Round&)>& round) { rounds({1}, 1, 1, round); }

  // The property was broken: ends the process. From any thread; the first one is reported.
  [[noreturn]] void fail(std::string_view property, std::string_view detail, std::string_view trace = {});
  // The system does not let the case go on: ends the process, and the case is inconclusive. From any thread.
  [[noreturn]] void give_up(std::string_view why) noexcept;
  // Nothing was found, and what other threads still do does not matter: ends the process.
  [[noreturn]] void finish() noexcept;
  // From here on a hang or a crash breaks this property. By the leading thread.
  void expect(std::string_view property, std::string_view detail) noexcept;
  void expect_nothing() noexcept { expect({}, {}); }
  // A step of this case takes as long as so many of others. By the leading thread, before the first round.
  void long_steps(std::uint32_t patience) noexcept { note(page_.patience, patience); }
  // The leading thread has got on.
  void step() noexcept { raise(page_.steps); }

  [[nodiscard]] Page& page() const noexcept { return page_; }
  [[nodiscard]] const CaseOptions& options() const noexcept { return options_; }

 private:
  // Ends the process if more is asked for than there may be.
  void check_size(std::string_view what, std::uint64_t asked, std::uint64_t most) noexcept;

  Page& page_;
  const CaseOptions options_;
};

// A case: one way of using a component, and the properties that must hold then.
struct VerifyCase {
  std::string name;
  std::function<void(CaseRun&)> run;
  double share = 1;  // of the time of its component
};

}  // namespace crosstalk::harness::verify
