#include "reports/capacity_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "reports/metrics.h"

namespace crosstalk::reports {

namespace {

constexpr double kNoRate = std::numeric_limits<double>::infinity();
constexpr double kWidestStride = 2;
// From here on, in steps of the precision, rates are near the border.
constexpr double kNearSteps = 4;

// Four digits: rates that people can type.
double rounded_rate(double rate) {
  const double unit = std::pow(10.0, std::floor(std::log10(rate)) - 3);
  return std::round(rate / unit) * unit;
}

bool is_same_rate(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(a, b);
}

void check_option(bool good, const std::string& name, const std::string& bound, double value) {
  if (good) return;
  throw std::invalid_argument("capacity search: " + name + " must be " + bound + ", got " +
                              shown_value(MetricUnit::count, value));
}

}  // namespace

CapacitySearch::CapacitySearch(CapacityOptions options) : options_(options) {
  const auto confirmations = static_cast<double>(options.confirmations);
  check_option(options.start_ops_s > 0 && std::isfinite(options.start_ops_s), "start_ops_s", "above 0",
               options.start_ops_s);
  check_option(options.precision >= 0.01 && options.precision <= 1, "precision", "between 0.01 and 1",
               options.precision);
  check_option(options.confirmations % 2 == 1, "confirmations", "odd", confirmations);
  if (options_.lowest_ops_s <= 0) options_.lowest_ops_s = options_.start_ops_s;
  check_option(options_.lowest_ops_s <= options.start_ops_s, "lowest_ops_s", "at most start_ops_s",
               options_.lowest_ops_s);
  check_option(options.limit_ops_s >= options.start_ops_s && std::isfinite(options.limit_ops_s),
               "limit_ops_s", "at least start_ops_s", options.limit_ops_s);
}

CapacitySearch::Judged& CapacitySearch::entry(double rate) {
  auto place = std::find_if(judged_.begin(), judged_.end(),
                            [&](const Judged& j) { return j.rate > rate || is_same_rate(j.rate, rate); });
  if (place == judged_.end() || !is_same_rate(place->rate, rate)) {
    Judged fresh;
    fresh.rate = rate;
    place = judged_.insert(place, fresh);
  }
  return *place;
}

// Unanimous or with one dissent outvoted: firm. Otherwise a rate on the border, unless there is nothing beyond it.
void CapacitySearch::settle(Judged& judged) const {
  const std::size_t votes = judged.met + judged.failed;
  const std::size_t dissent = std::min(judged.met, judged.failed);
  const std::size_t needed = options_.confirmations + (dissent > 0 ? options_.confirmations - 1 : 0);
  judged.firm = votes >= needed;
  judged.state = judged.met > judged.failed ? State::met : State::failed;
  if (judged.refuted > options_.confirmations / 2) {
    judged.firm = true;
    judged.state = State::failed;
    return;
  }
  if (!judged.firm || dissent <= 1) return;
  const bool at_an_edge =
      judged.rate <= options_.lowest_ops_s * (1 + 1e-9) || judged.rate >= options_.limit_ops_s * (1 - 1e-9);
  judged.state = at_an_edge ? State::failed : State::mixed;
}

void CapacitySearch::tell(double rate, bool met) {
  ++trials_;
  Judged& judged = entry(rate);
  const State before = judged.state;
  const bool fresh = judged.met + judged.failed == 0;
  if (confirming_ && asked_ && is_same_rate(*asked_, rate)) {
    ++(met ? judged.confirmed : judged.refuted);
  } else {
    ++(met ? judged.met : judged.failed);
  }
  settle(judged);
  // An end that one trial had set and others overturned: the border is not far from it.
  if (!fresh && judged.state != before) stride_ = std::pow(1 + options_.precision, 2);
  const bool is_open = asked_firmly_ && !judged.firm;
  if (!is_open) asked_.reset();
}

CapacitySearch::Ends CapacitySearch::ends() const {
  Ends ends;
  for (const Judged& judged : judged_) {
    if (judged.state == State::failed) {
      ends.failed = &judged;
      break;
    }
    if (judged.state == State::met) {
      ends.met = &judged;
      ends.mixed = 0;
      ends.lowest_mixed = ends.highest_mixed = 0;
      continue;
    }
    if (ends.mixed++ == 0) ends.lowest_mixed = judged.rate;
    ends.highest_mixed = judged.rate;
  }
  return ends;
}

// How far an end may be from a rate whose trials disagree: half the precision, more where the noise is wide.
double CapacitySearch::near_step(const Ends& ends) const {
  return std::pow(1 + options_.precision, 0.5 * static_cast<double>(std::max<std::size_t>(ends.mixed, 1)));
}

std::optional<double> CapacitySearch::next_rate() {
  if (outcome_ != CapacityOutcome::searching) return std::nullopt;
  if (trials_ >= options_.trial_limit) {
    outcome_ = CapacityOutcome::gave_up;
    return std::nullopt;
  }
  if (!asked_) {
    confirming_ = asked_firmly_ = false;
    asked_ = choose();
  }
  return asked_;
}

double CapacitySearch::climb_from(double rate, double factor) {
  stride_ = std::min(kWidestStride, stride_ * stride_);
  return std::min(rounded_rate(rate * factor), options_.limit_ops_s);
}

double CapacitySearch::descend_from(double rate, double factor) {
  stride_ = std::min(kWidestStride, stride_ * stride_);
  return std::max(rounded_rate(rate / factor), options_.lowest_ops_s);
}

std::optional<double> CapacitySearch::choose() {
  if (judged_.empty()) return options_.start_ops_s;
  const Ends now = ends();
  asked_firmly_ = now.mixed > 0;
  if (now.failed == nullptr) {
    if (now.met != nullptr && now.mixed == 0 && now.met->rate >= options_.limit_ops_s * (1 - 1e-9))
      return conclude(now);
    if (now.mixed > 0) return climb_from(now.highest_mixed, near_step(now));
    return climb_from(now.met->rate, stride_);
  }
  if (now.met == nullptr) {
    if (now.failed->rate <= options_.lowest_ops_s * (1 + 1e-9)) return conclude(now);
    if (now.mixed > 0) return descend_from(now.lowest_mixed, near_step(now));
    return descend_from(now.failed->rate, stride_);
  }
  if (const auto rate = probe_between(now)) return rate;
  return conclude(now);
}

std::optional<double> CapacitySearch::probe_between(const Ends& ends) {
  const double low = ends.met->rate, high = ends.failed->rate;
  const double slack = 1.001;  // of rounding
  if (ends.mixed > 0) {
    const double step = near_step(ends);
    if (ends.lowest_mixed / low > step * slack) return rounded_rate(ends.lowest_mixed / step);
    if (high / ends.highest_mixed > step * slack) return rounded_rate(ends.highest_mixed * step);
    return std::nullopt;
  }
  if (high / low <= (1 + options_.precision)) return std::nullopt;
  asked_firmly_ = high / low <= std::pow(1 + options_.precision, kNearSteps);
  return rounded_rate(std::sqrt(low * high));
}

// The bracket is narrow enough: are its ends certain, and is the lower one met again?
std::optional<double> CapacitySearch::conclude(const Ends& ends) {
  asked_firmly_ = true;
  if (ends.failed != nullptr && !ends.failed->firm) return ends.failed->rate;
  if (ends.met == nullptr) {
    outcome_ = CapacityOutcome::below_lowest;
    return std::nullopt;
  }
  if (!ends.met->firm) return ends.met->rate;
  if (ends.met->confirmed <= options_.confirmations / 2) {
    confirming_ = true;
    asked_firmly_ = false;
    return ends.met->rate;
  }
  outcome_ = ends.failed == nullptr ? CapacityOutcome::limit_reached : CapacityOutcome::found;
  return std::nullopt;
}

Bracket CapacitySearch::bracket() const {
  const Ends now = ends();
  Bracket bracket;
  bracket.failed_ops_s = kNoRate;
  if (now.failed != nullptr) bracket.failed_ops_s = now.failed->rate;
  if (now.met == nullptr) return bracket;
  bracket.met_ops_s = now.met->rate;
  bracket.confirmed = now.met->confirmed > options_.confirmations / 2;
  return bracket;
}

std::string CapacitySearch::remark() const {
  switch (outcome_) {
    case CapacityOutcome::below_lowest:
      return "not even the lowest rate, " + shown_value(MetricUnit::ops_s, options_.lowest_ops_s);
    case CapacityOutcome::limit_reached:
      return "limit reached, " + shown_value(MetricUnit::ops_s, options_.limit_ops_s);
    case CapacityOutcome::gave_up:
      return "gave up after " + std::to_string(trials_) + " trials";
    case CapacityOutcome::searching:
    case CapacityOutcome::found:
      break;
  }
  return "";
}

}  // namespace crosstalk::reports
