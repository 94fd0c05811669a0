// Pairs of recorded gates of a program against itself, from which a replayed gate draws its own (gate_replay.h).
//
// A stationary bootstrap (Politis and Romano 1994) of rounds: a gate takes pairs that followed each other, of all contests from
// the same moment, so that what hits several of them at once, or many in a row, does so again; after some rounds, on
// average so many, it goes on at another moment. Which of the two blocks is called base is a coin flip, as it was when they
// were measured: both are the same program, so either is as true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/gate/contest.h"
#include "reports/recorded_pairs.h"
#include "workloads/random.h"

namespace crosstalk::harness::gate {

class Recording {
 public:
  // By contest: of fewer pairs nothing could be said.
  static constexpr std::size_t kFewest = 20;

  // Pairs of other contests are left out. Throws std::invalid_argument where one of these has too few.
  Recording(const std::vector<reports::RecordedPair>& pairs, const std::vector<Contest>& contests);

  // In the order of time.
  [[nodiscard]] const std::vector<reports::RecordedPair>& of(std::size_t contest) const {
    return pairs_.at(contest);
  }
  [[nodiscard]] std::size_t contests() const noexcept { return pairs_.size(); }

 private:
  std::vector<std::vector<reports::RecordedPair>> pairs_;
};

// The pairs of one gate. Refers to the recording.
class RecordingDraw {
 public:
  RecordingDraw(const Recording& recording, double mean_rounds, std::uint64_t seed);

  // What is drawn from now on follows the round before, or comes from another moment.
  void begin_round();
  // The contest's next pair, its blocks swapped or not.
  [[nodiscard]] reports::RecordedPair next(std::size_t contest);

 private:
  void jump();

  const Recording& recording_;
  double mean_rounds_;
  workloads::RandomStream random_;
  std::vector<std::size_t> next_;  // by contest; the recording is a ring
};

}  // namespace crosstalk::harness::gate
