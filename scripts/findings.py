#!/usr/bin/env python3
"""Says in Markdown what comparisons found: a paragraph for each of the RESULTS folders of `crosstalk compare`.

Who has the most throughput in the closed loop, and how much of it the others have; the same of the operations' p99, the
processor time and the p99 at equal offered load, as far as strategies are told apart from the foremost one (verdict
`better` or `worse` of comparison.csv). What is not told apart is named together with the difference that would have been
seen. Ratios are other / foremost with 95 % intervals.

Exit codes: 0; 2 a folder has no readable comparison.csv.
"""

import argparse
import csv
import pathlib
import sys

# Fewer blocks than that, and an open loop is not spoken of.
FEWEST_BLOCKS = 10
COLUMNS = ("load", "metric", "leader", "other", "leader_value", "ratio", "ratio_low", "ratio_high", "blocks", "mde_pct",
           "verdict")


def three_digits(value, unit, steps):
    """12345 with steps (1e6, "M"), (1e3, "k") is "12.3 k"."""
    for size, letter in steps:
        if value >= size:
            return f"{value / size:.3g} {letter}{unit}"
    return f"{value:.3g} {unit}"


def figure(metric, value):
    if metric == "throughput":
        return three_digits(value, "/s", ((1e6, "M"), (1e3, "k")))
    return three_digits(value, "ns" if value < 1e3 else "s", ((1e9, ""), (1e6, "m"), (1e3, "u")))


def percent(value):
    return f"{value:.1f} %" if value < 10 else f"{value:.0f} %"


def names(rows):
    quoted = [f"`{row['other']}`" for row in rows]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]


def ratio(row):
    """The other's figure over the foremost one's."""
    value, low, high = (1 / float(row[column]) for column in ("ratio", "ratio_high", "ratio_low"))
    digits = 3 if abs(value - 1) < 0.05 else 2
    return f"`{row['other']}` {value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


class Verdict:
    """What a load's rows of one metric say."""

    def __init__(self, rows, metric):
        self.rows = [row for row in rows if row["metric"] == metric]
        self.metric = metric
        self.behind = [row for row in self.rows if row["verdict"] == "better"]
        self.ahead = [row for row in self.rows if row["verdict"] == "worse"]
        self.tied = [row for row in self.rows if row["verdict"] not in ("better", "worse")]

    @property
    def leader(self):
        return f"`{self.rows[0]['leader']}`"

    @property
    def value(self):
        return figure(self.metric, float(self.rows[0]["leader_value"]))

    @property
    def seen(self):
        return percent(max(float(row["mde_pct"] or "inf") for row in self.tied))


def throughput_text(verdict):
    if verdict.behind and not verdict.tied:
        text = f"**{verdict.leader} wins** by throughput, {verdict.value}"
    elif verdict.behind:
        text = (f"{verdict.leader} is foremost by throughput, {verdict.value}, not told apart from {names(verdict.tied)} "
                f"({verdict.seen} would have been seen)")
    else:
        return (f"**No difference in throughput is resolved**: the foremost, {verdict.leader}, has {verdict.value}, and "
                f"{verdict.seen} would have been seen.")
    return text + "; of that have " + ", ".join(map(ratio, verdict.behind)) + "."


def smaller_is_better_text(verdict, what):
    """Of the leader by throughput, who may have the longer times; empty where nobody is told apart from it."""
    parts = []
    if verdict.behind:
        parts.append("more for " + ", ".join(map(ratio, verdict.behind)))
    if verdict.ahead:
        parts.append("less for " + ", ".join(map(ratio, verdict.ahead)))
    return f" {what} {verdict.value} for {verdict.leader}; " + "; ".join(parts) + "." if parts else ""


def open_loop_text(load, verdict):
    if not verdict.rows or int(verdict.rows[0]["blocks"]) < FEWEST_BLOCKS:
        return f" Open loop, {load}: too few trials were sound to be judged."
    if verdict.behind:
        text = f" Open loop, {load}: p99 {verdict.value} for {verdict.leader}; more for " + ", ".join(map(ratio, verdict.behind))
        return text + (f"; not told apart: {names(verdict.tied)}." if verdict.tied else ".")
    return f" Open loop, {load}: no difference in p99 resolved, {verdict.seen} would have been seen."


def paragraph(rows):
    text = []
    for load in dict.fromkeys(row["load"] for row in rows):
        own = [row for row in rows if row["load"] == load]
        if not load.startswith("closed"):
            text.append(open_loop_text(load, Verdict(own, "response_p99")))
            continue
        throughput = Verdict(own, "throughput")
        text.append(f"{load[0].upper()}{load[1:]}, {own[0]['blocks']} blocks: " + throughput_text(throughput))
        for metric, what in (("response_p99", "p99 of the operations"), ("cpu_per_op", "Processor time an operation")):
            if any(row["metric"] == metric for row in own):
                text.append(smaller_is_better_text(Verdict(own, metric), what))
    return "".join(text)


def load_rows(folder):
    with open(folder / "comparison.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    for number, row in enumerate(rows, 2):
        missing = [column for column in COLUMNS if row.get(column) is None]
        if missing:
            raise ValueError(f"{folder / 'comparison.csv'}:{number}: no {missing[0]}")
    if not rows:
        raise ValueError(f"{folder / 'comparison.csv'}: holds no comparison")
    return rows


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", metavar="RESULTS", nargs="+", type=pathlib.Path, help="folders of crosstalk compare")
    options = parser.parse_args(arguments)
    sections = []
    for folder in options.results:
        try:
            sections.append(f"## {folder.name}\n\n{paragraph(load_rows(folder))}\n")
        except (OSError, ValueError, csv.Error) as error:
            print(f"findings.py: {error}", file=sys.stderr)
            return 2
    print("\n".join(sections), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
