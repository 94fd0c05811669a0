#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws how many operations per second each strategy completed, from RESULTS_DIR/runs.csv.

A marker is the median over blocks, one value a block; its bar is the exact 95 % confidence interval of the median,
drawn from 6 blocks on; the faint dots are the blocks themselves. The dashed line is the null server: the harness's own
cost; where it is far beyond, only its value is written. A cross is a trial that is not compared. Closed-loop rows are drawn where
there are any, since an open loop completes what it is offered and no more.

More than one configuration (clients, threads, path, ...): one figure each, throughput.png, throughput-2.png, ...
"""

import sys

import plot_rows
import plot_style as style

import numpy as np

from crosstalk_csv import load_runs, usable


def figures(folder):
    runs = load_runs(folder)
    totals = runs[runs["op"] == "all"]
    looks = style.styles(totals)
    groups = style.selected(totals, folder, wanted=["closed"])
    return [draw(folder, rows, groups, looks) for rows in groups]


def draw(folder, rows, groups, looks):
    sound = usable(rows)
    values = style.per_block(sound, "achieved_ops_s")
    unsound = rows[rows["role"] != "floor"].drop(sound.index).groupby("strategy")["achieved_ops_s"].agg(list)
    # A strategy without a comparable trial comes last.
    medians = {**dict.fromkeys(unsound.index, 0), **{name: np.median(blocks) for name, blocks in values.items()}}
    names, note = style.best(medians, ascending=False, most=plot_rows.MOST_ROWS)
    title = "Throughput" if (rows["load_model"] == "closed").all() else "Throughput at equal offered load"
    figure, (axes,) = style.frame(title, style.subtitle(rows, groups), 1.75 + style.row_inches(names, 0.3) * len(names))

    drawn = [value for name in names for value in [*values.get(name, []), *unsound.get(name, [])] if value > 0]
    floor = style.floor_of(rows)["achieved_ops_s"].tolist()
    near = not drawn or not floor or max(floor) <= style.FAR * max(drawn)
    span = [value for value in (drawn + floor if near else drawn) if value > 0]
    style.rate_axis(axes, "x", min(span, default=1), max(span, default=1))
    for y, name in enumerate(names):
        draw_strategy(axes, y, values.get(name, []), unsound.get(name, []), looks[name])
    if floor:
        plot_rows.draw_floor(axes, floor, f"null floor {style.si(np.median(floor), '#.3g')}/s", near)
    plot_rows.name_rows(axes, names)
    style.add_notes(figure, [explain(values, rows, len(unsound)), note, style.unusable_note(rows),
                             style.machine(folder, rows)])
    return figure


def explain(values, rows, crosses):
    text = plot_rows.explain_interval(values.values())
    if crosses:
        text += " Cross: a trial that is not compared."
    if (rows["load_model"] != "closed").all():
        text += " An open loop completes what it is offered, so that only a shortfall tells strategies apart."
    return text


def draw_strategy(axes, y, values, unsound, look):
    # Single trials stand a little below the line, where the bar does not cover them.
    plot_rows.draw_unsound(axes, y + 0.3, unsound)
    if not values:
        plot_rows.beside(axes, y, "no comparable trial")
        return
    median, interval = plot_rows.draw_estimate(axes, y, values, look)
    label = f"{style.si(median, '#.3g')}/s"
    if interval:
        label += f"  [{style.si(interval[0], '#.3g')}, {style.si(interval[1], '#.3g')}]"
    plot_rows.beside(axes, y, label)


if __name__ == "__main__":
    sys.exit(style.main("throughput", __doc__, figures))
