// Blocks of a plan, one after the other, for as long as there is time: the number of blocks comes from the clock or from the
// user, never from what the blocks say, unless whoever asks for that accounts for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "harness/campaign.h"
#include "harness/plan.h"

namespace crosstalk::harness {

struct BlockLimits {
  std::uint64_t most = 1;
  std::uint64_t least = 1;           // measured even beyond the budget
  std::optional<double> budget_s{};  // of all blocks; empty: as many as there may be
};

class BlockSeries {
 public:
  // `make(n)`: a plan of n blocks, of which any shorter one is a beginning. `first_trial`: the number of its first trial. The
  // campaign must outlive the series.
  BlockSeries(Campaign& campaign, std::function<Plan(std::uint64_t)> make, BlockLimits limits,
              std::uint64_t first_trial = 0);

  // Measures the first block. Returns how many there will be at most, from the time that it took.
  std::uint64_t begin();
  // Measures the others. `content(n)`, where there is one, is asked after each block, n of them being measured: true ends
  // the series.
  void finish(const std::function<bool(std::uint64_t)>& content = {});

  [[nodiscard]] double first_block_s() const noexcept { return first_block_s_; }
  // The number that the trial after the last one planned has.
  [[nodiscard]] std::uint64_t next_trial() const noexcept {
    return first_trial_ + planned_ * trials_of_block_;
  }

 private:
  [[nodiscard]] double seconds() const;
  // The plan from block `first` on, trials of the whole folder numbered through.
  [[nodiscard]] Plan plan_from(std::uint64_t first) const;

  Campaign& campaign_;
  std::function<Plan(std::uint64_t)> make_;
  BlockLimits limits_;
  std::uint64_t first_trial_;
  std::chrono::steady_clock::time_point begin_;
  std::uint64_t trials_of_block_ = 0;
  std::uint64_t planned_ = 1;
  double first_block_s_ = 0;
};

}  // namespace crosstalk::harness
