#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws throughput over the number of driver threads for each strategy, from RESULTS_DIR/runs.csv.

A marker is the median over blocks, one value a block; from 6 blocks on its bar is the exact 95 % confidence interval of
the median; the faint dots are the blocks. The curve is the Universal Scalability Law, fitted to all blocks, with its
95 % band from 6 points on; beside it stand sigma (the share that is serialised), kappa (the cost of agreement between
threads) and the number of threads at which it has its peak. In the shaded part nothing was measured: there the curve,
dashed, is a guess. The law knows nothing of processors; a dotted line stands where threads outnumber them.

No curve is drawn, and the legend says why, with fewer than three numbers of threads, where throughput grows faster
than threads, and where the curve misses what was measured. Grey is the null server; a cross is a trial that is not
compared. Closed-loop rows are drawn where there are any; a folder of `crosstalk capacity` is drawn from capacity.csv:
the largest rate sustained.

More than one configuration (clients, path, ...): one figure each, scaling.png, scaling-2.png, ...
"""

import sys
from pathlib import Path

import plot_style as style

import numpy as np
import pandas as pd

from crosstalk_csv import load_capacity, load_runs, median_interval, usable
from usl import FEWEST_LEVELS, fit_usl

BEYOND = 2  # the curve is drawn up to so many times the threads measured
# The law is refused where the median of a level lies further from the curve than this share, and further than twice
# what the blocks of that level scatter.
MISS = 0.2


def figures(folder):
    runs = load_runs(folder)
    totals = runs[runs["op"] == "all"]
    looks = style.styles(totals)
    groups = style.selected(totals, folder, wanted=["closed"], apart_from=("threads",))
    varied = [rows for rows in groups if rows["threads"].nunique() > 1]
    cpus = style.environment(folder).get("cpus_usable", "")
    cpus = int(cpus) if cpus.isdecimal() else None
    if (Path(folder) / "capacity.csv").exists():
        return of_capacity(folder, totals, looks, cpus)
    if not varied:
        raise style.NothingToDraw(f"{folder}: every trial has the same number of driver threads; `crosstalk run"
                                  " --threads 1,2,4,8` gives several")
    return [draw(folder, rows, varied, looks, cpus) for rows in varied]


def draw(folder, rows, groups, looks, cpus):
    sound = usable(rows)
    unsound = rows[rows["role"] != "floor"].drop(sound.index)
    medians = sound.groupby("strategy")["achieved_ops_s"].median().to_dict()
    names, note = style.best({**dict.fromkeys(unsound["strategy"], 0), **medians}, ascending=False)
    title = "Throughput over threads" if (rows["load_model"] == "closed").all() else "Throughput over threads, open loop"
    figure, (axes,) = style.frame(title, style.subtitle(rows, groups, ("threads",)), 5.4)
    levels = {name: by_level(sound[sound["strategy"] == name], "achieved_ops_s") for name in names}
    floor = by_level(style.floor_of(rows), "achieved_ops_s")
    crosses = unsound[unsound["strategy"].isin(names)]
    axes.plot(crosses["threads"], crosses["achieved_ops_s"], "x", color=style.INVALID, markersize=4)
    finish(axes, names, levels, looks, floor, int(rows["threads"].max()), cpus)
    style.add_notes(figure, [explain(levels), note, style.unusable_note(rows), style.machine(folder, rows)])
    return figure


def of_capacity(folder, totals, looks, cpus):
    table = load_capacity(folder).dropna(subset=["capacity_ops_s"])
    several = table.groupby("strategy")["threads"].nunique()
    if several.max() < 2 or not len(table):
        raise style.NothingToDraw(f"{folder}: no strategy has a capacity at more than one number of driver threads")
    drawn = []
    keys = ["scenario", "clients", "workers", "path", "slo"]
    for key, rows in table.groupby(keys):
        names, note = style.best(rows.groupby("strategy")["capacity_ops_s"].max(), ascending=False)
        below = f"{Path(key[0]).name} · {key[1]:,} clients · {key[3]} path · largest Poisson rate with {key[4]}"
        figure, (axes,) = style.frame("Capacity over threads", below, 5.4)
        levels = {name: by_level(rows[rows["strategy"] == name].assign(block=0), "capacity_ops_s") for name in names}
        missing = {name: dict(color=style.INVALID, marker="o") for name in names if name not in looks}
        finish(axes, names, levels, {**looks, **missing}, {}, int(rows["threads"].max()), cpus)
        style.add_notes(figure, ["Marker: the largest rate that met the conditions, confirmed by several trials.", note,
                                 style.machine(folder, totals)])
        drawn.append(figure)
    return drawn


def by_level(rows, column):
    """{threads: one value per block}."""
    values = rows.groupby(["threads", "run_id", "block"])[column].median()
    return {int(threads): each.tolist() for threads, each in values.groupby("threads")}


def finish(axes, names, levels, looks, floor, most, cpus):
    measured = [value for name in names for each in levels[name].values() for value in each]
    place = {name: 1 + 0.012 * (index - (len(names) - 1) / 2) for index, name in enumerate(names)}
    for name in names:
        draw_strategy(axes, levels[name], {**looks[name], "label": name}, place[name], most)
    draw_floor(axes, floor, max(measured, default=0))
    scale(axes, levels, floor, most, cpus)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), alignment="left", labelspacing=0.8)


def draw_strategy(axes, levels, look, beside, most):
    """`beside`: the factor by which its markers stand beside the number of threads, so that equal ones do not hide."""
    colour = look["color"]
    if not levels:
        axes.plot([], [], linestyle="none", **{**look, "label": f"{look['label']}\nno comparable trial"})
        return
    points = [(threads, value) for threads, values in levels.items() for value in values]
    fit, why_not = justified_fit(points)
    x = np.array(sorted(levels)) * beside
    medians = [float(np.median(levels[threads])) for threads in sorted(levels)]
    for at, threads in zip(x, sorted(levels)):
        values = levels[threads]
        axes.plot([at] * len(values), values, ".", color=colour, markersize=3, alpha=0.4)
        interval = median_interval(values)
        if interval:
            axes.errorbar([at], [np.median(values)], yerr=np.abs(np.array(interval) - np.median(values))[:, None],
                          color=colour, elinewidth=1.5, capsize=2.5)
    label = f"{look['label']}\n{fit_text(fit, most) if fit else why_not}"
    line = "none" if fit else ":"
    axes.plot(x, medians, linestyle=line, linewidth=0.8, markersize=6, zorder=4, **{**look, "label": label})
    if fit:
        draw_fit(axes, fit, colour, max(levels))


def draw_fit(axes, fit, colour, measured):
    inside = np.geomspace(1, measured, 80)
    outside = np.geomspace(measured, BEYOND * measured, 40)
    axes.plot(inside, fit.at(inside), "-", color=colour, linewidth=1.3)
    axes.plot(outside, fit.at(outside), "--", color=colour, linewidth=1)
    band = fit.band(np.concatenate((inside, outside)))
    if band:
        axes.fill_between(np.concatenate((inside, outside)), *band, color=colour, alpha=0.1, linewidth=0)


def justified_fit(points):
    """(fit, None), or (None, why there is none)."""
    threads, ops_s = np.array(points, dtype=float).T
    fit = fit_usl(threads, ops_s)
    if not (ops_s > 0).all():
        return None, "no fit: a trial completed nothing"
    if fit is None:
        return None, f"no fit: fewer than {FEWEST_LEVELS} thread counts"
    numbers = np.unique(threads)
    medians = np.array([np.median(ops_s[threads == n]) for n in numbers])
    per_thread = medians / numbers
    if fit.sigma == 0 and fit.kappa == 0 and per_thread[-1] > 1.05 * per_thread[0]:
        return None, "no fit: grows faster than threads"
    for n, median in zip(numbers, medians):
        off = abs(np.log(median / fit.at(n)))
        logs = np.log(ops_s[threads == n])
        if off > np.log(1 + MISS) and off > 2 * np.median(abs(logs - np.median(logs))):
            return None, f"no fit: off by {100 * np.expm1(off):.0f} % at {n:g} threads"
    return fit, None


def fit_text(fit, most):
    text = f"σ {fit.sigma:.2g}, κ {fit.kappa:.2g}"
    if not np.isfinite(fit.peak) or fit.peak > 1000:
        return f"{text}, no peak"
    return f"{text}, peak at {fit.peak:.2g}" + (" (a guess)" if fit.peak > most else "")


def draw_floor(axes, levels, largest):
    if not levels:
        return
    x = sorted(levels)
    medians = [np.median(levels[threads]) for threads in x]
    if largest and min(medians) > style.FAR * largest:
        axes.plot([], [], color=style.FLOOR, label=f"null floor\n{style.si(min(medians))}/s and more, far above")
        return
    axes.plot(x, medians, "-", marker="_", color=style.FLOOR, linewidth=1.2, label="null floor")


def scale(axes, levels, floor, most, cpus):
    style.rate_axis(axes, "y", *style.span(axes))
    numbers = sorted({threads for each in levels.values() for threads in each} | set(floor))
    axes.set_xscale("log")
    axes.set_xlim(min(numbers, default=1) * 0.9, BEYOND * most)
    axes.set_xticks(fit_ticks([*numbers, BEYOND * most]), minor=False)
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.axvspan(most, BEYOND * most, color="#F0F0F0", zorder=-1)
    axes.annotate("not measured", (BEYOND * most, 1), xycoords=("data", "axes fraction"), xytext=(0, 2), ha="right",
                  textcoords="offset points", va="bottom", fontsize=8, color=style.FAINT)
    if cpus and min(numbers, default=1) <= cpus < BEYOND * most:
        axes.axvline(cpus, color=style.FAINT, linestyle=":", linewidth=1)
        axes.annotate(style.count(cpus, "CPU"), (cpus, 1), xycoords=("data", "axes fraction"), xytext=(0, 2),
                      ha="center", textcoords="offset points", va="bottom", fontsize=8, color=style.FAINT)
    axes.set_xlabel("driver threads, logarithmic")


def fit_ticks(numbers):
    """Those of the numbers whose ticks do not overlap on the logarithmic axis, the first and the last one among them."""
    kept = [numbers[0]]
    room = np.log(numbers[-1] / numbers[0]) / 22
    for number in numbers[1:-1]:
        if np.log(number / kept[-1]) >= room and np.log(numbers[-1] / number) >= room:
            kept.append(number)
    return [*kept, numbers[-1]]


def explain(levels):
    if any(median_interval(values) for each in levels.values() for values in each.values()):
        text = "Marker: median over blocks; bar: its 95 % confidence interval; dots: the blocks."
    else:
        text = "Marker: median over blocks; dots: the blocks. Fewer than 6 blocks give no interval."
    return text + " Curve and band: Universal Scalability Law, 95 %; dashed: beyond what was measured."


if __name__ == "__main__":
    sys.exit(style.main("scaling", __doc__, figures))
