# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""The interval of Clopper and Pearson (1934) of a share that was counted."""

import math


def clopper_pearson(red, trials, confidence=0.95):
    """The exact interval of a share: each end is where so few, or so many, have half of what is left of certainty."""
    tail = (1 - confidence) / 2
    low = 0.0 if red == 0 else _solve(lambda share: 1 - _below(red - 1, trials, share) - tail)
    high = 1.0 if red == trials else _solve(lambda share: tail - _below(red, trials, share))
    return low, high


def _below(red, trials, share):
    """P(X <= red) of so many trials."""
    if share <= 0 or share >= 1:
        return 1.0 if share <= 0 else 0.0
    logs = (math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1) + k * math.log(share)
            + (trials - k) * math.log1p(-share) for k in range(int(red) + 1))
    return math.fsum(math.exp(each) for each in logs)


def _solve(rises):
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) < 0 else (low, middle)
    return (low + high) / 2
