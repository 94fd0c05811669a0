// Compares one-driver direct trials with reference_server, operation by operation, through their digests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/catalog.h"
#include "harness/trace_source.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

class ReferenceCheck {
 public:
  // `reference` may be null: then nothing is compared. Must outlive this. `most`: operations of a trial, however many limit()
  // would say by itself.
  explicit ReferenceCheck(const Strategy* reference, std::uint64_t most = ~std::uint64_t{0}) noexcept
      : reference_(reference), most_(most) {}

  // How many operations of a trial are to be digested: all under Checks::full and for a replay, else a prefix that the
  // slow reference server gets through in about a second; no more than `most`. 0 where nothing can be compared.
  [[nodiscard]] std::uint64_t limit(const PreparedTrace& trace, const TrialOptions& options,
                                    std::size_t drivers) const;

  // What the trial did otherwise than the reference server, as text; empty: nothing.
  [[nodiscard]] std::string compare(const PreparedTrace& trace, const TrialInput& input,
                                    const TrialReport& report);

 private:
  struct Run {
    std::uint64_t operations = 0;  // as far as it went
    std::vector<Checkpoint> checkpoints;
    std::string failure;
  };
  const Run& reference_run(const PreparedTrace& trace, const TrialInput& input, std::uint64_t operations);

  const Strategy* reference_;
  std::uint64_t most_;
  std::map<std::uint64_t, Run> runs_;  // by trace hash
};

}  // namespace crosstalk::harness
