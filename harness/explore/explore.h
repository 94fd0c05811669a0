// explore(): runs a piece of concurrent C++ under every interleaving within a bound, then under many others, and says what it found
// with a string that leads there again. The code under test is unmodified; it must be compiled with -fsanitize=thread and linked
// with this library and without that option: crosstalk_explore() of scripts/cmake/explore.cmake does so.
//
// A scenario is a function that starts threads, lets them meet, and joins them. It is run thousands of times in child processes; what
// it changes in globals is put back after each execution. It must do the same under the same schedule: clocks are virtual, but
// random numbers and addresses printed or hashed are the caller's affair. Limits: finding.h, and README.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/explore/finding.h"

namespace crosstalk::harness::explore {

// How the processor goes from thread to thread. What is found, and after how many executions, is the same.
enum class Switching : std::uint8_t {
  fibers,  // one thread of the kernel on the stacks of all
  threads,  // threads of the kernel, one at a time: slower, and nothing is unusual for debuggers and other tools
};

// "fibers" or "threads"; throws std::invalid_argument for anything else, naming `what` it is the value of.
[[nodiscard]] Switching parse_switching(const std::string& what, const std::string& text);
// What the environment variable CROSSTALK_EXPLORE_SWITCHING says, else fibers; throws as parse_switching() does.
[[nodiscard]] Switching usual_switching();

struct Options {
  int preemptions = 2;                       // depth first with 0, 1, ... up to this many; 0 to 8
  std::uint64_t depth_first_runs = 200'000;  // at most, for each of these bounds
  std::uint64_t priority_runs = 2'000;  // by changing priorities, for bugs of depth 2 and as many for depth 3
  std::uint64_t random_runs = 500;
  std::chrono::nanoseconds budget =
      std::chrono::seconds(60);  // of all together; looked at every 64 executions
  std::uint64_t seed = 1;
  std::chrono::seconds patience{10};  // with a child that makes no progress; 1 s or more
  bool stale_reads = false;           // loads may return older values where the memory model lets them
  bool spurious = false;              // who waits may wake for no reason
  // A process for each execution, some hundred times slower: for scenarios that change what is not put back between two
  // executions, such as the globals of a shared library.
  bool process_each = false;
  Switching switching = usual_switching();
  // Depth first, no preemption is tried that differs from a later one in nothing (conflicts.h). Not with stale reads or spurious wake-ups.
  bool reduction = true;
};

struct Phase {
  std::string name;
  std::uint64_t executions = 0;
  bool exhausted =
      false;  // every schedule of this kind has been run, or another that differs from it in nothing
};

struct Result {
  Finding finding = Finding::none;
  std::string reason;     // one sentence
  std::string replay;     // for replay(); empty where the usual schedule fails
  std::string table;      // what each thread did, in the order in which it happened
  bool confirmed = true;  // a failure was found again, twice, by its replay
  std::vector<Phase> phases;
  int threads =
      0;  // the most there were, the scenario's own among them: 1 is a scenario with nothing to explore
  double seconds = 0;

  [[nodiscard]] bool passed() const noexcept { return finding == Finding::none; }
  [[nodiscard]] std::uint64_t executions() const noexcept;
  // What was covered, on one line.
  [[nodiscard]] std::string coverage() const;
};

// Throws std::invalid_argument for an option out of its bounds, std::runtime_error where the system refuses what it needs.
// Not from two threads at once; the program's other threads are not seen.
[[nodiscard]] Result explore(const Options& options, const std::function<void()>& scenario);

// Runs the one schedule that `text` stands for. Throws std::invalid_argument for a text that is none. If the schedule cannot be
// followed, the finding is `nondeterministic` and the reason says so.
[[nodiscard]] Result replay(const std::string& text, const Options& options,
                            const std::function<void()>& scenario);

// Fails the execution unless it holds: an assert() that no NDEBUG takes away. `what` is kept by pointer.
void require(bool holds, const char* what) noexcept;

}  // namespace crosstalk::harness::explore
