// The Universal Scalability Law, fitted to measured throughput:
//
//   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)),   sigma, kappa >= 0
//
// lambda: throughput of one thread; sigma: share that is serialised (contention); kappa: cost of agreement between pairs
// (coherency), which makes throughput fall again beyond N* = sqrt((1 - sigma) / kappa). N. J. Gunther, "A simple capacity
// model of massively parallel transaction systems" (CMG 1993) and "Guerrilla Capacity Planning" (2007).
//
// Gunther fits a parabola to N X(1) / X(N) - 1, which takes the noise of X(1) for none and weights the others by their
// N. Here all points are equal: the sum of squares of ln X - ln X(N) is least, since throughput scatters by a share of
// itself; sigma and kappa by Gauss-Newton with the bounds as active sets, lambda in closed form.
//
// The law is a model of the mean and knows nothing of processors: beyond the threads that were measured, and across the
// point where threads outnumber processors, it is a guess. Deterministic: the bootstrap has a fixed seed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "reports/paired.h"

namespace crosstalk::reports {

struct UslPoint {
  double n = 1;        // threads, at least 1
  double x_ops_s = 0;  // throughput, above 0; replicates are points with the same n
};

struct UslFit {
  double lambda_ops_s = 0;
  double sigma = 0;
  double kappa = 0;
  double peak_n = 0;      // N*, at least 1; infinite where kappa is 0 and throughput never falls
  double peak_ops_s = 0;  // X(N*); where N* is infinite its limit, lambda / sigma, which may be infinite too
  bool extrapolated =
      false;           // N* lies beyond the largest n measured: a prediction that nothing here has tested
  double scatter = 0;  // residual standard deviation of ln X, about a share of X
  // 95 %, percentiles of a wild bootstrap of the residuals (Wu 1986; Davidson and Flachaire 2008: Rademacher weights,
  // residuals divided by 1 - leverage), which lets the scatter differ from point to point. Widened by Student's t for
  // the few degrees of freedom. Empty with fewer than 6 points. An infinite end of `peak_n` means: maybe no peak at all.
  struct Intervals {
    Span lambda_ops_s, sigma, kappa, peak_n;
  };
  std::optional<Intervals> intervals;

  [[nodiscard]] double at(double n) const noexcept;
};

// Empty with fewer than three different n, or a point out of range: three parameters need as many.
[[nodiscard]] std::optional<UslFit> fit_usl(std::span<const UslPoint> points);

}  // namespace crosstalk::reports
