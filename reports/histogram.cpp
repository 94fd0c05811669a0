#include "reports/histogram.h"

#include <cmath>

namespace crosstalk::reports {

namespace {

constexpr double kSumWraps = 0x1p64;

}  // namespace

void Histogram::merge(const Histogram& other) noexcept {
  if (other.count_ == 0) return;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
  count_ += other.count_;
  overflow_ += other.overflow_;
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
}

void Histogram::restore(std::uint64_t low, std::uint64_t high, std::uint64_t count) noexcept {
  if (count == 0) return;
  min_ = std::min(min_, low);
  max_ = std::max(max_, high);
  sum_ += (low + (high - low) / 2) * count;
  count_ += count;
  if (low >= kRange) {
    overflow_ += count;
  } else {
    buckets_[index_of(low)] += count;
  }
}

void Histogram::refine(std::uint64_t max, double mean) noexcept {
  if (count_ == 0) return;
  // A maximum from elsewhere must not contradict the buckets.
  const bool in_last =
      max >= kRange ? overflow_ > 0 : overflow_ == 0 && index_of(max) == index_of(std::min(max_, kRange - 1));
  if (in_last) max_ = max;
  const double sum = mean * static_cast<double>(count_) + 0.5;
  if (sum >= 0 && std::isfinite(sum)) sum_ = static_cast<std::uint64_t>(std::fmod(sum, kSumWraps));
}

double Histogram::whole_sum() const noexcept {
  const auto rest = static_cast<double>(sum_);
  if (static_cast<double>(count_) * static_cast<double>(max_) < kSumWraps) return rest;
  double about = 0;  // within 0.79 %, so that whole turns of 2^64 can be told from it
  for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
    about += static_cast<double>(std::clamp(low + (high - low) / 2, min_, max_)) * static_cast<double>(count);
  });
  return rest + std::max(0.0, std::round((about - rest) / kSumWraps)) * kSumWraps;
}

std::optional<std::uint64_t> Histogram::percentile(double p) const noexcept {
  constexpr double kSamplesPerTail = 5.6;
  // A hair below, so that 1 - 0.9 and the like do not ask for one sample more than they should.
  if (static_cast<double>(count_) * (1 - p) < kSamplesPerTail - 1e-9) return std::nullopt;
  return percentile_of_few(p);
}

std::uint64_t Histogram::percentile_of_few(double p) const noexcept {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(p * static_cast<double>(count_));
  const auto rank = static_cast<std::uint64_t>(std::clamp(wanted, 1.0, static_cast<double>(count_)));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    below += buckets_[i];
    if (below < rank) continue;
    const std::uint64_t low = low_of(i);
    return std::clamp(low + (high_of(i) - low) / 2, min_, max_);
  }
  return max_;  // in the overflow, of which only the maximum is known
}

}  // namespace crosstalk::reports
