# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy"]
# ///
"""Statistics of paired blocks, the same as those of reports/paired.h: heavy-tailed differences are met with ranks."""

from functools import lru_cache
from statistics import NormalDist

import numpy as np


def hodges_lehmann(differences, confidence=0.95):
    """(estimate, low, high) of the centre of paired differences; low and high are None below 6 of them.

    The median of all means of two (Hodges and Lehmann 1963) and the interval of Wilcoxon's signed-rank test, exact up
    to 60 differences, by its normal approximation beyond (Hollander, Wolfe and Chicken 2014, section 3.3).
    """
    values = np.asarray(differences, dtype=float)
    size = len(values)
    if size == 0:
        return None
    first, second = np.triu_indices(size)
    means = np.sort((values[first] + values[second]) / 2)
    rank = _cut(size, (1 - confidence) / 2)
    if rank == 0:
        return float(np.median(means)), None, None
    return float(np.median(means)), float(means[rank - 1]), float(means[len(means) - rank])


@lru_cache(maxsize=None)
def _cut(size, tail):
    """The largest k with P(W < k) <= tail, W the sum of the positive ranks; 0 if there is none."""
    if size > 60:
        spread = (size * (size + 1) * (2 * size + 1) / 24) ** 0.5
        return int(size * (size + 1) / 4 + NormalDist().inv_cdf(tail) * spread)
    # How many of the 2^size sets of ranks have each sum; whole numbers, since doubles would not hold them.
    counts = [1]
    for rank in range(1, size + 1):
        longer = counts + [0] * rank
        for total, count in enumerate(counts):
            longer[total + rank] += count
        counts = longer
    below, k = 0, 0
    while below + counts[k] <= tail * 2**size:
        below += counts[k]
        k += 1
    return k
