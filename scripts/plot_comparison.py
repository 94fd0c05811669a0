#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws every strategy against the winner as a forest plot, from RESULTS_DIR/comparison.csv, or else from runs.csv.

A row is a strategy, its marker the ratio strategy / winner: Hodges and Lehmann's estimate over the blocks that both
have. The bar is the 95 % confidence interval, each by itself. Filled and in colour: told apart from the winner. Hollow
and grey: not resolved, with the smallest difference that would have been seen where that is known. Hollow without a bar:
too few blocks.

comparison.csv is what `crosstalk compare` judged: by throughput, response time and processor time, adjusted over all
pairs. In a folder without it the blocks of runs.csv are judged by the same rules (signed-rank test, Holm over all pairs,
0.5 % for the field), by throughput in closed loops and by the 99 % response time in open ones. One figure for each load
and measure: comparison.png, comparison-2.png, ...
"""

import sys
from pathlib import Path

import plot_rows
import plot_style as style

import numpy as np
import pandas as pd

from crosstalk_csv import load_comparison, load_runs, usable
from report_statistics import judge

BETTER, WORSE = "#0072B2", "#D55E00"
# Name, unit of the value, and whether more of it is better.
METRICS = {"throughput": ("throughput", lambda value: f"{style.si(value, '#.3g')}/s", "larger"),
           "response_p99": ("response time, 99 %", lambda value: style.duration(value, "#.3g"), "smaller"),
           "cpu_per_op": ("processor time per operation", lambda value: style.duration(value, "#.3g"), "smaller")}


def figures(folder):
    folder = Path(folder)
    if (folder / "comparison.csv").exists():
        table = load_comparison(folder)
        if table.empty:
            raise style.NothingToDraw(f"{folder}/comparison.csv: holds no pair of strategies")
        foot = style.machine(folder)
        keys = ["run_id", "load", "metric"]
        return [draw(rows, f"{rows.iloc[0]['load']} · {blocks_text(rows)}", [foot])
                for _, rows in table.groupby(keys, sort=False)]
    runs = load_runs(folder)
    groups = style.selected(runs[runs["op"] == "all"], folder)
    drawn = [of_runs(folder, rows, groups) for rows in groups]
    if not any(drawn):
        raise style.NothingToDraw(f"{folder}: no two strategies have comparable trials in the same block")
    return [figure for figure in drawn if figure]


def blocks_text(rows):
    least, most = rows["blocks"].min(), rows["blocks"].max()
    return style.count(most, "block") if least == most else f"{least} to {most} blocks"


def of_runs(folder, rows, groups):
    metric = "throughput" if (rows["load_model"] == "closed").all() else "response_p99"
    column = "achieved_ops_s" if metric == "throughput" else "response_p99_ns"
    duels = duels_of(usable(rows), column, metric)
    if duels.empty:
        return None
    notes = [style.unusable_note(rows), style.machine(folder, rows)]
    return draw(duels, style.subtitle(rows, groups), notes)


def duels_of(sound, column, metric):
    """What comparison.csv would hold, of the blocks of a folder without it."""
    known = sound.assign(value=sound[column].astype("float64"))
    known = known[known["value"] > 0]
    field = {name: rows.groupby(["run_id", "block"])["value"].median().to_dict()
             for name, rows in known.groupby("strategy")}
    better = METRICS[metric][2]
    tournament = judge(field, better == "larger")
    if tournament is None:
        return pd.DataFrame()
    middle = {name: np.median(list(values.values())) for name, values in field.items()}
    return pd.DataFrame([
        {"metric": metric, "better": better, "leader": tournament.leader, "other": duel.other, "ratio": duel.ratio,
         "leader_value": middle[tournament.leader], "other_value": middle[duel.other],
         "ratio_low": np.nan if duel.low is None else duel.low, "ratio_high": np.nan if duel.high is None else duel.high,
         "blocks": duel.blocks, "verdict": duel.outcome,
         "mde_pct": np.nan if duel.detectable is None else 100 * np.expm1(duel.detectable)}
        for duel in tournament.duels if duel.blocks])


def draw(rows, below, notes):
    """`rows`: leader / other, as in comparison.csv; drawn is other / leader."""
    first = rows.iloc[0]
    name, unit, _ = METRICS.get(first["metric"], (first["metric"], style.si, ""))
    rows = rows.assign(drawn=1 / rows["ratio"], low=1 / rows["ratio_high"], high=1 / rows["ratio_low"])
    rows = rows.sort_values("drawn", ascending=first["better"] == "smaller", kind="stable", na_position="last")
    cut = f"The {plot_rows.MOST_ROWS} nearest to the winner of {len(rows)} are drawn." * (len(rows) > plot_rows.MOST_ROWS)
    rows = rows.head(plot_rows.MOST_ROWS)
    names = rows["other"].tolist()
    title = f"Compared with {first['leader']}: {name}"
    more = f"{first['leader']}: {unit(first['leader_value'])}" if np.isfinite(first["leader_value"]) else ""
    height = 1.85 + style.row_inches(names, 0.3) * len(names)
    figure, (axes,) = style.frame(title, " · ".join(part for part in (below, more) if part), height)
    axes.axvline(1, color="black", linewidth=1)
    for y, (_, row) in enumerate(rows.iterrows()):
        draw_duel(axes, y, row)
    scale(axes, rows, first)
    plot_rows.head(axes, "ratio, 95 % interval")
    plot_rows.name_rows(axes, names)
    style.add_notes(figure, [explain(rows), cut, *notes])
    return figure


def draw_duel(axes, y, row):
    told = row["verdict"] in ("better", "worse")
    colour = {"better": WORSE, "worse": BETTER}.get(row["verdict"], style.FLOOR)  # the verdict is about the leader
    if np.isfinite(row["low"]) and np.isfinite(row["high"]):
        axes.plot([row["low"], row["high"]], [y, y], "-", color=colour, linewidth=2 if told else 1.2)
        axes.plot([row["low"], row["high"]], [y, y], "|", color=colour, markersize=6)
    marker = {"better": "s", "worse": "^"}.get(row["verdict"], "o")
    axes.plot([row["drawn"]], [y], marker, color=colour, markersize=6, zorder=4,
              markerfacecolor=colour if told else "white")
    plot_rows.beside(axes, y, duel_text(row), color="black" if told else style.FAINT)


def duel_text(row):
    if not np.isfinite(row["drawn"]):
        return "not compared"
    digits = 3 if abs(row["drawn"] - 1) < 0.05 else 2
    text = f"{row['drawn']:.{digits}f}"
    if np.isfinite(row["low"]):
        text += f"  [{row['low']:.{digits}f}, {row['high']:.{digits}f}]"
    if row["verdict"] == "unresolved":
        text += "  not resolved"
    return text + ("  too few blocks" if row["verdict"] == "too_few_blocks" else "")


def scale(axes, rows, first):
    ends = rows[["drawn", "low", "high"]].to_numpy(dtype=float).ravel()
    ends = np.append(ends[np.isfinite(ends)], 1)
    low, high = ends.min() / 1.03, ends.max() * 1.03
    if high > 3 * low:
        style.log_axis(axes, "x", low, high, lambda value: f"{value:g}")
    axes.set_xlim(low, high)
    logarithmic = ", logarithmic" if high > 3 * low else ""
    axes.set_xlabel(f"ratio to {first['leader']} ({first['better']} is better){logarithmic}")


def explain(rows):
    text = "Filled: told apart from the winner (square: behind it, triangle: ahead). Hollow: not resolved."
    seen = rows.loc[rows["verdict"] == "unresolved", "mde_pct"].dropna()
    if len(seen):
        low, high = seen.min(), seen.max()
        span = f"{low:.3g} %" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g} %"
        text += f" There a difference of {span} would have been seen four times in five."
    return text


if __name__ == "__main__":
    sys.exit(style.main("comparison", __doc__, figures))
