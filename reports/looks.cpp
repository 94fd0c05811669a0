#include "reports/looks.h"

#include <algorithm>

namespace crosstalk::reports {

Looks::Looks(std::size_t first, std::size_t last) : next_(std::min(first, last)), last_(last) {}

double Looks::spend(std::size_t blocks) {
  const double until_now = std::min(1.0, static_cast<double>(blocks) / static_cast<double>(last_));
  const double share = std::max(0.0, until_now - spent_);
  spent_ += share;
  ++count_;
  next_ = std::max(blocks + 1, std::min(last_, blocks + (blocks + 1) / 2));
  return share;
}

double Looks::spend_rest() {
  const double share = 1 - spent_;
  spent_ = 1;
  ++count_;
  return share;
}

}  // namespace crosstalk::reports
