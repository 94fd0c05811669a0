#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws how evenly a server treats its clients and threads, from RESULTS_DIR/clients.csv and runs.csv.

First, where clients.csv has it, the service of every client: the clients sorted by what they got, from the one who got
least. In an open loop that is the share of the client's operations that was completed, in a closed one its mean
response time. A level line is fair; a line that climbs at an end names the share of clients who fare otherwise.

Then a row for each strategy, the fairest to clients on top: Jain's index over clients and over driver threads (1: all
equal), the longest time an operation took while others of its kind completed, the same of operations that write, and,
with --anatomy, how often a waiting thread was bypassed at a lock. Median over blocks, one value a block; from 6 blocks on
with the exact 95 % confidence interval. A cross is a trial that is not compared. Grey is the null server: the harness's
own cost.

More than one configuration (load, rate, clients, threads, path, ...): such figures for each, fairness.png,
fairness-2.png, ..., open loops first.
"""

import sys
from pathlib import Path

import plot_rows
import plot_style as style

import numpy as np

from crosstalk_csv import load_clients, load_runs, median_interval, usable

# Column, what it is, and whether it is an index from 0 to 1, a time or a count.
MEASURES = (
    ("jain_clients", "Jain's index, clients", "index"),
    ("jain_threads", "Jain's index, threads", "index"),
    ("gap_max_ns", "longest gap", "time"),
    ("writer_gap_max_ns", "longest gap, writers", "time"),
    ("bypass_max", "bypassed at a lock, times", "count"),
)
VALUES = {"completed_share": "completed / offered", "mean_response_ns": "mean response time"}


def figures(folder):
    runs = load_runs(folder)
    totals = runs[runs["op"] == "all"]
    looks = style.styles(totals)
    groups = style.open_loops_first(style.selected(totals, folder))
    clients = load_clients(folder) if (Path(folder) / "clients.csv").exists() else None
    drawn = []
    for rows in groups:
        if clients is not None:
            drawn += of_clients(folder, rows, groups, looks, clients)
        if known_measures(rows):
            drawn.append(of_measures(folder, rows, groups, looks))
    if not drawn:
        raise style.NothingToDraw(f"{folder}: no trial has a measure of fairness (crashed, or measured with --no-latency)")
    return drawn


def of_clients(folder, rows, groups, looks, clients):
    """A figure for each measure that the clients of these trials were sorted by: usually one."""
    curves = rows[["run_id", "trial", "block", "strategy", "role", "status", "verified"]].merge(
        clients.astype({"run_id": str, "measure": str}), on=["run_id", "trial"])
    return [draw_clients(folder, rows, groups, looks, curves[curves["measure"] == measure], measure)
            for measure in VALUES if (curves["measure"] == measure).any()]


def draw_clients(folder, rows, groups, looks, curves, measure):
    sound, floor = usable(curves), style.floor_of(curves)
    hopeless = curves[(curves["role"] != "floor") & ~curves["strategy"].isin(sound["strategy"])]
    spread = sound.groupby("strategy")["value"].agg(lambda values: values.std() / values.mean() if values.mean() else 0)
    names, note = style.best({**spread, **dict.fromkeys(hopeless["strategy"], np.inf)}, ascending=True)
    figure, (axes,) = style.frame("Service of each client", style.subtitle(rows, groups), 4.8)
    for place, name in enumerate(names):
        if name in set(hopeless["strategy"]):
            share, middle, _ = over_blocks(hopeless[hopeless["strategy"] == name])
            axes.plot(share, middle, "x:", color=looks[name]["color"], linewidth=1, markersize=4,
                      markevery=max(1, len(share) // 8), label=f"{name} (not comparable)")
            continue
        share, middle, band = over_blocks(sound[sound["strategy"] == name])
        step = max(1, len(share) // 8)
        axes.plot(share, middle, linewidth=1.2, markersize=4.5, markevery=(place % step, step),
                  **{**looks[name], "label": name})
        if np.isfinite(band).any():
            axes.fill_between(share, *band.T, color=looks[name]["color"], alpha=0.12, linewidth=0)
    if len(floor):
        share, middle, _ = over_blocks(floor)
        axes.plot(share, middle, color=style.FLOOR, linewidth=1.2, label="null floor")
    scale_clients(axes, measure)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), alignment="left", title_fontsize=8, title="fairest first")
    blocks = sound.groupby("strategy")["block"].nunique().max() if len(sound) else 0
    text = "Line: median over blocks; " + ("band: its 95 % confidence interval." if blocks >= 6 else
                                           "fewer than 6 blocks give no interval.")
    style.add_notes(figure, [text, note, style.unusable_note(rows), style.machine(folder, rows)])
    return figure


def over_blocks(curves):
    """(share of the clients, median over blocks, its interval)."""
    values = curves.groupby(["share_pct", "run_id", "block"])["value"].median()
    each = [(share, block.to_numpy()) for share, block in values.groupby("share_pct")]
    band = np.array([median_interval(block) or (np.nan, np.nan) for _, block in each], dtype=float)
    return np.array([share for share, _ in each]), np.array([np.median(block) for _, block in each]), band


def scale_clients(axes, measure):
    low, high = style.span(axes)
    if measure == "mean_response_ns":
        style.log_axis(axes, "y", low, high, style.duration)
    else:
        axes.set_ylim(0 if low < 0.8 else axes.get_ylim()[0], max(1.005, high * 1.01))
    axes.set_ylabel(VALUES[measure])
    axes.set_xlim(0, 100)
    axes.set_xlabel("clients, sorted, %")


def known_measures(rows):
    return [measure for measure in MEASURES if rows[measure[0]].notna().any()]


def of_measures(folder, rows, groups, looks):
    sound = usable(rows)
    unsound = rows[rows["role"] != "floor"].drop(sound.index)
    measures = known_measures(rows)
    first = measures[0][0]
    medians = {name: np.median(values) for name, values in style.per_block(sound, first).items()}
    names, note = style.best({**dict.fromkeys(sorted(set(rows.loc[rows["role"] != "floor", "strategy"])), np.nan), **medians},
                             ascending=measures[0][2] != "index", most=plot_rows.MOST_ROWS)
    height = 1.95 + style.row_inches(names, 0.3) * len(names)
    figure, panels = style.frame("Fairness", style.subtitle(rows, groups), height, columns=len(measures), width=10,
                                 sharex=False, sharey=True)
    everything = []
    for axes, (column, label, kind) in zip(panels, measures):
        values, crosses = style.per_block(sound, column), style.per_block(unsound, column)
        floor = style.floor_of(rows)[column].astype("float64").dropna().tolist()
        for y, name in enumerate(names):
            plot_rows.draw_unsound(axes, y + 0.3, crosses.get(name, []))
            if name in values:
                plot_rows.draw_estimate(axes, y, values[name], looks[name], size=6)
                everything.append(values[name])
        drawn = [value for by_name in (values, crosses) for name in names for value in by_name.get(name, [])]
        scale(axes, kind, drawn, floor)
        axes.set_title(label, fontsize=8.5, loc="left")
    plot_rows.name_rows(panels[0], names)
    for axes in panels[1:]:
        plot_rows.name_rows(axes, names)
    text = f"{plot_rows.explain_interval(everything)} Dashed: the null server. Further right is fairer for the index," \
           " further left for gaps."
    style.add_notes(figure, [text, note, style.unusable_note(rows), style.machine(folder, rows)])
    return figure


def scale(axes, kind, drawn, floor):
    if floor:
        axes.axvline(float(np.median(floor)), color=style.FLOOR, linestyle="--", linewidth=1.1)
    if kind == "index":
        axes.set_xlim(0, 1.04)
        axes.set_xticks([0, 0.5, 1])
        axes.set_xlabel("1: all equal", fontsize=8)
        return
    positive = [value for value in drawn + floor if value > 0]
    if kind == "time":
        if not positive:
            axes.set_xlabel("none above 0", fontsize=8)
            return
        style.log_axis(axes, "x", min(positive), max(positive), style.duration)
        low, high = min(positive) / 1.5, max(positive) * 1.5
        axes.set_xlim(low, high)
        axes.set_xticks(style.decades(low, high), minor=False)
        axes.set_xlabel("time, logarithmic", fontsize=8)
        return
    axes.set_xlim(-0.02 * max(positive, default=1), 1.1 * max(positive, default=1))
    axes.xaxis.set_major_locator(style.few_ticks())
    axes.xaxis.set_major_formatter(lambda value, _: style.si(value))
    axes.set_xlabel("acquisitions", fontsize=8)


if __name__ == "__main__":
    sys.exit(style.main("fairness", __doc__, figures))
