"""Percentiles of histograms and the interval of a median, as the program calculates them."""

import pathlib
import sys

import numpy as np
import pandas as pd

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import crosstalk_csv  # noqa: E402
import sample_results  # noqa: E402


def histogram(*rows):
    return pd.DataFrame(rows, columns=["bucket_low_ns", "bucket_high_ns", "count"])


def test_percentiles_are_the_midpoints_of_the_buckets_that_hold_them():
    # 1000 values: 500 at 100, 490 in 256..259, 9 in 4096..4159, 1 in 8192..8319.
    buckets = histogram((100, 100, 500), (256, 259, 490), (4096, 4159, 9), (8192, 8319, 1))
    found = crosstalk_csv.percentiles(buckets, [0.1, 0.5, 0.501, 0.9, 0.99, 0.9944])
    assert found.tolist() == [100, 100, 257, 257, 257, 4127]


def test_percentiles_need_enough_values_beyond_them():
    for share, needed in ((0.5, 12), (0.9, 56), (0.99, 560), (0.999, 5600)):
        few, enough = histogram((7, 7, needed - 1)), histogram((7, 7, needed))
        assert np.isnan(crosstalk_csv.percentiles(few, [share])).all()
        assert crosstalk_csv.percentiles(enough, [share]).tolist() == [7]
    assert np.isnan(crosstalk_csv.percentiles(histogram(), [0.5])).all()


def test_percentiles_do_not_exceed_the_exact_maximum():
    buckets = histogram((4096, 4159, 100))
    assert crosstalk_csv.percentiles(buckets, [0.5]).tolist() == [4127]
    assert crosstalk_csv.percentiles(buckets, [0.5], longest_ns=4100).tolist() == [4100]


def test_values_beyond_the_range_of_the_histogram_are_their_maximum():
    buckets = histogram((10, 10, 50), (2**45, 2**45 + 999, 50))
    assert crosstalk_csv.percentiles(buckets, [0.3, 0.8]).tolist() == [10, 2**45 + 999]


def test_merging_adds_the_counts_of_equal_buckets():
    merged = crosstalk_csv.merge_buckets(pd.concat([
        histogram((256, 259, 3), (2**45, 2**45 + 1, 1)), histogram((100, 100, 2), (256, 259, 4)),
        histogram((2**45, 2**45 + 7, 1))]))
    assert merged.values.tolist() == [[100, 100, 2], [256, 259, 7], [2**45, 2**45 + 7, 2]]


def test_merged_trials_have_the_percentiles_of_all_their_values(tmp_path):
    first, second = np.arange(1000, 2000), np.arange(5000, 8000)
    results = sample_results.Folder()
    results.add(service=first)
    results.add(service=second)
    merged = crosstalk_csv.merge_buckets(crosstalk_csv.load_latency(results.write(tmp_path)))
    assert merged["count"].sum() == 4000
    found = crosstalk_csv.percentiles(merged, [0.2, 0.5, 0.9])
    exact = np.quantile(np.concatenate([first, second]), [0.2, 0.5, 0.9])
    assert np.allclose(found, exact, rtol=0.0079)


def test_the_interval_of_a_median_is_that_of_the_binomial_distribution():
    # P(no value below the median) = 2^-n: 6 values give 1 - 2/64 = 96.9 %. Of 11, one may be cut off at each end:
    # 1 - 2 (1 + 11)/2048 = 98.8 %; two would leave 93.5 %.
    assert crosstalk_csv.median_interval([3, 1, 2, 5, 4]) is None
    assert crosstalk_csv.median_interval([3, 1, 2, 6, 5, 4]) == (1, 6)
    assert crosstalk_csv.median_interval(range(8)) == (0, 7)
    assert crosstalk_csv.median_interval(range(9)) == (1, 7)
    assert crosstalk_csv.median_interval(range(11)) == (1, 9)
    assert crosstalk_csv.median_interval(range(11), confidence=0.99) == (0, 10)
    assert crosstalk_csv.median_interval(range(100)) == (39, 60)
    assert crosstalk_csv.median_interval([]) is None
