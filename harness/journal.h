// A digest of all that a server answered and delivered, in order, with checkpoints after 2^k operations and at the end.
// Two servers that did the same have the same digests. Only meaningful where one thread issues everything.
#pragma once

#include <bit>
#include <cstdint>

#include "harness/mix.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

class Journal {
 public:
  // Nothing is noted after `limit` operations; 0: never anything.
  explicit Journal(std::uint64_t limit) noexcept : limit_(limit) {}

  [[nodiscard]] bool open() const noexcept { return operations_ < limit_; }
  void note(std::uint64_t value) noexcept { digest_ = mix(digest_, value); }
  void note(std::uint64_t a, std::uint64_t b) noexcept { note(mix(a, b)); }

  // An operation of the trace, and the receives it led to, are complete.
  void operation_done(TrialReport& report) noexcept {
    if (++operations_ == limit_ || std::has_single_bit(operations_)) checkpoint(report);
  }
  // The last operation is done: its state is a checkpoint too.
  void finish(TrialReport& report) noexcept {
    if (operations_ > 0 && open() && !std::has_single_bit(operations_)) checkpoint(report);
  }

 private:
  void checkpoint(TrialReport& report) noexcept {
    if (report.checkpoint_count < kCheckpoints) {
      report.checkpoints[report.checkpoint_count++] = {.operations = operations_, .digest = digest_};
    }
  }

  std::uint64_t limit_;
  std::uint64_t operations_ = 0;
  std::uint64_t digest_ = 0;
};

}  // namespace crosstalk::harness
