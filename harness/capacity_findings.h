// What the trials of `crosstalk capacity` add up to: a search per strategy and number of drivers, and what is said of it.
// Pure: measures, prints and writes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/capacity_options.h"
#include "harness/text_table.h"
#include "reports/capacity_search.h"
#include "reports/run_result.h"
#include "reports/threshold.h"
#include "reports/usl.h"

namespace crosstalk::harness {

// What one trial says of its rate.
struct RateVerdict {
  bool met = false;
  bool lacks_samples = false;  // too few for a percentile that a condition asks for, nothing else amiss
  bool defect = false;         // of the measurement: generator or contaminated
  std::string_view word;       // why it is not met: slo, saturated, generator, disturbed, failed, short, law
  std::string reason;          // the same at length
};
// Met: status ok, no law broken, every condition held.
[[nodiscard]] RateVerdict judge_rate(const reports::RunResult& result,
                                     std::span<const reports::Threshold> conditions);

// What a search found.
struct CapacityLine {
  std::string strategy;
  unsigned threads = 1;
  reports::Bracket bracket;
  reports::CapacityOutcome outcome = reports::CapacityOutcome::searching;
  std::size_t trials = 0;
  std::optional<double> response_p99_ns;  // of all operations at the rate found, median over its trials
  std::string_view end =
      "stopped";       // what ends the capacity, a word of RateVerdict, or: lowest, limit, gave up, stopped
  std::string remark;  // the same at length
};

// The search of one strategy with one number of drivers. A trial whose measurement is defective is made again, twice at
// the most, before its rate counts as not met: what disturbs the machine for a moment is no limit.
class StrategySearch {
 public:
  // `request` must outlive the search.
  StrategySearch(std::string strategy, unsigned threads, const CapacityRequest& request);

  [[nodiscard]] const std::string& strategy() const noexcept { return strategy_; }
  [[nodiscard]] unsigned threads() const noexcept { return threads_; }
  // Empty: the search is over.
  [[nodiscard]] std::optional<double> next_rate();
  void tell(double rate, const reports::RunResult& result);
  [[nodiscard]] CapacityLine line() const;

  // Of all trials so far.
  [[nodiscard]] bool broke_a_law() const noexcept { return broke_a_law_; }
  [[nodiscard]] bool crashed() const noexcept { return crashed_; }
  // Some trial was measured soundly.
  [[nodiscard]] bool any_sound() const noexcept { return any_sound_; }

 private:
  std::string strategy_;
  unsigned threads_;
  const CapacityRequest& request_;
  reports::CapacityOptions options_;
  reports::CapacitySearch search_;
  bool judged_ = false;                           // a rate yielded enough samples: the search has begun
  std::string unjudged_;                          // why none can
  std::map<double, RateVerdict> reasons_;         // of rates not met, the latest trial's
  std::map<double, std::vector<double>> p99_ns_;  // of trials that met their rate
  std::size_t trials_ = 0;
  std::size_t defects_ = 0;  // in a row, at the rate that next_rate() names
  bool broke_a_law_ = false, crashed_ = false, any_sound_ = false;
};

// 3 a law was broken; else 8 a trial crashed or hung; else 4 a strategy has no sound trial; else 1 one does not meet
// the conditions at the lowest rate; else 5 a search gave up or could not judge; else 0.
[[nodiscard]] int capacity_exit_code(std::span<const StrategySearch> searches);

// A line per search. For people its last column is one word, so that 80 columns suffice, and remarks() say more.
[[nodiscard]] TextTable capacity_table(std::span<const CapacityLine> lines, bool for_people);
// "coarse/ticket, 2 drivers: post.response.p99 2.12 ms"
[[nodiscard]] std::vector<std::string> capacity_remarks(std::span<const CapacityLine> lines);

// A sentence per strategy with three or more numbers of drivers.
[[nodiscard]] std::vector<std::string> scaling_findings(std::span<const CapacityLine> lines);
[[nodiscard]] std::string scaling_sentence(const std::string& strategy, const reports::UslFit& fit,
                                           unsigned most);

// capacity.csv
[[nodiscard]] std::string capacity_header();
[[nodiscard]] std::string capacity_row(const CapacityLine& line, const CapacityRequest& request,
                                       const std::string& run_id);

}  // namespace crosstalk::harness
