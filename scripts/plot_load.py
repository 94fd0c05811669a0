#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws response time against offered load for each strategy, from RESULTS_DIR/runs.csv of several rates.

Upper panel: the 99 % response time, or the median where trials hold too few operations for it. Lower panel: the share
of the offered load that was completed; a ring marks the rates at which a trial was saturated (below 95 %). A marker
is the median over blocks, one value a block; from 6 blocks on its bar is the exact 95 % confidence interval of the
median; the faint dots are the blocks. Grey is the null server: the harness's own cost. A cross is a trial that is not
compared.

A folder of `crosstalk capacity` shows the bracket of each strategy's capacity too: the bar below the upper panel
reaches from the largest rate that met the conditions to the smallest that did not; and where the first condition
bounds a percentile of the response or service time, that is what is drawn, with the bound as a line.

`crosstalk run --rate 10k:200k:10k` gives such a folder. More than one configuration (clients, threads, path, ...): one
figure each, load.png, load-2.png, ...
"""

import re
import sys
from pathlib import Path

import plot_style as style

import numpy as np
import pandas as pd

from crosstalk_csv import load_capacity, load_runs, median_interval, split_by_rate, usable

PERCENTILES = {"50": "median", "90": "90 %", "99": "99 %", "999": "99.9 %"}
UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
SLO = re.compile(r"(?:(?P<op>\w+)\.)?(?P<metric>response|service)\.p(?P<share>50|90|99|999)<=?"
                 r"(?P<bound>[0-9.]+)(?P<unit>ns|us|ms|s)")


class Measure:
    """What is drawn above: a column of the rows of one operation kind, and the bound on it if there is one."""

    def __init__(self, op="all", metric="response", share="99", bound_ns=None):
        self.op, self.bound_ns = op, bound_ns
        self.column = f"{metric}_p{share}_ns"
        self.label = f"{'' if op == 'all' else op + ': '}{metric} time, {PERCENTILES[share]}"


def figures(folder):
    runs = load_runs(folder)
    capacity = load_capacity(folder) if (Path(folder) / "capacity.csv").exists() else None
    totals = runs[runs["op"] == "all"]
    looks = style.styles(totals)
    groups = style.selected(totals, folder, wanted=[model for model in totals["load_model"] if model != "closed"],
                            apart_from=("rate",))
    groups = [rows for rows in groups if len(rates_of(rows)) > 1]
    if not groups:
        raise style.NothingToDraw(f"{folder}: no open-loop trials at more than one rate; `crosstalk run --rate"
                                  " 10k:200k:10k` gives them")
    drawn = []
    for rows in groups:
        measure = measure_of(runs, rows, capacity)
        drawn.append(draw(folder, with_values(runs, rows, measure), groups, looks, measure, brackets_of(rows, capacity)))
    return drawn


def rates_of(rows):
    """[(rate, rows), ...] of those that a logarithmic axis can show."""
    return [(rate, level) for rate, level in split_by_rate(rows) if rate > 0]


def measure_of(runs, rows, capacity):
    """The percentile that the first condition of a capacity search bounds, or that of all operations."""
    if capacity is not None and len(capacity):
        found = SLO.match(capacity["slo"].iloc[0])
        if found and (runs["op"] == (found["op"] or "all")).any():
            return Measure(found["op"] or "all", found["metric"], found["share"],
                           float(found["bound"]) * UNITS[found["unit"]])
    known = usable(rows)["response_p99_ns"].notna()
    return Measure(share="99" if not len(known) or known.mean() >= 0.5 else "50")


def brackets_of(rows, capacity):
    """{strategy: row of capacity.csv} of this configuration."""
    if capacity is None:
        return {}
    first = rows.iloc[0]
    mine = capacity[(capacity["threads"] == first["threads"]) & (capacity["clients"] == first["clients"])]
    return {row["strategy"]: row for _, row in mine.iterrows()}


def with_values(runs, rows, measure):
    """The totals with the column of the operation kind that is drawn."""
    if measure.op == "all":
        return rows.assign(drawn=rows[measure.column].astype("float64"))
    kind = runs.loc[runs["op"] == measure.op, ["run_id", "trial", measure.column]]
    kind = kind.rename(columns={measure.column: "drawn"}).astype({"drawn": "float64"})
    return rows.merge(kind, on=["run_id", "trial"], how="left")


def draw(folder, rows, groups, looks, measure, brackets):
    rows = pd.concat([level.assign(rate=rate) for rate, level in rates_of(rows)])
    sound, floor = usable(rows), style.floor_of(rows)
    unsound = rows[rows["role"] != "floor"].drop(sound.index)
    # Sorted by what they make of the larger half of the rates: there they differ.
    upper = sound[sound["rate"] >= sound["rate"].median()]
    names, note = style.best({**dict.fromkeys(unsound["strategy"], np.inf),
                              **upper.groupby("strategy")["drawn"].median().fillna(np.inf)}, ascending=True)
    rates = sorted(set(rows["rate"]))
    below = f"{style.subtitle(rows, groups, ('rate',))} · {len(rates)} rates"
    figure, panels = style.frame("Response time against offered load", below, 6.4, panels=2,
                                 gridspec_kw={"height_ratios": (2.2, 1)})
    for place, name in enumerate(names):
        beside = 1 + 0.006 * (place - (len(names) - 1) / 2)
        draw_strategy(panels, sound[sound["strategy"] == name], {**looks[name], "label": name}, beside)
    for axes, column in zip(panels, ("drawn", "share")):
        bad = shares(unsound[unsound["strategy"].isin(names)])
        axes.plot(bad["rate"], bad[column], "x", color=style.INVALID, markersize=4)
        by_rate = shares(floor).groupby("rate")[column].median()
        axes.plot(by_rate.index, by_rate, "-", color=style.FLOOR, linewidth=1.2, marker="_",
                  label="null floor" if len(by_rate) else None)
    finish(panels, rates, measure, names, looks, brackets)
    style.add_notes(figure, [explain(sound, brackets), note, style.unusable_note(rows), style.machine(folder, rows)])
    return figure


def shares(rows):
    return rows.assign(share=100 * rows["achieved_ops_s"] / rows["offered_ops_s"])


def draw_strategy(panels, rows, look, beside):
    """`beside`: the factor by which its markers stand beside the rate, so that equal ones do not hide each other."""
    colour = look["color"]
    for axes, column in zip(panels, ("drawn", "share")):
        values = shares(rows).dropna(subset=[column]).groupby(["rate", "run_id", "block"])[column].median()
        by_rate = {rate: each.to_numpy() for rate, each in values.groupby("rate")}
        x = np.array(sorted(by_rate)) * beside
        medians = [np.median(by_rate[rate]) for rate in sorted(by_rate)]
        axes.plot(x, medians, "-", linewidth=1.1, markersize=4.5, **look)
        for at, rate in zip(x, sorted(by_rate)):
            axes.plot([at] * len(by_rate[rate]), by_rate[rate], ".", color=colour, markersize=2.5, alpha=0.4)
            interval = median_interval(by_rate[rate])
            if interval:
                axes.vlines(at, *interval, color=colour, linewidth=1.4, alpha=0.8, zorder=1.5)
        saturated = set(rows.loc[rows["status"] == "saturated", "rate"])
        ringed = [(at, median) for at, rate, median in zip(x, sorted(by_rate), medians) if rate in saturated]
        axes.plot(*zip(*ringed) if ringed else ([], []), "o", color="none", markeredgecolor=style.INVALID, markersize=10,
                  markeredgewidth=0.8, label="_ring")


def finish(panels, rates, measure, names, looks, brackets):
    latency, share = panels
    low, high = style.span(latency)
    if measure.bound_ns:
        low, high = min(low, measure.bound_ns), max(high, measure.bound_ns)
        latency.axhline(measure.bound_ns, color="black", linestyle=":", linewidth=1)
        latency.annotate(f"bound {style.duration(measure.bound_ns)}", (0, measure.bound_ns), va="bottom",
                         xycoords=("axes fraction", "data"), xytext=(4, 2), textcoords="offset points", fontsize=8)
    style.log_axis(latency, "y", low, high, style.duration)
    latency.set_ylabel(measure.label)
    share.set_ylabel("completed, % of offered")
    share.set_ylim(min(90, style.span(share)[0] - 5) if share.get_lines() else 0, 104)
    share.axhline(95, color=style.FAINT, linestyle=":", linewidth=0.8)
    drawn = [bracket for name in names for bracket in [brackets.get(name)] if bracket is not None]
    if drawn:
        draw_brackets(latency, names, looks, brackets)
    if max(rates) > style.FAR / 2 * min(rates):
        style.log_axis(share, "x", min(rates), max(rates), style.si)
        share.set_xlabel("offered operations per second, logarithmic")
    else:
        share.set_xlim(0, max(rates) * 1.06)
        share.xaxis.set_major_formatter(lambda value, _: style.si(value))
        share.set_xlabel("offered operations per second")
    if any(line.get_label() == "_ring" and len(line.get_xdata()) for line in latency.get_lines()):
        latency.plot([], [], "o", color="none", markeredgecolor=style.INVALID, markersize=8, label="saturated")
    latency.legend(loc="upper left", bbox_to_anchor=(1.0, 1.04), alignment="left", title_fontsize=8,
                   title="fastest first")


def draw_brackets(axes, names, looks, brackets):
    """A bar for each strategy's bracket, one below the other at the foot of the panel."""
    known = [name for name in names if name in brackets]
    room = 0.035 * len(known)
    low, high = np.log10(axes.get_ylim())
    axes.set_ylim(10 ** (low - (high - low) * room / (1 - room)), 10**high)
    for place, name in enumerate(known):
        y = room - 0.035 * (place + 0.5)
        met, failed = (float(brackets[name][column]) for column in ("capacity_ops_s", "failed_ops_s"))
        look = dict(color=looks[name]["color"], transform=axes.get_xaxis_transform(), clip_on=True)
        ends = [end for end in (met, failed) if np.isfinite(end) and end > 0]
        if len(ends) == 2:
            axes.plot(ends, [y, y], "-", linewidth=3, solid_capstyle="butt", **look)
        if np.isfinite(met):
            axes.plot([met], [y], ">", markersize=5, **look)
        if np.isfinite(failed):
            axes.plot([failed], [y], "|", markersize=7, markeredgewidth=1.5, **look)


def explain(sound, brackets):
    most = sound.groupby(["strategy", "rate"])["block"].nunique().max() if len(sound) else 0
    text = "Marker: median over blocks; "
    text += "bar: its 95 % confidence interval; dots: the blocks." if most >= 6 else (
        "dots: the blocks. Fewer than 6 blocks give no interval.")
    if brackets:
        text += " Bars at the foot: from the largest rate that met the conditions (triangle) to the smallest that did not."
    return text


if __name__ == "__main__":
    sys.exit(style.main("load", __doc__, figures))
