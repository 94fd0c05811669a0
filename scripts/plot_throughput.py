#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws how many operations per second each strategy completed, from RESULTS_DIR/runs.csv.

A marker is the median over blocks, one value a block; its bar is the exact 95 % confidence interval of the median,
drawn from 6 blocks on; the faint dots are the blocks themselves. The dashed line is the null server: the harness's own
cost; where it is far beyond, only its value is written. A cross is a trial that is not compared. Closed-loop rows are drawn where there are any, since an open loop
completes what it is offered and no more.

More than one configuration (clients, threads, path, ...): one figure each, throughput.png, throughput-2.png, ...
"""

import sys

import plot_style as style

import numpy as np

from crosstalk_csv import load_runs, median_interval, usable

def figures(folder):
    runs = load_runs(folder)
    totals = runs[runs["op"] == "all"]
    looks = style.styles(totals)
    groups = style.selected(totals, folder, wanted=["closed"])
    return [draw(folder, rows, groups, looks) for rows in groups]


def draw(folder, rows, groups, looks):
    sound = usable(rows)
    # One value per block: trials of one process run are not independent of each other.
    values = sound.groupby(["strategy", "run_id", "block"])["achieved_ops_s"].median().groupby("strategy").agg(list)
    unsound = rows[rows["role"] != "floor"].drop(sound.index).groupby("strategy")["achieved_ops_s"].agg(list)
    # A strategy without a comparable trial comes last.
    medians = {**dict.fromkeys(unsound.index, 0), **{name: np.median(blocks) for name, blocks in values.items()}}
    names, note = style.best(medians, ascending=False)
    title = "Throughput" if (rows["load_model"] == "closed").all() else "Throughput at equal offered load"
    figure, (axes,) = style.frame(title, style.subtitle(rows, groups), 1.75 + 0.3 * len(names))

    drawn = [value for name in names for value in [*values.get(name, []), *unsound.get(name, [])] if value > 0]
    floor = style.floor_of(rows)["achieved_ops_s"].tolist()
    near = not drawn or not floor or max(floor) <= style.FAR * max(drawn)
    span = drawn + floor if near else drawn
    style.rate_axis(axes, "x", min(span, default=1), max(span, default=1))
    for y, name in enumerate(names):
        draw_strategy(axes, y, values.get(name, []), unsound.get(name, []), looks[name])
    if floor:
        draw_floor(axes, floor, near)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    style.add_notes(figure, [explain(values, rows, len(unsound)), note, style.unusable_note(rows),
                             style.machine(folder, rows)])
    return figure


def explain(values, rows, crosses):
    if any(median_interval(blocks) for blocks in values):
        text = "Marker: median over blocks; bar and brackets: its 95 % confidence interval; faint dots: the blocks."
    else:
        text = "Marker: median over blocks; faint dots: the blocks. Fewer than 6 blocks give no interval."
    if crosses:
        text += " Cross: a trial that is not compared."
    if (rows["load_model"] != "closed").all():
        text += " An open loop completes what it is offered, so that only a shortfall tells strategies apart."
    return text


def draw_strategy(axes, y, values, unsound, look):
    axes.axhline(y, color="#EEEEEE", linewidth=0.7, zorder=0)
    # Single trials stand a little below the line, where the bar does not cover them.
    axes.plot(unsound, [y + 0.3] * len(unsound), "x", color=style.INVALID, markersize=4)
    if not values:
        axes.text(1.015, y, "no comparable trial", transform=axes.get_yaxis_transform(), va="center", fontsize=8)
        return
    axes.plot(values, [y + 0.3] * len(values), "o", color=look["color"], alpha=0.35, markersize=3, markeredgewidth=0)
    median = np.median(values)
    label = f"{style.si(median, '#.3g')}/s"
    interval = median_interval(values)
    if interval:
        axes.errorbar([median], [y], xerr=[[median - interval[0]], [interval[1] - median]], color=look["color"],
                      elinewidth=2, capsize=3.5, capthick=1.2, zorder=3)
        label += f"  [{style.si(interval[0], '#.3g')}, {style.si(interval[1], '#.3g')}]"
    axes.plot([median], [y], linestyle="none", markersize=7, zorder=4, **look)
    axes.text(1.015, y, label, transform=axes.get_yaxis_transform(), va="center", fontsize=8)


def draw_floor(axes, floor, near):
    median = np.median(floor)
    text = f"null floor {style.si(median, '#.3g')}/s"
    if not near:
        axes.annotate(f"{text}, far beyond", (1, 1), xycoords="axes fraction", xytext=(0, 2), ha="right",
                      textcoords="offset points", va="bottom", fontsize=8, color=style.FAINT)
        return
    interval = median_interval(floor)
    if interval:
        axes.axvspan(*interval, color=style.FLOOR, alpha=0.15, linewidth=0)
    axes.axvline(median, color=style.FLOOR, linestyle="--", linewidth=1.2)
    right = axes.transData.transform((median, 0))[0] > axes.transAxes.transform((0.5, 0))[0]
    axes.annotate(text, (median, 1), xycoords=("data", "axes fraction"), xytext=(-4 if right else 4, 2),
                  textcoords="offset points", ha="right" if right else "left", va="bottom", fontsize=8,
                  color=style.FAINT)


if __name__ == "__main__":
    sys.exit(style.main("throughput", __doc__, figures))
