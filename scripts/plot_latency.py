#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws latency over percentile for each strategy at equal offered load, from RESULTS_DIR/latency.csv and runs.csv.

Solid: response time, from the instant at which the operation was due. Thin and dashed: service time, from the instant
at which it started; the distance between the two is waiting. A curve is the median over blocks; from 6 blocks on, bars
beside the markers are the exact 95 % confidence interval of that median, with fewer every block has a dot there. A
percentile needs 5.6/(1-p) operations in every trial: there the curve ends. Grey is the null server: the harness's
own cost. Dotted with crosses: a strategy without a comparable trial.

Open-loop rows are drawn where there are any. More than one configuration (rate, clients, threads, path, ...): one
figure each, latency.png, latency-2.png, ...
"""

import sys

import plot_style as style

import numpy as np
import pandas as pd

from crosstalk_csv import load_latency, load_runs, median_interval, merge_buckets, percentiles, usable

# The x axis is log10 of 1 / (1 - p): 1 is 90 %, 2 is 99 %. Marks are where the reader looks a value up.
LEFT, RIGHT, STEP = 0.1, 9.0, 0.02
MARKS = np.concatenate(([np.log10(2)], np.arange(1, RIGHT)))
GRID = np.union1d(np.arange(LEFT, RIGHT, STEP).round(6), MARKS)
SHARES = 1 - 10.0**-GRID
MARKED = np.isin(GRID, MARKS)
LOOKED_AT = 99  # strategies are sorted by this percentile of the response time


def figures(folder):
    runs = load_runs(folder)
    totals = runs[runs["op"] == "all"]
    looks = style.styles(totals)
    groups = style.selected(totals, folder, wanted=[model for model in totals["load_model"] if model != "closed"])
    latency = load_latency(folder)
    latency = latency[(latency["op"] == "all") & latency["metric"].isin(["service", "response"])]
    histograms = {key: buckets for key, buckets in latency.groupby(["run_id", "trial", "metric"], observed=True)}
    drawn = [draw(folder, rows, groups, looks, histograms) for rows in groups]
    if not any(drawn):
        raise style.NothingToDraw(f"{folder}: no strategy has the operations that a percentile needs"
                                  " (trials too short, or measured with --no-latency)")
    return [figure for figure in drawn if figure]


def draw(folder, rows, groups, looks, histograms):
    closed = (rows["load_model"] == "closed").all()
    sound = usable(rows)
    hopeless = rows[(rows["role"] != "floor") & ~rows["strategy"].isin(sound["strategy"])]
    curves = {name: curves_of(group, histograms, closed)
              for name, group in pd.concat([sound, hopeless]).groupby("strategy")}
    curves = {name: both for name, both in curves.items() if len(both["response"])}
    floor = curves_of(style.floor_of(rows), histograms, closed)
    if not curves and not len(floor["response"]):
        return None
    names, note = style.best({name: rank(both["response"]) for name, both in curves.items()}, ascending=True)
    title = "Service time, closed loop" if closed else "Response time at equal offered load"
    figure, (axes,) = style.frame(title, style.subtitle(rows, groups), 5.0)

    # The legend's order is that of the lines: the slowest on top.
    for place, name in enumerate(reversed(names)):
        if name in set(hopeless["strategy"]):
            draw_hopeless(axes, curves[name], f"{name} (not comparable)", looks[name]["color"])
        else:
            label = name + remark(rows[rows["strategy"] == name])
            draw_strategy(axes, curves[name], {**looks[name], "label": label}, place - (len(names) - 1) / 2)
    draw_floor(axes, floor)
    scale_axes(axes)
    axes.set_ylabel("service time" if closed else "response time (service time: thin, dashed)")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), alignment="left", handlelength=2.6, title_fontsize=8,
                title=f"slowest first, at {LOOKED_AT} %")
    style.add_notes(figure, [explain(curves, names, closed), note, style.unusable_note(rows),
                             style.machine(folder, rows)])
    return figure


def curves_of(rows, histograms, closed):
    """{"response": a row of percentiles per block, "service": likewise}."""
    # In a closed loop an operation is due when it starts: response is service, and is drawn once.
    sources = {"response": "service"} if closed else {"response": "response", "service": "service"}
    result = {"response": [], "service": []}
    for _, trials in rows.groupby(["run_id", "block"]):
        for metric, source in sources.items():
            keys = [(run, trial, source) for run, trial in zip(trials["run_id"], trials["trial"])]
            found = [histograms[key] for key in keys if key in histograms]
            longest = trials[f"{source}_max_ns"].max()
            if found:
                buckets = merge_buckets(pd.concat(found))
                result[metric].append(percentiles(buckets, SHARES, None if pd.isna(longest) else longest))
    curves = {metric: np.reshape(curves, (-1, len(GRID))) for metric, curves in result.items()}
    return {metric: rows if np.isfinite(rows).all(axis=0).any() else rows[:0] for metric, rows in curves.items()}


def rank(curves):
    """What strategies are sorted by; the median where there are too few operations for the percentile."""
    middle = np.median(curves, axis=0)
    value = middle[np.argmin(abs(SHARES - LOOKED_AT / 100))]
    return middle[np.argmin(abs(SHARES - 0.5))] if np.isnan(value) else value


def remark(trials):
    saturated = (trials["status"] == "saturated").sum()
    return f" (saturated: {saturated} of {len(trials)})" if saturated else ""


def draw_strategy(axes, both, look, place):
    colour = look["color"]
    middle = np.median(both["response"], axis=0)
    axes.plot(GRID, middle, "-", linewidth=1.5, markevery=list(np.flatnonzero(MARKED)), **look)
    if len(both["service"]):
        axes.plot(GRID, np.median(both["service"], axis=0), "--", color=colour, linewidth=0.8, alpha=0.8)
    for mark in np.flatnonzero(MARKED & np.isfinite(middle)):
        # Every strategy a little beside its marker, so that equal ones do not hide each other.
        blocks, x = both["response"][:, mark], GRID[mark] + 0.022 * place
        interval = median_interval(blocks)
        if interval:
            axes.vlines(x, *interval, color=colour, linewidth=1.2, alpha=0.8, zorder=1.5)
        elif len(blocks) > 1:
            axes.plot([x] * len(blocks), blocks, ".", color=colour, markersize=3, alpha=0.6)


def draw_hopeless(axes, both, label, colour):
    axes.plot(GRID, np.median(both["response"], axis=0), "x:", color=colour, linewidth=1,
              markevery=list(np.flatnonzero(MARKED)), label=label)


def draw_floor(axes, both):
    for metric, line, width in (("response", "-", 1.5), ("service", "--", 0.8)):
        if len(both[metric]):
            axes.plot(GRID, np.median(both[metric], axis=0), line, color=style.FLOOR, linewidth=width,
                      label="null floor" if metric == "response" else None)


def scale_axes(axes):
    style.log_axis(axes, "y", *style.span(axes), style.duration)
    reached = max(line.get_xdata()[np.isfinite(line.get_ydata())].max(initial=1) for line in axes.get_lines()
                  if len(line.get_xdata()) == len(GRID))
    axes.set_xlim(LEFT, reached + 0.15)
    marks = MARKS[MARKS <= reached + 0.1]
    axes.set_xticks(marks, [f"{100 * (1 - 10.0**-mark):.{max(0, round(mark) - 2)}f} %" for mark in marks])
    axes.set_xlabel("percentile of operations")


def explain(curves, names, closed):
    blocks = [curves[name]["response"][:, 0] for name in names]
    interval = ("bars beside the markers: its 95 % confidence interval" if any(median_interval(block) for block in blocks)
                else "fewer than 6 blocks give no interval, dots: each block")
    text = f"Line: median over blocks; {interval}."
    text += " A curve ends where trials have too few operations for the percentile."
    return text + (" Closed loop: waiting before an operation starts is not part of it." if closed else "")


if __name__ == "__main__":
    sys.exit(style.main("latency", __doc__, figures))
