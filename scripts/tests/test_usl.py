"""The law fitted by usl.py is the one that reports/usl.h fits."""

import math
import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from usl import fit_usl  # noqa: E402


def law(n, ops_s, sigma, kappa):
    return ops_s * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))


@pytest.mark.parametrize("ops_s, sigma, kappa", [(1e5, 0.05, 0.004), (3.0, 0.4, 0.02), (1e6, 0, 0.01), (1e6, 0.2, 0),
                                                 (1e6, 0, 0), (1e5, 0.98, 0.5), (1e5, 1.5, 0.2)])
def test_exact_points_give_back_their_law(ops_s, sigma, kappa):
    threads = np.array([1, 2, 3, 4, 6, 8])
    fit = fit_usl(threads, law(threads, ops_s, sigma, kappa))
    assert (fit.ops_s, fit.sigma, fit.kappa) == (pytest.approx(ops_s), pytest.approx(sigma, abs=1e-6),
                                                 pytest.approx(kappa, abs=1e-6))
    low, high = fit.band([1, 8, 20])
    assert low == pytest.approx(fit.at([1, 8, 20])) and high == pytest.approx(low)


def test_scattered_points_give_what_the_program_fits():
    # The same points and numbers stand in reports/usl_test.cpp.
    threads = [1, 1, 2, 2, 4, 4, 8, 8]
    fit = fit_usl(threads, [1.02e6, 0.97e6, 1.71e6, 1.83e6, 2.66e6, 2.51e6, 2.74e6, 2.98e6])
    assert fit.ops_s == pytest.approx(999215.1261, rel=1e-6)
    assert fit.sigma == pytest.approx(0.1008492808, rel=1e-6)
    assert fit.kappa == pytest.approx(0.01957108453, rel=1e-6)
    assert fit.peak == pytest.approx(6.778112951, rel=1e-6)
    low, high = fit.band([1, 8, 32])
    assert (low < fit.at([1, 8, 32])).all() and (fit.at([1, 8, 32]) < high).all()
    assert high[2] / low[2] > 2 * high[1] / low[1]  # a guess beyond what was measured


def test_more_than_linear_ends_at_the_bounds_and_has_no_peak():
    fit = fit_usl([1, 2, 4, 8], [100, 220, 500, 1100])
    assert (fit.sigma, fit.kappa, fit.peak) == (0, 0, math.inf)


def test_the_band_is_the_same_each_time_and_holds_the_truth_in_most_of_100_noisy_sets():
    threads = np.repeat([1, 2, 4, 6, 8, 12], 3)
    truth = law(threads, 1e5, 0.1, 0.02)
    held = 0
    for seed in range(100):
        noisy = truth * np.exp(np.random.default_rng(seed).normal(0, 0.1, len(threads)))
        low, high = fit_usl(threads, noisy).band([4])
        held += low[0] <= law(4, 1e5, 0.1, 0.02) <= high[0]
    assert held >= 85
    again = fit_usl(threads, noisy).band([4])
    assert (again[0][0], again[1][0]) == (low[0], high[0])


@pytest.mark.parametrize("threads, ops_s", [([], []), ([1, 2, 1, 2], [10, 18, 11, 19]), ([1, 2, 4], [10, 18, 0]),
                                            ([0.5, 2, 4], [10, 18, 30])])
def test_too_little_to_fit_is_no_fit(threads, ops_s):
    assert fit_usl(threads, ops_s) is None


def test_few_points_have_no_band():
    assert fit_usl([1, 2, 4], [10, 18, 30]).band([2]) is None
