#include "harness/gate/contamination.h"

namespace crosstalk::harness::gate {

bool is_disturbed(const reports::RunRow& one, const reports::RunRow& other) noexcept {
  return one.status == reports::Status::contaminated || other.status == reports::Status::contaminated;
}

bool Repeats::too_many() const noexcept {
  return measured_ >= kFirst && static_cast<double>(disturbed_) > kMost * static_cast<double>(measured_);
}

}  // namespace crosstalk::harness::gate
