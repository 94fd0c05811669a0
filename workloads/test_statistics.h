// For the tests of this folder: is a sample what theory says? All seeds are fixed, so a test that passes once
// does so always; the levels say how far from luck a failure would be.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace crosstalk::workloads {

// Pearson's chi-square as a standard normal deviate (Wilson and Hilferty, 1931). Cells are pooled, in order,
// until at least ten are expected in each. Above 3.1: one in a thousand.
inline double chi_square_deviate(const std::vector<double>& counts,
                                 const std::vector<double>& probabilities) {
  double all = 0;
  for (const double count : counts) all += count;
  double sum = 0;
  double cells = 0;
  double count = 0;
  double expected = 0;
  double rest = all;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    count += counts[i];
    expected += all * probabilities[i];
    const bool last = i + 1 == counts.size();
    if (!last && (expected < 10 || rest - expected < 10)) continue;
    sum += (count - expected) * (count - expected) / expected;
    cells += 1;
    rest -= expected;
    count = expected = 0;
  }
  const double freedom = cells - 1;
  return (std::cbrt(sum / freedom) - (1 - 2 / (9 * freedom))) / std::sqrt(2 / (9 * freedom));
}

// Adds a line to the file that $CROSSTALK_ACCURACY names, if it does: a table of what theory says, what was
// measured and how far apart the two may be.
inline void note_accuracy(const std::string& what, double expected, double measured, double bound) {
  const char* const file = std::getenv("CROSSTALK_ACCURACY");
  if (file == nullptr) return;
  std::ofstream out(file, std::ios::app);
  out.precision(8);
  out << what << "\t" << expected << "\t" << measured << "\t" << bound << "\n";
}

// The largest distance between the sample and the law, times the root of the sample's size (Kolmogorov and
// Smirnov). Above 1.95: one in a thousand.
template <class Law>
double kolmogorov_deviate(std::vector<double> sample, Law&& distribution) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double expected = distribution(sample[i]);
    distance = std::max(
        {distance, expected - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - expected});
  }
  return distance * std::sqrt(n);
}

}  // namespace crosstalk::workloads
