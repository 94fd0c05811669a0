#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws how long a post takes to its first, its median and its last recipient, from RESULTS_DIR/runs.csv.

A row is a strategy, the one whose last recipient waits least on top. Each of its markers is the 99 % delivery time,
from the instant at which the post was due to the first, the median, the last inbox, and until the post is received;
the distance from the first to the last is the cost of handing it out. Median over blocks, one value a block; from 6
blocks on the bar is the exact 95 % confidence interval of the median; the faint dots are the blocks. Beside the rows
stands the reach: the share of deliveries that arrived. A cross is a trial that is not compared. The null server
delivers nothing and is drawn only where it has a value.

More than one configuration (load, rate, clients, threads, path, ...): one figure each, delivery.png, delivery-2.png,
..., open loops first.
"""

import sys

import plot_rows
import plot_style as style

import numpy as np

from crosstalk_csv import load_runs, usable

# Column, its name, and how it is drawn.
STAGES = (
    ("delivery_first_p99_ns", "first inbox", {"color": "#0072B2", "marker": "<"}),
    ("delivery_median_p99_ns", "median inbox", {"color": "#009E73", "marker": "o"}),
    ("delivery_last_p99_ns", "last inbox", {"color": "#D55E00", "marker": ">"}),
    ("delivery_receive_p99_ns", "received", {"color": "#CC79A7", "marker": "D"}),
)
COLUMNS = [column for column, _, _ in STAGES]
RANKED_BY = ("delivery_last_p99_ns", "delivery_first_p99_ns", "delivery_receive_p99_ns")


def figures(folder):
    runs = load_runs(folder)
    totals = runs[runs["op"] == "all"]
    groups = style.open_loops_first(style.selected(totals, folder))
    drawn = [draw(folder, rows, groups) for rows in groups if has_deliveries(rows)]
    if not drawn:
        raise style.NothingToDraw(f"{folder}: no trial has posts enough for a delivery time (no posts, trials too short,"
                                  " or measured with --no-latency)")
    return drawn


def has_deliveries(rows):
    return bool(rows[COLUMNS].notna().to_numpy().any())


def draw(folder, rows, groups):
    sound = usable(rows)
    values = {column: style.per_block(sound, column) for column in COLUMNS}
    unsound = rows[rows["role"] != "floor"].drop(sound.index)
    crosses = {column: style.per_block(unsound, column) for column in COLUMNS}
    names, note = style.best(ranking(rows, values), ascending=True, most=plot_rows.MOST_ROWS)
    height = 1.95 + style.row_inches(names, 0.48) * len(names)
    figure, (axes,) = style.frame("Delivery time", style.subtitle(rows, groups), height)

    lanes = np.linspace(-0.24, 0.24, len(STAGES))
    for lane, (column, _, look) in zip(lanes, STAGES):
        for y, name in enumerate(names):
            plot_rows.draw_unsound(axes, y + lane, crosses[column].get(name, []))
            if name in values[column]:
                plot_rows.draw_estimate(axes, y + lane, values[column][name], look, size=5, lower=0.06)
    draw_floor(axes, rows)
    scale(axes, [*values.values(), *crosses.values()], names)
    reach = style.per_block(sound, "reach")
    for y, name in enumerate(names):
        plot_rows.beside(axes, y, reach_text(name, reach, set(sound["strategy"])))
    plot_rows.head(axes, "reach")
    plot_rows.name_rows(axes, names)
    drawn = [each for by_name in values.values() for each in by_name.values()]
    style.add_notes(figure, [plot_rows.explain_interval(drawn), missing(values), note, style.unusable_note(rows),
                             style.machine(folder, rows)])
    return figure


def ranking(rows, values):
    """{strategy: the time that it is sorted by}; those without any come last."""
    column = next((column for column in RANKED_BY if values[column]), RANKED_BY[0])
    names = sorted(set(rows.loc[rows["role"] != "floor", "strategy"]))
    return {name: np.median(values[column].get(name, [np.nan])) for name in names}


def draw_floor(axes, rows):
    floor = style.floor_of(rows)
    for column, _, look in STAGES:
        known = floor[column].dropna().tolist()
        if known:
            axes.axvline(float(np.median(known)), color=style.FLOOR, linestyle="--", linewidth=1)


def scale(axes, drawn, names):
    times = [time for by_name in drawn for name in names for time in by_name.get(name, []) if time > 0]
    style.log_axis(axes, "x", min(times, default=1), max(times, default=10), style.duration)
    axes.set_xlabel("99 % delivery time since the post was due, logarithmic")
    for _, label, look in STAGES:
        axes.plot([], [], linestyle="none", markersize=5, label=label, **look)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(STAGES), borderaxespad=0.1, handletextpad=0.1,
                columnspacing=1.2)


def reach_text(name, reach, sound):
    if name not in sound:
        return "no comparable trial"
    if name not in reach:
        return "not known"
    share = float(np.median(reach[name]))
    # 0.99996 is not everybody.
    return "all" if share == 1 else f"{np.floor(share * 1e4) / 1e2:.2f} %"


def missing(values):
    absent = [label for column, label, _ in STAGES if not values[column]]
    return f"Too few posts for the 99 % of: {', '.join(absent)}." if absent else ""


if __name__ == "__main__":
    sys.exit(style.main("delivery", __doc__, figures))
