#include "reports/slices.h"

#include <vector>

#include "reports/paired.h"

namespace crosstalk::reports {

namespace {

constexpr std::size_t kFewestSlices = 5;
constexpr double kFewestOperations = 100;

struct Slice {
  double completed = 0;
  std::uint64_t length_ns = 0;
};

// Neighbours joined; what is left over at the end is dropped.
std::vector<Slice> joined(const std::vector<Slice>& slices, std::size_t neighbours) {
  std::vector<Slice> result;
  for (std::size_t i = 0; i + neighbours <= slices.size(); i += neighbours) {
    Slice sum;
    for (std::size_t j = i; j < i + neighbours; ++j) {
      sum.completed += slices[j].completed;
      sum.length_ns += slices[j].length_ns;
    }
    result.push_back(sum);
  }
  return result;
}

double typical_count(const std::vector<Slice>& slices) {
  std::vector<double> counts;
  for (const Slice& slice : slices) counts.push_back(slice.completed);
  return median(counts);
}

}  // namespace

TypicalRate typical_rate(const RecordedTrial& trial) {
  TypicalRate mean;
  if (!trial.ops.empty()) mean.ops_s = trial.all().achieved_ops_s;
  std::vector<Slice> all;
  for (const Interval& slice : trial.intervals) {
    if (slice.phase == "measure" && slice.op == "all")
      all.push_back({static_cast<double>(slice.completed), slice.length_ns});
  }
  if (!all.empty()) all.pop_back();
  for (std::size_t neighbours = 1; all.size() / neighbours >= kFewestSlices; ++neighbours) {
    const std::vector<Slice> slices = joined(all, neighbours);
    if (typical_count(slices) < kFewestOperations) continue;
    std::vector<double> rates;
    for (const Slice& slice : slices)
      rates.push_back(slice.completed * 1e9 / static_cast<double>(slice.length_ns));
    return {.ops_s = median(rates), .slice_ns = slices.front().length_ns, .slices = slices.size()};
  }
  return mean;
}

}  // namespace crosstalk::reports
