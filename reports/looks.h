// Looking at the blocks before all of them are there, without looking too often.
//
// Whoever stops when the result pleases is wrong more often than the level says. Each look therefore spends its share of
// the error allowed, in proportion to the blocks that are new at it (Lan and DeMets 1983, their linear spending function),
// and is judged at level x share, with intervals of confidence 1 - (1 - confidence) x share. The shares add up to 1, so by
// the union bound all looks together err no more often than one. Looks lie a factor of 1.5 apart: few, or the shares
// would be small.
//
// A run that ends because its time is over needs no share for that: how long blocks take says nothing of who of two was
// the faster in them. Its last look spends what is left.
#pragma once

#include <cstddef>

namespace crosstalk::reports {

class Looks {
 public:
  // One look, when all blocks are there: it spends everything.
  Looks() = default;
  // Looks from `first` blocks on, the last one planned at `last`. Both at least 1.
  Looks(std::size_t first, std::size_t last);

  // Is a look due with so many blocks?
  [[nodiscard]] bool is_due(std::size_t blocks) const noexcept { return next_ > 0 && blocks >= next_; }
  // Spends the share of a look that is due, and plans the next one.
  double spend(std::size_t blocks);
  // Spends the rest: whatever comes after, nothing more may be claimed.
  double spend_rest();

  [[nodiscard]] std::size_t count() const noexcept { return count_; }  // looks so far
  [[nodiscard]] double spent() const noexcept { return spent_; }

 private:
  std::size_t next_ = 0;  // 0: no look but the last
  std::size_t last_ = 0;
  std::size_t count_ = 0;
  double spent_ = 0;
};

}  // namespace crosstalk::reports
