// The pairs of recorded gates (pairs.csv) of a program against itself: noise to try gates and other tools on.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace crosstalk::reports {

struct RecordedPair {
  std::string scenario{};
  bool base_first = true;
  bool disturbed = false;  // the gate measured another one instead
  bool sound = true;       // both blocks ok or saturated
  double seconds = 0;      // that both blocks took, start of the processes included
  // In the order of default_gate_metrics(); above 0, or nothing was measured.
  std::vector<std::optional<double>> base{}, head{};
};

// All pairs of the file in the order of time: of search, confirmation and control alike. Throws CsvError.
[[nodiscard]] std::vector<RecordedPair> recorded_pairs(const std::string& file);

}  // namespace crosstalk::reports
