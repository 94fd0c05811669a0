#include "harness/gate/recording.h"

#include <stdexcept>
#include <utility>

namespace crosstalk::harness::gate {

Recording::Recording(const std::vector<reports::RecordedPair>& pairs, const std::vector<Contest>& contests) {
  for (const Contest& contest : contests) {
    std::vector<reports::RecordedPair>& own = pairs_.emplace_back();
    for (const reports::RecordedPair& pair : pairs) {
      if (pair.scenario == contest.name) own.push_back(pair);
    }
    if (own.size() < kFewest)
      throw std::invalid_argument(contest.name + ": " + std::to_string(own.size()) +
                                  " recorded pairs, it takes " + std::to_string(kFewest));
  }
}

RecordingDraw::RecordingDraw(const Recording& recording, double mean_rounds, std::uint64_t seed)
    : recording_(recording), mean_rounds_(mean_rounds), random_(seed, workloads::Purpose::plan) {
  jump();
}

void RecordingDraw::begin_round() {
  if (random_.uniform() * mean_rounds_ < 1) jump();
}

reports::RecordedPair RecordingDraw::next(std::size_t contest) {
  const std::vector<reports::RecordedPair>& all = recording_.of(contest);
  reports::RecordedPair pair = all[next_[contest]++ % all.size()];
  if (random_.below(2) == 0) std::swap(pair.base, pair.head);
  return pair;
}

// Contests take turns, so that the same share of each one's pairs is the same moment.
void RecordingDraw::jump() {
  const double moment = random_.uniform();
  next_.clear();
  for (std::size_t i = 0; i < recording_.contests(); ++i)
    next_.push_back(static_cast<std::size_t>(moment * static_cast<double>(recording_.of(i).size())));
}

}  // namespace crosstalk::harness::gate
