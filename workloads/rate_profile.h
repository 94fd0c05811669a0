// How the rate of an open loop changes over a run: a cumulative count of operations over time that never
// falls. Operation n = 0, 1, 2, ... is due where the count passes n, so each stretch of a profile gets its
// share of operations exactly, give or take the one that lies on its border. Arrivals at random come from
// the same function: unit exponential gaps on the axis of counts are a Poisson process of the profile's rate.
//
// A value: no state changes after it was made, so threads may share one. Times in nanoseconds after the
// start, rates in operations a second. Counts are exact to 1e9 operations and far beyond.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "workloads/input_error.h"

namespace crosstalk::workloads {

// One stretch in which the rate is a straight line, or, of length 0, operations that are all due at once.
// `lean` is the share that the rate at the begin has in the sum of the rates at begin and end: 1/2 for a
// constant rate, 0 for a ramp from nothing.
struct RateStretch {
  double begin_ns = 0;
  double length_ns = 0;
  double begin_count = 0;
  double end_count = 0;  // > begin_count
  double lean = 0.5;

  // Where the count passes n, begin_count <= n; never after the stretch's end. With u the share of the time
  // gone, the share of the count is 2 lean u + (1 - 2 lean) u^2; this is its inverse without cancellation.
  [[nodiscard]] double instant_ns(double n) const noexcept {
    const double share = std::clamp((n - begin_count) / (end_count - begin_count), 0.0, 1.0);
    if (lean == 0.5) return begin_ns + share * length_ns;
    if (share == 0) return begin_ns;  // 0 / 0 below where the ramp begins at nothing
    const double root = std::sqrt(std::max(0.0, lean * lean + (1 - 2 * lean) * share));
    return begin_ns + std::min(1.0, share / (lean + root)) * length_ns;
  }
};

class RateProfile {
 public:
  // One piece of a profile in the making: the rate runs from `from_ops_s` to `to_ops_s`.
  struct Stage {
    double length_ns = 0;
    double from_ops_s = 0;
    double to_ops_s = 0;
  };
  struct Burst {
    double at_ns = 0;
    double operations = 0;
  };

  // Nothing, for no time.
  RateProfile() = default;
  // Bursts in any order, each before the end. A count that lies within rounding of a whole number is that
  // number. Throws InputError unless the lengths are above 0 and at most 1e16 ns together, rates between 0 and
  // 1e9, bursts whole, and operations above 0 and at most 1e15.
  RateProfile(std::span<const Stage> stages, std::span<const Burst> bursts);

  [[nodiscard]] double length_ns() const noexcept { return length_ns_; }
  // In all; operations n = 0 .. below this are due within the profile.
  [[nodiscard]] double operations() const noexcept {
    return stretches_.empty() ? 0 : stretches_.back().end_count;
  }
  // The last instant at which the count is not above n: after a stretch of rate 0, say. length_ns() from
  // operations() on. O(log of the stretches).
  [[nodiscard]] double instant_ns(double n) const noexcept;
  // Bursts have none and are not in it. 0 outside the profile; at a border, what comes after it.
  [[nodiscard]] double rate_at(double ns) const noexcept;
  [[nodiscard]] std::uint64_t hash() const noexcept;

  // k times the operations in the same time; bursts too. k > 0.
  [[nodiscard]] RateProfile scaled_rate(double k) const;
  // The same operations k times as fast: times over k, rates times k. k > 0.
  [[nodiscard]] RateProfile compressed(double k) const;

  // The same after `length_ns` more, during which the rate is the one with which it begins. Bursts at its first instant
  // come after that. length_ns >= 0.
  [[nodiscard]] RateProfile led_in(double length_ns) const;

  [[nodiscard]] std::span<const RateStretch> stretches() const noexcept { return stretches_; }

 private:
  void add_stage(const Stage& stage, std::span<const Burst> bursts);
  void add(const RateStretch& stretch);

  std::vector<RateStretch> stretches_;  // ascending, those without operations left out
  double length_ns_ = 0;
};

// `30s:1k,1m:5k..20k,burst@45s:20k`: LENGTH:RATE and LENGTH:FROM..TO follow each other in time; burst@T:N puts
// N more operations at T after the start. Rates may be 0, and may be written with k, M and /s. Throws
// InputError with the piece of text that is wrong, its bound and value.
[[nodiscard]] RateProfile parse_stages(std::string_view text);
// Throws InputError as above.
[[nodiscard]] RateProfile constant(double rate_ops_s, double length_ns);
// A CSV file with a header and the columns `minute` (whole, ascending) and `messages` (how many there were in
// it) or `rate` (operations a second during it; `messages` is taken where both are there). Others are ignored.
// Time 0 is the first row's minute. Nothing is due in minutes that are missing, empty, 0 or -1 (not known).
// CRLF and a UTF-8 BOM are accepted. Throws InputError (FILE:LINE: reason).
[[nodiscard]] RateProfile read_envelope(const std::filesystem::path& file);

// Walks a profile forwards: instant_ns as RateProfile's, at amortised O(1) without allocation. Keeps a pointer
// into the profile, which must outlive it. Not thread-safe; one for each driver.
class ProfileCursor {
 public:
  explicit ProfileCursor(const RateProfile& profile) noexcept
      : next_(profile.stretches().data()),
        last_(next_ + profile.stretches().size()),
        length_ns_(profile.length_ns()) {}
  explicit ProfileCursor(const RateProfile&&) = delete;

  // n must not be below that of the call before.
  double instant_ns(double n) noexcept {
    while (next_ != last_ && next_->end_count <= n) ++next_;
    return next_ == last_ ? length_ns_ : next_->instant_ns(n);
  }

 private:
  const RateStretch* next_;
  const RateStretch* last_;
  double length_ns_;
};

}  // namespace crosstalk::workloads
