#include "reports/usl.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace crosstalk::reports {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr int kResamples = 1000;
constexpr std::size_t kFewestForIntervals = 6;
constexpr double kParameters = 3;

// One point in logarithms: `y` = ln(X / N).
struct LogPoint {
  double n = 1;
  double y = 0;
};

struct Curve {
  double log_lambda = 0;
  double sigma = 0;
  double kappa = 0;
  double squares = kInfinite;  // sum of squared residuals

  [[nodiscard]] double denominator(double n) const noexcept {
    return 1 + sigma * (n - 1) + kappa * n * (n - 1);
  }
  [[nodiscard]] double residual(const LogPoint& point) const noexcept {
    return point.y - log_lambda + std::log(denominator(point.n));
  }
};

// The best lambda for this sigma and kappa, and what remains.
Curve profiled(std::span<const LogPoint> points, double sigma, double kappa) {
  Curve curve{0, sigma, kappa, kInfinite};
  double sum = 0;
  for (const LogPoint& point : points) {
    if (curve.denominator(point.n) <= 0) return curve;
    sum += curve.residual(point);
  }
  curve.log_lambda = sum / static_cast<double>(points.size());
  double squares = 0;
  for (const LogPoint& point : points) squares += curve.residual(point) * curve.residual(point);
  curve.squares = squares;
  return curve;
}

// Normal equations of one Gauss-Newton step, lambda profiled out: columns less their means.
struct Normal {
  double ss = 0, sk = 0, kk = 0;  // products of the columns of sigma and kappa
  double sr = 0, kr = 0;          // with the residuals
};

Normal normal_at(std::span<const LogPoint> points, const Curve& curve) {
  double mean_s = 0, mean_k = 0;
  for (const LogPoint& point : points) {
    mean_s += (point.n - 1) / curve.denominator(point.n);
    mean_k += point.n * (point.n - 1) / curve.denominator(point.n);
  }
  const auto n = static_cast<double>(points.size());
  mean_s /= n;
  mean_k /= n;
  Normal sums;
  for (const LogPoint& point : points) {
    const double s = (point.n - 1) / curve.denominator(point.n) - mean_s;
    const double k = point.n * (point.n - 1) / curve.denominator(point.n) - mean_k;
    const double r = curve.residual(point);
    sums.ss += s * s;
    sums.sk += s * k;
    sums.kk += k * k;
    sums.sr += s * r;
    sums.kr += k * r;
  }
  return sums;
}

// Least squares with the parameters named free and the others 0. May end at negative values.
Curve descend(std::span<const LogPoint> points, Curve curve, bool sigma_free, bool kappa_free) {
  curve = profiled(points, sigma_free ? curve.sigma : 0, kappa_free ? curve.kappa : 0);
  for (int i = 0; i < 60; ++i) {
    const Normal sums = normal_at(points, curve);
    double step_s = 0, step_k = 0;
    const double determinant = sums.ss * sums.kk - sums.sk * sums.sk;
    if (sigma_free && kappa_free && determinant > 0) {
      step_s = -(sums.sr * sums.kk - sums.kr * sums.sk) / determinant;
      step_k = -(sums.kr * sums.ss - sums.sr * sums.sk) / determinant;
    } else if (sigma_free && sums.ss > 0) {
      step_s = -sums.sr / sums.ss;
    } else if (kappa_free && sums.kk > 0) {
      step_k = -sums.kr / sums.kk;
    }
    Curve next;
    double length = 1;
    for (int halvings = 0; halvings < 40; ++halvings, length /= 2) {
      next = profiled(points, curve.sigma + length * step_s, curve.kappa + length * step_k);
      if (next.squares <= curve.squares) break;
    }
    if (!(next.squares <= curve.squares)) break;
    const bool settled =
        curve.squares - next.squares <= 1e-14 * curve.squares ||
        (std::abs(next.sigma - curve.sigma) <= 1e-13 && std::abs(next.kappa - curve.kappa) <= 1e-15);
    curve = next;
    if (settled) break;
  }
  return curve;
}

// The bounded minimum is the free one where that is inside, else the better one on an edge.
Curve bounded_fit(std::span<const LogPoint> points, const Curve& from) {
  const Curve inside = descend(points, from, true, true);
  if (inside.sigma >= 0 && inside.kappa >= 0 && std::isfinite(inside.squares)) return inside;
  Curve best = profiled(points, 0, 0);
  for (const bool sigma_free : {true, false}) {
    const Curve edge = descend(points, from, sigma_free, !sigma_free);
    if (edge.sigma >= 0 && edge.kappa >= 0 && edge.squares < best.squares) best = edge;
  }
  return best;
}

double peak_of(const Curve& curve) {
  if (curve.sigma >= 1) return 1;
  if (curve.kappa <= 0) return kInfinite;
  return std::max(1.0, std::sqrt((1 - curve.sigma) / curve.kappa));
}

