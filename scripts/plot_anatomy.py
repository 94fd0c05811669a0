#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws where the time of an operation goes, from RESULTS_DIR/runs.csv of `crosstalk run --anatomy`.

A panel for all operations and one for each kind; in it a bar for each strategy, the fastest on top: the mean response
time, stacked from the generator's own delay (lateness), the wait in queues, the wait for the locks under test, the time
in which they were held, and the rest. Each part is the median over blocks. The diamond is the median of the whole,
with its exact 95 % confidence interval from 6 blocks on. The lowest bar is the null server: the harness's own cost. Pale
bars are strategies without a comparable trial.

More than one configuration (load, rate, clients, threads, path, ...): one figure each, anatomy.png, anatomy-2.png, ...
"""

import sys

import plot_rows
import plot_style as style

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from crosstalk_csv import load_runs, median_interval, usable

# Told apart by hatching too.
PARTS = (
    ("lateness", "lateness", {"facecolor": "#BBBBBB"}),
    ("queue", "queue", {"facecolor": "#56B4E9", "hatch": "...."}),
    ("lock_wait", "waiting for locks", {"facecolor": "#D55E00"}),
    ("lock_hold", "holding locks", {"facecolor": "#E69F00", "hatch": "////"}),
    ("rest", "rest", {"facecolor": "#0072B2"}),
)
COLUMNS = [f"anatomy_{part}_ns" for part, _, _ in PARTS]
MOST_PANELS = 15
ACROSS = 3
FLOOR = "null floor"


def figures(folder):
    runs = load_runs(folder)
    measured = runs[runs[COLUMNS].notna().any(axis=1)]
    if measured.empty:
        raise style.NothingToDraw(f"{folder}: no row has an anatomy; `crosstalk run --anatomy` measures it")
    totals = measured[measured["op"] == "all"]
    groups = style.open_loops_first(style.selected(totals, folder))
    return [draw(folder, rows, groups, measured) for rows in groups]


def draw(folder, totals, groups, measured):
    rows = measured.merge(totals[["run_id", "trial"]], on=["run_id", "trial"])
    rows = rows.assign(whole=rows[COLUMNS].sum(axis=1))
    kinds = kinds_of(rows)
    sound = usable(rows)
    hopeless = set(rows.loc[rows["role"] != "floor", "strategy"]) - set(sound["strategy"])
    shown = pd.concat([sound, rows[rows["strategy"].isin(hopeless)],
                       style.floor_of(rows).assign(strategy=FLOOR)])
    scores = shown[(shown["op"] == "all") & (shown["strategy"] != FLOOR)].groupby("strategy")["whole"].median()
    scores = {name: np.inf if name in hopeless else score for name, score in scores.items()}
    names, note = style.best(scores, ascending=True)
    if (shown["strategy"] == FLOOR).any():
        names.append(FLOOR)
    down = -(-len(kinds) // ACROSS)
    height = 1.7 + down * (0.75 + 0.19 * len(names))
    figure, panels = style.frame("Where the time of an operation goes", style.subtitle(totals, groups), height,
                                 panels=down, columns=min(ACROSS, len(kinds)), width=10, sharex=False, sharey=True)
    for axes, kind in zip(panels, kinds):
        draw_kind(axes, shown[shown["op"] == kind], names, hopeless)
        axes.set_title("all operations" if kind == "all" else kind, fontsize=8.5, loc="left")
    for axes in panels[len(kinds):]:
        axes.set_axis_off()
    for axes in panels[:len(kinds)]:
        plot_rows.name_rows(axes, names)
    add_legend(figure, height)
    text = explain(shown, [name for name in names if name != FLOOR])
    style.add_notes(figure, [text, note, style.unusable_note(totals), style.machine(folder, totals)])
    return figure


def kinds_of(rows):
    """"all", and the kinds with most operations."""
    counts = rows.groupby("op")["count"].sum().drop("all", errors="ignore").sort_values(ascending=False, kind="stable")
    return ["all", *counts.index[:MOST_PANELS - 1]]


def draw_kind(axes, rows, names, hopeless):
    rows = rows.assign(**{column: rows[column].fillna(0) for column in COLUMNS})
    blocks = rows.groupby(["strategy", "run_id", "block"])[[*COLUMNS, "whole"]].median()
    middle = blocks.groupby("strategy").median()
    for y, name in enumerate(names):
        if name not in middle.index:
            continue
        left = 0.0
        for column, (_, _, look) in zip(COLUMNS, PARTS):
            width = float(middle.loc[name, column])
            axes.barh(y, width, left=left, height=0.7, edgecolor="white", linewidth=0.4,
                      alpha=0.3 if name in hopeless else 1, zorder=2, **look)
            left += width
        whole = blocks.loc[name, "whole"].tolist()
        interval = median_interval(whole)
        axes.plot([np.median(whole)], [y], "D", color="black", markersize=2.5, zorder=4)
        if interval:
            axes.plot(interval, [y, y], "|-", color="black", linewidth=1, markersize=5, zorder=4)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(style.few_ticks())
    axes.xaxis.set_major_formatter(lambda value, _: style.duration(value) if value else "0")
    axes.tick_params(axis="x", labelsize=7.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("mean response time", fontsize=7.5)


def add_legend(figure, height):
    entries = [Patch(edgecolor="white", label=label, **look) for _, label, look in PARTS]
    figure.legend(handles=entries, loc="upper left", ncols=len(PARTS), borderaxespad=0, columnspacing=1.4,
                  bbox_to_anchor=(0.01, 1 - figure.head_inches / height))
    figure.head_inches += 0.3


def explain(rows, names):
    most = rows[rows["strategy"].isin(names)].groupby("strategy")["block"].nunique().max()
    bar = "bar: its 95 % confidence interval" if most >= 6 else "fewer than 6 blocks give no interval"
    text = f"Parts: median over blocks. Diamond: median of the whole; {bar}."
    cost = rows.loc[rows["strategy"].isin(names) & (rows["op"] == "all"), "anatomy_cost_pct"].median()
    if cost > 0:
        text += f" Measuring this adds some {cost:.2g} % to the service time."
    return text


if __name__ == "__main__":
    sys.exit(style.main("anatomy", __doc__, figures))
