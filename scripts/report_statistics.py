# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy"]
# ///
"""Who wins, over blocks that hold every strategy once: the rules of reports/tournament.h, for folders without verdicts.

Two strategies are told apart by the exact signed-rank test of their log-ratios within blocks, adjusted over all pairs
of the field (Holm). Beside it the shift between two samples that share no blocks, for folders measured at different
times.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import exp, log
from statistics import NormalDist
from typing import Optional

import numpy as np

from paired_statistics import hodges_lehmann

FIELD_LEVEL = 0.005  # of all comparisons of a field together
POWER = 0.8  # the chance of being found that "detectable" means
EXACT_PAIRS = 200
EXACT_SHIFTS = 40  # of each sample; the normal distribution serves beyond


@dataclass(frozen=True)
class Duel:
    """The leader against another strategy; ratios are leader / other."""
    other: str
    outcome: str  # of the leader: better, worse, unresolved, too_few_blocks
    ratio: float
    low: Optional[float]  # 95 % interval of the ratio; None below 6 blocks
    high: Optional[float]
    blocks: int
    detectable: Optional[float]  # log-ratio that four of five such tournaments find; None: so few blocks find none


@dataclass(frozen=True)
class Tournament:
    leader: str
    duels: tuple  # best first
    blocks_needed: int  # fewer can tell none of so many strategies apart


def judge(field, larger_is_better, leader=None):
    """The tournament of `field`, {strategy: {block: value above 0}}; None for fewer than two strategies.

    The leader is the best by the mean of what its log-ratios to all others are estimated to be, unless it is given.
    """
    names = list(field)
    if len(names) < 2:
        return None
    pairs = list(combinations(names, 2))
    leads = {pair: _log_ratios(field[pair[0]], field[pair[1]]) for pair in pairs}
    raw = [signed_rank_p(leads[pair]) for pair in pairs]
    adjusted = dict(zip(pairs, holm(raw)))
    leads.update({(b, a): [-lead for lead in leads[a, b]] for a, b in pairs})
    sign = 1 if larger_is_better else -1
    centres = {pair: (hodges_lehmann(lead) or (0,))[0] for pair, lead in leads.items()}
    merit = {name: sum(sign * centres[name, other] for other in names if other != name) for name in names}
    ranking = sorted(names, key=lambda name: (name != leader, -merit[name]))
    level = FIELD_LEVEL / len(pairs)
    first = ranking[0]
    duels = []
    for other in ranking[1:]:
        p = adjusted.get((first, other), adjusted.get((other, first)))
        duels.append(_duel(other, leads[first, other], p, level, larger_is_better))
    return Tournament(first, tuple(duels), fewest_pairs(level))


def _log_ratios(a, b):
    return [log(a[block] / b[block]) for block in sorted(a.keys() & b.keys())]


def _duel(other, leads, p, level, larger_is_better):
    centre, low, high = hodges_lehmann(leads) or (0.0, None, None)
    if len(leads) < fewest_pairs(level):
        outcome = "too_few_blocks"
    elif p >= FIELD_LEVEL:
        outcome = "unresolved"
    else:
        outcome = "better" if (centre > 0) == larger_is_better else "worse"
    return Duel(other, outcome, exp(centre), None if low is None else exp(low), None if high is None else exp(high),
                len(leads), detectable(leads, level))


def signed_rank_p(differences):
    """Two-sided p-value of Wilcoxon's signed-rank test: exact with mean ranks of ties, differences of 0 left out."""
    ordered = sorted(differences, key=abs)
    ranks, positive, begin = [], 0, 0
    while begin < len(ordered):
        # ln(a/b) and ln(b/a) may differ in the last digit.
        largest = abs(ordered[begin]) * (1 + 1e-12)
        end = begin
        while end < len(ordered) and abs(ordered[end]) <= largest:
            end += 1
        for value in ordered[begin:end]:
            if value != 0:
                ranks.append(begin + 1 + end)  # twice the mean rank, a whole number
                positive += ranks[-1] if value > 0 else 0
        begin = end
    if not ranks:
        return 1.0
    bound = min(positive, sum(ranks) - positive)
    if len(ranks) > EXACT_PAIRS:
        spread = (sum(rank * rank for rank in ranks) / 4) ** 0.5
        return min(1.0, 2 * NormalDist().cdf((bound + 1 - sum(ranks) / 2) / spread))
    ways = np.zeros(bound + 1)
    ways[0] = 1
    for rank in ranks:
        if rank <= bound:
            ways[rank:] = ways[rank:] + ways[:-rank]
    return float(min(1.0, 2 * ways.sum() / 2.0 ** len(ranks)))


def holm(p_values):
    """Adjusted for so many tests at once (Holm 1979), in the order given."""
    adjusted, largest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - place)))
        adjusted[index] = largest
    return adjusted


def fewest_pairs(level):
    """Fewer pairs have no pattern of signs that is as rare as `level`."""
    pairs = 1
    while 2.0 ** (1 - pairs) > level:
        pairs += 1
    return pairs


def detectable(differences, level):
    """The shift that the test at `level` finds with chance POWER, from how the differences vary; see reports/detectable.h."""
    if len(differences) < fewest_pairs(level):
        return None
    _, low, high = hodges_lehmann(differences, 1 - level)
    if low is None:
        return None
    normal = NormalDist()
    return (high - low) / 2 * (1 + normal.inv_cdf(POWER) / normal.inv_cdf(1 - level / 2))


def shift(before, after, confidence=0.95):
    """(estimate, low, high) of after - before for samples that are not paired; low and high None where too few.

    The median of all differences (Hodges and Lehmann 1963), and the interval of the rank-sum test (Mann and Whitney 1947).
    """
    before, after = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if len(before) == 0 or len(after) == 0:
        return None
    differences = np.sort((after[:, None] - before[None, :]).ravel())
    cut = _rank_sum_cut(len(before), len(after), (1 - confidence) / 2)
    if cut == 0:
        return float(np.median(differences)), None, None
    return float(np.median(differences)), float(differences[cut - 1]), float(differences[len(differences) - cut])


@lru_cache(maxsize=None)
def _rank_sum_cut(m, n, tail):
    """The largest k with P(U < k) <= tail, U the number of pairs that are the wrong way round; 0 if there is none."""
    if max(m, n) > EXACT_SHIFTS:
        cut = m * n / 2 + NormalDist().inv_cdf(tail) * (m * n * (m + n + 1) / 12) ** 0.5
        return max(0, int(cut))
    # ways[j][u]: arrangements of some of `before` with j of `after`; Gaussian binomials, row by row.
    ways = [np.zeros(m * n + 1, dtype=object) for _ in range(n + 1)]
    for row in ways:
        row[0] = 1
    for _ in range(m):
        following = [ways[0]]
        for j in range(1, n + 1):
            row = following[j - 1].copy()
            row[j:] = row[j:] + ways[j][:len(row) - j]
            following.append(row)
        ways = following
    counts, total = ways[n], sum(ways[n])
    below, k = 0, 0
    while k <= m * n and below + counts[k] <= tail * total:
        below += counts[k]
        k += 1
    return k
