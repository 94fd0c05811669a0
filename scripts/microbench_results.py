# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""What the rows of scripts/microbench.py say: medians, ratios in pairs, and whether a suite reached its targets."""

from dataclasses import dataclass
from typing import Optional

import numpy as np

from crosstalk_csv import median_interval
from paired_statistics import hodges_lehmann
from microbench_suites import READ_OPTIMISED, Suite, parse

PASS, FAILS, OPEN, ABSENT = "pass", "fails", "not resolved", "not measured"


@dataclass(frozen=True)
class Ratio:
    """A ratio of operations a second, in pairs of one block. low and high are None below 6 pairs."""
    estimate: float
    low: Optional[float]
    high: Optional[float]
    pairs: int

    def verdict(self, bound):
        if self.low is None:
            return OPEN
        return PASS if self.low >= bound else FAILS if self.high < bound else OPEN


def ratio_of(logs):
    """A Ratio from paired differences of logarithms; None if there are none."""
    logs = list(logs)
    if not logs:
        return None
    estimate, low, high = hodges_lehmann(logs)
    return Ratio(np.exp(estimate), None if low is None else np.exp(low), None if high is None else np.exp(high),
                 len(logs))


@dataclass(frozen=True)
class Judgement:
    text: str
    found: str
    verdict: str


class Measured:
    """The rows of one suite."""

    def __init__(self, suite: Suite, rows):
        self.suite = suite
        self.roles = {}  # contender -> role
        self._values = {}  # (cell, contender) -> {block: operations a second}
        self._lost = {}  # (cell, contender) -> processes that came to no end
        for row in rows.itertuples(index=False):
            benchmark = parse(row.benchmark)
            self.roles[benchmark.contender] = benchmark.role
            key = (benchmark.cell, benchmark.contender)
            self._values.setdefault(key, {})
            self._lost.setdefault(key, 0)
            if row.status == "ok":
                self._values[key][(row.run_id, row.block)] = row.items_per_second
            else:
                self._lost[key] += 1
        self.cells = sorted({cell for cell, _ in self._values},
                            key=lambda cell: (cell.family, [(k, cell.get(k)) for k in ("keys", "reads", "zipf",
                                                                                     "threads") if cell.get(k)
                                                            is not None]))

    def contenders(self, role):
        return [name for name, its in self.roles.items() if its == role]

    def values(self, cell, contender):
        return self._values.get((cell, contender), {})

    def lost(self, cell, contender):
        return self._lost.get((cell, contender), 0)

    def median(self, cell, contender):
        """None if it was not measured there, or came to an end in less than half of its processes."""
        values = self.values(cell, contender)
        if not values or self.lost(cell, contender) > len(values):
            return None
        return float(np.median(list(values.values())))

    def interval(self, cell, contender):
        return median_interval(self.values(cell, contender).values())

    def ranking(self, cell, role):
        """Contenders by their medians, best first; those without one are left out."""
        medians = [(self.median(cell, name), name) for name in self.contenders(role)]
        return [name for median, name in sorted((m for m in medians if m[0] is not None), reverse=True)]

    def best_peer(self, cell):
        ranking = self.ranking(cell, "peer")
        return ranking[0] if ranking else None

    def logs(self, cell, one, other):
        """{block: log(one / other)} where both have a value."""
        ones, others = self.values(cell, one), self.values(cell, other)
        return {block: np.log(ones[block] / others[block]) for block in ones if block in others}

    def ratio(self, cell, one, other):
        return None if other is None else ratio_of(self.logs(cell, one, other).values())

    def contended(self):
        return [cell for cell in self.cells if cell.family != "guard_alone"]

    def mean_ratio(self, pairs):
        """Geometric mean of the ratios of (cell, one, other), block by block; None if one of them was not measured."""
        pairs = list(pairs)
        logs = [self.logs(*pair) if pair[2] is not None else {} for pair in pairs]
        if not logs or not all(logs):
            return None
        common = set.intersection(*(set(one) for one in logs))
        return ratio_of(float(np.mean([one[block] for one in logs])) for block in sorted(common))

    def mean_over(self, one, other):
        return self.mean_ratio((cell, one, other) for cell in self.contended())

    def geometric_mean(self, contender):
        """Over the medians of the cells; None if it has none in one of them."""
        medians = [self.median(cell, contender) for cell in self.contended()]
        return float(np.exp(np.mean(np.log(medians)))) if medians and all(medians) else None

    def judged(self):
        """Whose targets they are: the one that the suite names, or the best of its own."""
        if self.suite.judged:
            return self.suite.judged if self.suite.judged in self.roles else None
        means = {name: self.geometric_mean(name) for name in self.contenders("own")}
        means = {name: mean for name, mean in means.items() if mean is not None}
        return max(means, key=means.get) if means else None

    def judge(self):
        own = self.judged()
        if own is None:
            return [Judgement(target.text, "", ABSENT) for target in self.suite.targets]
        return [_RULES[target.kind](self, own, target) for target in self.suite.targets]