// Share of each point in its own fitted value: the diagonal of the hat matrix of the free parameters.
std::vector<double> leverages(std::span<const LogPoint> points, const Curve& curve) {
  const Normal sums = normal_at(points, curve);
  const double determinant = sums.ss * sums.kk - sums.sk * sums.sk;
  const auto n = static_cast<double>(points.size());
  double mean_s = 0, mean_k = 0;
  for (const LogPoint& point : points) {
    mean_s += (point.n - 1) / curve.denominator(point.n) / n;
    mean_k += point.n * (point.n - 1) / curve.denominator(point.n) / n;
  }
  std::vector<double> shares;
  for (const LogPoint& point : points) {
    const double s = (point.n - 1) / curve.denominator(point.n) - mean_s;
    const double k = point.n * (point.n - 1) / curve.denominator(point.n) - mean_k;
    const double more =
        determinant > 0 ? (s * s * sums.kk - 2 * s * k * sums.sk + k * k * sums.ss) / determinant : 0;
    shares.push_back(std::min(1 / n + more, 0.99));
  }
  return shares;
}

std::uint64_t next_bits(std::uint64_t& state) {  // splitmix64 (Steele, Lea and Flood 2014)
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// Student's t over the normal quantile at 97.5 % (Cornish and Fisher's expansion, within 1 % from 3 degrees on).
double student_factor(double freedom) {
  constexpr double kZ2 = 1.959964 * 1.959964;
  return 1 + (kZ2 + 1) / (4 * freedom) + (5 * kZ2 * kZ2 + 16 * kZ2 + 3) / (96 * freedom * freedom);
}

// 2.5 % and 97.5 % of the values, moved away from the estimate by the factor; not below `floor`.
Span spread(std::vector<double> values, double estimate, double factor, double floor) {
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  const double low = values[static_cast<std::size_t>(std::floor(0.025 * last))];
  const double high = values[static_cast<std::size_t>(std::ceil(0.975 * last))];
  const auto widened = [&](double end) {
    return std::isfinite(end) && std::isfinite(estimate) ? estimate + (end - estimate) * factor : end;
  };
  return {std::max(floor, widened(std::min(low, estimate))), widened(std::max(high, estimate))};
}

UslFit::Intervals bootstrap(std::span<const LogPoint> points, const Curve& fit) {
  const std::vector<double> shares = leverages(points, fit);
  std::vector<LogPoint> resampled(points.begin(), points.end());
  std::array<std::vector<double>, 4> drawn;
  std::uint64_t state = 20'260'101;
  for (int i = 0; i < kResamples; ++i) {
    for (std::size_t j = 0; j < points.size(); ++j) {
      const double residual = fit.residual(points[j]);
      const double sign = (next_bits(state) >> 63) != 0 ? 1 : -1;
      resampled[j].y = points[j].y - residual + sign * residual / (1 - shares[j]);
    }
    const Curve again = bounded_fit(resampled, fit);
    drawn[0].push_back(std::exp(again.log_lambda));
    drawn[1].push_back(again.sigma);
    drawn[2].push_back(again.kappa);
    drawn[3].push_back(peak_of(again));
  }
  const double factor = student_factor(static_cast<double>(points.size()) - kParameters);
  // In the logarithm a factor stays a factor: lambda and the peak can not become negative by it.
  for (const std::size_t k : {0U, 3U}) {
    for (double& value : drawn[k]) value = std::log(value);
  }
  const Span lambda = spread(drawn[0], fit.log_lambda, factor, -kInfinite);
  const Span peak = spread(drawn[3], std::log(peak_of(fit)), factor, 0);
  return {{std::exp(lambda.low), std::exp(lambda.high)},
          spread(drawn[1], fit.sigma, factor, 0),
          spread(drawn[2], fit.kappa, factor, 0),
          {std::exp(peak.low), std::exp(peak.high)}};
}

bool can_be_fitted(std::span<const UslPoint> points) {
  std::vector<double> levels;
  for (const UslPoint& point : points) {
    if (!(point.n >= 1) || !(point.x_ops_s > 0) || !std::isfinite(point.n) || !std::isfinite(point.x_ops_s))
      return false;
    levels.push_back(point.n);
  }
  std::sort(levels.begin(), levels.end());
  return std::unique(levels.begin(), levels.end()) - levels.begin() >= 3;
}

}  // namespace

double UslFit::at(double n) const noexcept {
  return lambda_ops_s * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

std::optional<UslFit> fit_usl(std::span<const UslPoint> points) {
  if (!can_be_fitted(points)) return std::nullopt;
  std::vector<LogPoint> logs;
  double most = 0;
  for (const UslPoint& point : points) {
    logs.push_back({point.n, std::log(point.x_ops_s / point.n)});
    most = std::max(most, point.n);
  }
  const Curve curve = bounded_fit(logs, Curve{0, 0.1, 0.1 / (most * most), kInfinite});
  UslFit fit;
  fit.lambda_ops_s = std::exp(curve.log_lambda);
  fit.sigma = curve.sigma;
  fit.kappa = curve.kappa;
  fit.peak_n = peak_of(curve);
  fit.peak_ops_s = std::isfinite(fit.peak_n) ? fit.at(fit.peak_n) : fit.lambda_ops_s / fit.sigma;
  fit.extrapolated = fit.peak_n > most;
  const double freedom = static_cast<double>(points.size()) - kParameters;
  fit.scatter = freedom > 0 ? std::sqrt(curve.squares / freedom) : 0;
  if (points.size() >= kFewestForIntervals) fit.intervals = bootstrap(logs, curve);
  return fit;
}

}  // namespace crosstalk::reports
