# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy"]
# ///
"""The Universal Scalability Law fitted to throughput, the same model and criterion as that of reports/usl.h:

    X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)),  sigma, kappa >= 0

lambda: throughput of one thread; sigma: share that is serialised; kappa: cost of agreement between pairs. Least squares
of ln X, since throughput scatters by a share of itself (N. J. Gunther, "Guerrilla Capacity Planning", 2007, for the law).
"""

import math
from dataclasses import dataclass

import numpy as np

FEWEST_LEVELS = 3  # three parameters
FEWEST_FOR_BAND = 6
RESAMPLES = 400
STEPS = 60


@dataclass
class Fit:
    """What was fitted; `resampled`: rows (ln lambda, sigma, kappa) of a wild bootstrap, or none."""

    ops_s: float
    sigma: float
    kappa: float
    widening: float
    resampled: np.ndarray

    def at(self, n):
        n = np.asarray(n, dtype=float)
        return self.ops_s * n / _denominator(n, self.sigma, self.kappa)

    def band(self, n):
        """(low, high) at each n: 95 % by the bootstrap, widened by Student's t; None with fewer than 6 points."""
        if not len(self.resampled):
            return None
        n = np.asarray(n, dtype=float)
        log_lambda, sigma, kappa = self.resampled.T[:, :, None]
        drawn = log_lambda + np.log(n) - np.log(_denominator(n, sigma, kappa))
        middle = np.log(self.at(n))
        low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
        widened = [middle + (end - middle) * self.widening for end in (np.minimum(low, middle), np.maximum(high, middle))]
        return np.exp(widened[0]), np.exp(widened[1])

    @property
    def peak(self):
        """Threads at which throughput is largest; infinite where it never falls."""
        if self.sigma >= 1:
            return 1.0
        return max(1.0, math.sqrt((1 - self.sigma) / self.kappa)) if self.kappa > 0 else math.inf


def fit_usl(threads, ops_s):
    """The fit to points (threads, ops_s); None with fewer than three different numbers of threads."""
    n, x = np.asarray(threads, dtype=float), np.asarray(ops_s, dtype=float)
    if len(np.unique(n)) < FEWEST_LEVELS or not (np.isfinite(x).all() and (x > 0).all() and (n >= 1).all()):
        return None
    y = np.log(x / n)[None, :]
    (log_lambda,), (sigma,), (kappa,) = _bounded(n, y, 0.1, 0.1 / n.max() ** 2)
    freedom = len(n) - 3
    resampled = np.empty((0, 3))
    if len(n) >= FEWEST_FOR_BAND:
        residual = y[0] - log_lambda + np.log(_denominator(n, sigma, kappa))
        scaled = residual / (1 - _leverage(n, sigma, kappa))
        signs = np.random.default_rng(20_260_101).choice((-1.0, 1.0), size=(RESAMPLES, len(n)))
        resampled = np.stack(_bounded(n, y[0] - residual + signs * scaled, sigma, kappa), axis=1)
    return Fit(math.exp(log_lambda), float(sigma), float(kappa), _student_factor(freedom), resampled)


def _denominator(n, sigma, kappa):
    return 1 + sigma * (n - 1) + kappa * n * (n - 1)


def _profiled(n, y, sigma, kappa):
    """(ln lambda, residuals, their squares) of each row; infinite squares where the law has no value."""
    denominator = _denominator(n, sigma[:, None], kappa[:, None])
    logs = np.log(np.where(denominator > 0, denominator, 1))
    log_lambda = (y + logs).mean(axis=1)
    residual = y + logs - log_lambda[:, None]
    squares = np.where((denominator > 0).all(axis=1), (residual**2).sum(axis=1), np.inf)
    return log_lambda, residual, squares


def _columns(n, sigma, kappa):
    """Derivatives of the residuals by sigma and kappa, lambda profiled out: less their means."""
    denominator = _denominator(n, sigma, kappa)
    by_sigma, by_kappa = (n - 1) / denominator, n * (n - 1) / denominator
    return (by_sigma - by_sigma.mean(axis=-1, keepdims=True), by_kappa - by_kappa.mean(axis=-1, keepdims=True))


def _descend(n, y, sigma, kappa, free):
    """Gauss-Newton for every row of y at once; `free`: which of sigma and kappa are not held at 0."""
    sigma, kappa = sigma * free[0], kappa * free[1]
    squares = _profiled(n, y, sigma, kappa)[2]
    for _ in range(STEPS):
        s, k = _columns(n, sigma[:, None], kappa[:, None])
        residual = _profiled(n, y, sigma, kappa)[1]
        ss, sk, kk = (s * s).sum(1), (s * k).sum(1), (k * k).sum(1)
        sr, kr = (s * residual).sum(1), (k * residual).sum(1)
        if all(free):
            determinant = np.where(ss * kk > sk * sk, ss * kk - sk * sk, np.inf)
            step = -(sr * kk - kr * sk) / determinant, -(kr * ss - sr * sk) / determinant
        else:
            step = -free[0] * sr / np.where(ss > 0, ss, np.inf), -free[1] * kr / np.where(kk > 0, kk, np.inf)
        length, before = np.ones(len(y)), squares
        for _ in range(40):
            tried = _profiled(n, y, sigma + length * step[0], kappa + length * step[1])[2]
            worse = ~(tried <= before)
            if not worse.any():
                break
            length = np.where(worse, length / 2, length)
        length = np.where(tried <= before, length, 0)
        sigma, kappa = sigma + length * step[0], kappa + length * step[1]
        squares = np.where(length > 0, tried, before)
        if (before - squares <= 1e-14 * before).all():
            break
    return sigma, kappa, squares


def _bounded(n, y, sigma, kappa):
    """The minimum with sigma, kappa >= 0 for each row of y: the free one where it is inside, else that on an edge."""
    start = np.full(len(y), sigma), np.full(len(y), kappa)
    free = _descend(n, y, *start, (1, 1))
    inside = (free[0] >= 0) & (free[1] >= 0) & np.isfinite(free[2])
    zero = np.zeros(len(y))
    best = zero, zero, _profiled(n, y, zero, zero)[2]
    for edge in ((1, 0), (0, 1)):
        found = _descend(n, y, *start, edge)
        better = (found[0] >= 0) & (found[1] >= 0) & (found[2] < best[2])
        best = tuple(np.where(better, new, old) for new, old in zip(found, best))
    sigma, kappa = (np.where(inside, one, other) for one, other in zip(free[:2], best[:2]))
    return _profiled(n, y, sigma, kappa)[0], sigma, kappa


def _leverage(n, sigma, kappa):
    """Share of each point in its own fitted value, at most 0.99."""
    s, k = _columns(n, sigma, kappa)
    ss, sk, kk = s @ s, s @ k, k @ k
    determinant = ss * kk - sk * sk
    more = (s * s * kk - 2 * s * k * sk + k * k * ss) / determinant if determinant > 0 else 0
    return np.minimum(1 / len(n) + more, 0.99)


def _student_factor(freedom):
    """Student's t over the normal quantile at 97.5 %, by Cornish and Fisher's expansion."""
    if freedom <= 0:
        return 1.0
    square = 1.959964**2
    return 1 + (square + 1) / (4 * freedom) + (5 * square**2 + 16 * square + 3) / (96 * freedom**2)