def show(ratio):
    if ratio is None:
        return "-"
    if ratio.low is None:
        return f"{_digits(ratio.estimate)} ({ratio.pairs} pairs)"
    return f"{_digits(ratio.estimate)} [{_digits(ratio.low)}, {_digits(ratio.high)}]"


def _digits(value):
    return f"{value:.3f}" if value < 10 else f"{value:.0f}"


def _one(target, ratio, comment=""):
    verdict = ABSENT if ratio is None else ratio.verdict(target.bound)
    return Judgement(f"{target.text}: {target.bound:g}", show(ratio) + comment, verdict)


def _alone(measured, own, target):
    cells = [cell for cell in measured.cells if cell.family == "guard_alone" and cell.get("reads") == 0]
    return _one(target, measured.ratio(cells[0], own, target.other) if cells else None)


def _mean_of_cells(measured, own, target):
    return _one(target, measured.mean_ratio((cell, own, measured.best_peer(cell)) for cell in measured.contended()))


def _mean_over_peer(measured, own, target):
    means = {name: measured.geometric_mean(name) for name in measured.contenders("peer")}
    means = {name: mean for name, mean in means.items() if mean is not None}
    if not means:
        return _one(target, None)
    best = max(means, key=means.get)
    return _one(target, measured.mean_over(own, best), f" to {best}")


def _all(target, ratios):
    """`ratios`: label -> Ratio or None. It fails where one is below as a whole, and passes where all are above."""
    ratios = {label: ratio for label, ratio in ratios.items() if ratio is not None}
    if not ratios:
        return _one(target, None)
    verdicts = [ratio.verdict(target.bound) for ratio in ratios.values()]
    worst = min(ratios, key=lambda label: ratios[label].estimate)
    verdict = FAILS if FAILS in verdicts else PASS if set(verdicts) == {PASS} else OPEN
    return Judgement(f"{target.text} {target.bound:g}",
                     f"worst {show(ratios[worst])} at {worst}; {verdicts.count(PASS)} above, "
                     f"{verdicts.count(FAILS)} below, of {len(verdicts)}", verdict)


def _every_cell(measured, own, target):
    return _all(target, {cell.label(): measured.ratio(cell, own, measured.best_peer(cell))
                         for cell in measured.contended()})


def _crowd(measured, own, target):
    few = {cell.get("reads"): cell for cell in measured.contended() if cell.get("threads") == 2}
    ratios = {}
    for cell in measured.contended():
        if cell.get("threads") == 64 and cell.get("reads") in few:
            many, less = measured.values(cell, own), measured.values(few[cell.get("reads")], own)
            ratios[f"{cell.get('reads')} % reads"] = ratio_of(
                np.log(many[block] / less[block]) for block in many if block in less)
    return _all(target, ratios)


def _ceiling(measured, _, target):
    ceilings = measured.contenders("ceiling")
    ratios = {name: measured.mean_over(name, ceilings[0]) for name in READ_OPTIMISED} if ceilings else {}
    ratios = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    if not ratios:
        return _one(target, None)
    best = max(ratios, key=lambda name: ratios[name].estimate)
    return _one(target, ratios[best], f" by {best}")


def _share_of_cells(measured, own, target):
    ratios = [measured.ratio(cell, own, measured.best_peer(cell)) for cell in measured.contended()]
    verdicts = [ratio.verdict(target.bound) for ratio in ratios if ratio is not None]
    if not verdicts:
        return _one(target, None)
    above, below, size = verdicts.count(PASS), verdicts.count(FAILS), len(verdicts)
    verdict = PASS if above >= target.share * size else FAILS if below > (1 - target.share) * size else OPEN
    return Judgement(f"{target.text}: {target.bound:g}",
                     f"{own}: {above} above, {below} below, of {size}; median ratio "
                     f"{np.median([ratio.estimate for ratio in ratios if ratio is not None]):.3f}", verdict)


_RULES = {"alone": _alone, "mean_of_cells": _mean_of_cells, "mean_over_peer": _mean_over_peer,
          "every_cell": _every_cell, "crowd": _crowd, "ceiling": _ceiling, "share_of_cells": _share_of_cells}
