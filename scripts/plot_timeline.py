#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws throughput and response time over the time of a trial, from RESULTS_DIR/intervals.csv and runs.csv.

Each line is one strategy: in every step of time the median over its trials; from 6 trials on, the bars at its markers
are the exact 95 % confidence interval of that median. Time 0 is the start of the measured phase; the shaded part before
it is the warm-up. Grey is the null server: the harness's own cost. Dotted in black is the offered load; dotted with
crosses, a strategy without a comparable trial.

The lower panel shows the 99 % response time, or the median where the slices hold too few operations for it; it then
says so. A step is one slice or several: of the several it shows the throughput together, and the response time of the
slice in the middle, since percentiles cannot be added.

More than one configuration (load, rate, clients, threads, path, ...): one figure each, timeline.png, timeline-2.png,
..., open loops first.

--follow FILE draws a file that is still being written, the one of `crosstalk run --live FILE`: a line for each of the
latest trials, drawn anew when something was added, once a second at most, until Ctrl-C. Strategies are named where
RESULTS_DIR is given and its runs.csv knows the trial already.
"""

import sys
from pathlib import Path

import plot_style as style

import numpy as np
import pandas as pd

from crosstalk_csv import CsvError, load_intervals, load_runs, median_interval, usable
from growing_file import follow

SECOND = 1e9
MOST_STEPS = 32  # of the measured phase
MARKERS = 7  # on each line
RESPONSES = {"response_p99_ns": "response time, 99 %", "response_p50_ns": "response time, median"}


def figures(folder):
    runs = load_runs(folder)
    totals = runs[runs["op"] == "all"]
    looks = style.styles(totals)
    groups = style.open_loops_first(style.selected(totals, folder))
    intervals = load_intervals(folder)
    slices = placed(intervals[intervals["op"] == "all"])
    drawn = [draw(folder, rows, groups, looks, slices) for rows in groups]
    if not any(drawn):
        raise style.NothingToDraw(f"{folder}: no slice of a trial (crashed, or measured with --no-latency)")
    return [figure for figure in drawn if figure]


def placed(intervals):
    """The slices, but those without a length, which have no rate; adds `at_s`: the middle, from the start of the measured phase."""
    table = intervals[intervals["length_ns"] > 0].astype({"run_id": str, "phase": str, **dict.fromkeys(["offered", *RESPONSES], "float64")})
    trial = [table["run_id"], table["trial"]]
    warm = table["phase"] == "warmup"
    warmed_ns = (table["start_ns"] + table["length_ns"]).where(warm).groupby(trial).transform("max").fillna(0)
    # The measured phase may count from its own start, or from that of the warm-up.
    first_ns = table["start_ns"].where(~warm).groupby(trial).transform("min").fillna(0)
    table["at_s"] = (table["start_ns"] - np.where(warm, warmed_ns, first_ns) + table["length_ns"] / 2) / SECOND
    return table


def in_steps(slices):
    """Joins neighbouring slices of a trial: too many points on a line hide each other."""
    measured = slices[slices["phase"] == "measure"]
    each = (measured if len(measured) else slices).groupby(["run_id", "trial"])
    length_s = each["length_ns"].median().median() / SECOND
    step_s = length_s * np.ceil(each.size().median() / MOST_STEPS)
    number = np.floor(slices["at_s"] / step_s).astype(int)
    steps = slices.assign(step=number).groupby(["strategy", "role", "run_id", "trial", "step"], as_index=False).agg(
        completed=("completed", "sum"), offered=("offered", "sum"), length_ns=("length_ns", "sum"),
        **{column: (column, "median") for column in RESPONSES})
    steps["at_s"] = (steps["step"] + 0.5) * step_s
    for kind in ("completed", "offered"):
        steps[f"{kind}_ops_s"] = steps[kind] / steps["length_ns"].where(steps["length_ns"] > 0) * SECOND
    return steps


def draw(folder, rows, groups, looks, slices):
    sound, floor = usable(rows), style.floor_of(rows)
    hopeless = set(rows.loc[rows["role"] != "floor", "strategy"]) - set(sound["strategy"])
    shown = pd.concat([sound, floor, rows[rows["strategy"].isin(hopeless)]])
    slices = shown[["run_id", "trial", "strategy", "role"]].merge(slices, on=["run_id", "trial"])
    if slices.empty:
        return None
    steps = in_steps(slices)
    measured = steps[(steps["role"] != "floor") & (steps["step"] >= 0)]
    response = next((column for column in RESPONSES if measured[column].notna().mean() >= 0.5), "response_p50_ns")
    closed = (rows["load_model"] == "closed").all()
    score = "completed_ops_s" if closed else response
    names, note = style.best(measured.groupby("strategy")[score].median(), ascending=not closed)
    title = "Throughput and response time over time"
    figure, panels = style.frame(title, style.subtitle(rows, groups), 6.2, panels=2)

    # Beside the panel that tells the strategies apart, in the order of its lines.
    if not closed:
        names.reverse()
    for axes, column in zip(panels, ("completed_ops_s", response)):
        for place, name in enumerate(names):
            series = over_trials(steps[steps["strategy"] == name], column)
            if name in hopeless:
                draw_hopeless(axes, series, f"{name} (not comparable)", looks[name]["color"])
            else:
                draw_strategy(axes, series, {**looks[name], "label": name}, place)
        draw_floor(axes, over_trials(steps[steps["role"] == "floor"], column))
    if not closed:
        draw_offered(panels[0], steps)
    finish(panels, slices, response)
    panels[0 if closed else 1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.04), alignment="left",
                                      title_fontsize=8, title="fastest first" if closed else "slowest first")
    text = "Line: median over trials; bars: its 95 % confidence interval, from 6 trials on."
    if response != "response_p99_ns":
        text += " Slices hold too few operations for a 99 % response time."
    style.add_notes(figure, [text, note, style.unusable_note(rows), style.machine(folder, rows)])
    return figure


def over_trials(steps, column):
    """Median and its interval of every step, in order of time."""
    values = steps.pivot(index="at_s", columns=["run_id", "trial"], values=column).sort_index()
    known = [row[~np.isnan(row)] for row in values.to_numpy(dtype=float)]
    intervals = np.reshape([median_interval(row) or (np.nan, np.nan) for row in known], (-1, 2))
    middle = [np.median(row) if len(row) else np.nan for row in known]
    return pd.DataFrame({"at_s": values.index, "middle": middle, "low": intervals[:, 0], "high": intervals[:, 1]})


def draw_strategy(axes, series, look, place):
    # The markers of different strategies stand at different times, so that lines that coincide can be told apart.
    apart = max(1, len(series) // MARKERS)
    marked = series[place % apart::apart].dropna()
    axes.plot(series["at_s"], series["middle"], linewidth=1.2, markersize=4.5, markevery=(place % apart, apart), **look)
    axes.vlines(marked["at_s"], marked["low"], marked["high"], color=look["color"], linewidth=1, alpha=0.7,
                zorder=1.5)


def draw_hopeless(axes, series, label, colour):
    axes.plot(series["at_s"], series["middle"], "x:", color=colour, linewidth=1, markersize=4,
              markevery=max(1, len(series) // MARKERS), label=label)


def draw_floor(axes, series):
    if not len(series):
        return
    low, high = style.span(axes)
    typical = series["middle"].median()
    if typical > style.FAR * high:
        axes.plot([], [], color=style.FLOOR, linewidth=1.2, label="null floor")
        above(axes, f"null floor {style.si(typical, '#.3g')}/s, far above", left=True)
    else:
        axes.plot(series["at_s"], series["middle"], color=style.FLOOR, linewidth=1.2, label="null floor",
                  marker="_" if len(series) == 1 else None)  # a single point has no line


def draw_offered(axes, steps):
    offered = steps.groupby("at_s")["offered_ops_s"].median()
    axes.plot(offered.index, offered, ":", color="black", linewidth=1)
    above(axes, "dotted: offered load", left=False)


def above(axes, text, left):
    axes.annotate(text, (0 if left else 1, 1), xycoords="axes fraction", xytext=(0, 2), textcoords="offset points",
                  ha="left" if left else "right", va="bottom", fontsize=8, color=style.FAINT)


def finish(panels, slices, response):
    throughput, latency = panels
    style.rate_axis(throughput, "y", *style.span(throughput))
    style.log_axis(latency, "y", *style.span(latency), style.duration)
    latency.set_ylabel(RESPONSES[response])
    latency.set_xlabel("time since the start of the measured phase, seconds")
    half_s = slices["length_ns"] / 2 / SECOND
    left, right = (slices["at_s"] - half_s).min(), (slices["at_s"] + half_s).max()
    latency.set_xlim(left, right)
    if left < 0:
        for axes in panels:
            axes.axvspan(left, 0, color="#F0F0F0", zorder=-1)
        latency.annotate("warm-up", (left, 1), xycoords=("data", "axes fraction"), xytext=(0, 2),
                         textcoords="offset points", va="bottom", fontsize=8, color=style.FAINT)


def growing(intervals, folder):
    """A figure of what a running program has written so far: the latest trials, each a line."""
    table = placed(intervals[intervals["op"] == "all"])
    keys = list(dict.fromkeys(zip(table["run_id"], table["trial"])))
    if not keys:
        raise style.NothingToDraw("no slice has a length")
    latest = keys[-style.MOST_STRATEGIES:]
    names = names_of(folder)
    labels = {key: names.get(key, "") + (", " if key in names else "") + f"trial {key[1]}" for key in latest}
    slices = table.assign(role="", strategy=[labels.get(key, "") for key in zip(table["run_id"], table["trial"])])
    slices = slices[slices["strategy"] != ""]
    steps = in_steps(slices)
    response = next((column for column in RESPONSES if steps[column].notna().mean() >= 0.5), "response_p50_ns")
    below = f"{style.count(len(keys), 'trial')} so far"
    figure, panels = style.frame("Throughput and response time over time, still running", below, 6.2, panels=2)
    for place, key in enumerate(latest):
        number = keys.index(key)
        look = {"color": style.COLOURS[number % len(style.COLOURS)], "marker": style.MARKERS[number % len(style.MARKERS)],
                "label": labels[key]}
        series = steps[steps["strategy"] == labels[key]]
        for axes, column in zip(panels, ("completed_ops_s", response)):
            draw_strategy(axes, over_trials(series, column), look, place)
    if steps["offered"].notna().any() and (steps["offered"] > 0).any():
        draw_offered(panels[0], steps)
    finish(panels, slices, response)
    panels[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.04), alignment="left", title_fontsize=8,
                     title="latest last")
    style.add_notes(figure, [f"The latest {len(latest)} of {len(keys)} trials." if len(keys) > len(latest) else ""])
    return figure


def names_of(folder):
    """{(run_id, trial): strategy}, of the trials that runs.csv knows so far."""
    if folder is None:
        return {}
    try:
        runs = load_runs(folder)
    except CsvError:
        return {}  # not there yet, or its last line is being written
    return {(run, trial): name for run, trial, name in zip(runs["run_id"], runs["trial"], runs["strategy"])}


def main(argv=None):
    parser = style.make_parser("timeline", __doc__, results="?")
    parser.add_argument("--follow", metavar="FILE", type=Path, help="draw FILE again and again while it grows")
    options = parser.parse_args(argv)
    if options.results is None and options.follow is None:
        parser.error("the following arguments are required: RESULTS_DIR")
    home = options.results or options.follow.parent
    outputs = style.outputs_of(parser, options, home / "timeline.png")
    if options.follow is None:
        return style.guarded(parser.prog, lambda: style.draw_all(figures(options.results), outputs))
    return style.guarded(parser.prog, lambda: follow(
        options.follow, lambda intervals: growing(intervals, options.results), outputs))


if __name__ == "__main__":
    sys.exit(main())
