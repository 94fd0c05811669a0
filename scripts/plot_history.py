#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws losses against a frozen build night after night, from what `crosstalk report` says of a history:

    crosstalk report --history history.csv --points --format csv >points.csv
    scripts/plot_history.py points.csv

A figure for each machine, anchor and scenario, a panel for each metric. A dot is a gate of one night: how much worse the
head was than the anchor, above 0 is worse, with its 95 % interval. The black line is the median of each stretch between two
changes; a dashed line is a change, with the commit that was the first one behind it, and medians before and after. Shaded: a
drift, from the point at which it began; the triangle is where it was seen. Pale where the drift is over.

Nights stand at equal distances, since the statistics know their order and not their dates.
"""

import sys

import plot_style as style

import numpy as np

from csv_table import load_table

# What `crosstalk report --history FILE --points --format csv` prints.
COLUMNS = {
    **dict.fromkeys(("machine", "anchor", "anchor_commit", "anchor_hash", "scenario", "work", "metric"), "text"),
    **{"point": "natural", "date": "text", "head": "text", "head_commit": "text", "kernel": "text", "pairs": "natural"},
    **{"verdict": "text", "loss_pct": "decimal", "loss_low_pct": "decimal?", "loss_high_pct": "decimal?"},
    **{"drift_sum": "decimal", "drift_limit": "decimal", "drift": "natural?", "drift_raised": "flag", "drift_stands": "flag"},
    **{"stretch": "natural?", "stretch_pct": "decimal?", "change_p": "decimal?"},
}
FIGURE = ["machine", "anchor_hash", "scenario", "work"]
POINT, DRIFT = "#0072B2", "#D55E00"
TICKS = 7
# Labels of changes stand in so many lines, one below the other, so that neighbours do not cover each other.
LABEL_LINES = 3


def figures(path):
    points = load_table(path, COLUMNS)
    if points.empty:
        raise style.NothingToDraw(f"{path}: holds no points")
    return [draw(rows) for _, rows in points.groupby(FIGURE, sort=False)]


def draw(rows):
    # Metrics of one gate stand below each other, also where one of them lacks a night.
    rows = rows.assign(same=rows.groupby(["metric", "date"]).cumcount())
    nights = rows.drop_duplicates(["date", "same"]).sort_values(["date", "same"], kind="stable").reset_index(drop=True)
    place = {(night["date"], night["same"]): at for at, night in nights.iterrows()}
    rows = rows.assign(x=[place[key] for key in zip(rows["date"], rows["same"])])
    metrics = list(dict.fromkeys(rows["metric"]))
    first = rows.iloc[0]
    below = " · ".join([first["work"], style.count(len(nights), "gate"), first["machine"]])
    figure, panels = style.frame(f"{first['scenario']}: losses against the anchor", below, 1.5 + 1.75 * len(metrics),
                                 panels=len(metrics))
    for axes, metric in zip(panels, metrics):
        draw_metric(axes, metric, rows[rows["metric"] == metric].reset_index(drop=True))
    name_nights(panels[-1], nights)
    style.add_notes(figure, [explain(rows), f"Anchor: {first['anchor']}, {first['anchor_hash']}"])
    return figure


def draw_metric(axes, metric, rows):
    axes.axhline(0, color=style.FLOOR, linewidth=1)
    axes.set_ylabel("loss, %")
    axes.set_title(metric, fontsize=9, loc="left")
    draw_drifts(axes, rows)
    x, loss = rows["x"].to_numpy(), rows["loss_pct"].to_numpy()
    sure = rows.dropna(subset=["loss_low_pct", "loss_high_pct"])
    axes.vlines(sure["x"], sure["loss_low_pct"], sure["loss_high_pct"], color=POINT, alpha=0.35, linewidth=1.2)
    axes.plot(x, loss, "o", color=POINT, markersize=3.2, zorder=3, label="loss")
    seen = rows[rows["drift_raised"]]
    axes.plot(seen["x"], seen["loss_pct"], "^", color=DRIFT, markersize=7, zorder=4, label="seen")
    for _, stretch in rows.dropna(subset=["stretch"]).groupby("stretch"):
        axes.plot([stretch["x"].iloc[0] - 0.5, stretch["x"].iloc[-1] + 0.5], [stretch["stretch_pct"].iloc[0]] * 2,
                  "-", color="black", linewidth=1.8, zorder=5, label="median")
    changes = rows.index[rows["change_p"].notna()].tolist()
    limit(axes, rows, len(changes))
    for number, at in enumerate(changes):
        draw_change(axes, rows, at, number)


def draw_drifts(axes, rows):
    for _, drift in rows.dropna(subset=["drift"]).groupby("drift"):
        stands = bool(drift["drift_stands"].iloc[0])
        axes.axvspan(drift["x"].iloc[0] - 0.5, drift["x"].iloc[-1] + 0.5, color=DRIFT, alpha=0.16 if stands else 0.06,
                     linewidth=0)
    known = rows.dropna(subset=["drift"])
    if known.empty:
        return
    last = known[known["drift"] == known["drift"].max()]
    since, seen = last.iloc[0], last[last["drift_raised"]].iloc[0]
    text = f"drift since {when(since)}, seen {when(seen)}"
    axes.set_title(text if since["drift_stands"] else f"over: {text}", fontsize=8, loc="right",
                   color=DRIFT if since["drift_stands"] else style.FAINT)


def limit(axes, rows, changes):
    """Limits by the points and their intervals, except those of a night of few pairs, which must not flatten all the others."""
    loss = rows["loss_pct"]
    below, above = loss - rows["loss_low_pct"], rows["loss_high_pct"] - loss
    usual = 3 * np.nanmedian([*below, *above, 0])
    low = min(0, (loss - below.fillna(0).clip(upper=usual)).min())
    high = max(0, (loss + above.fillna(0).clip(upper=usual)).max())
    span = max(high - low, 0.5)
    room = 0.14 * min(changes, LABEL_LINES)
    axes.set_ylim(low - 0.08 * span, high + (0.08 + room / (1 - room)) * span)


def draw_change(axes, rows, at, number):
    change, before = rows.loc[at], rows.loc[at - 1]
    axes.axvline(change["x"] - 0.5, color="black", linewidth=0.9, linestyle="--")
    text = f"{change['head_commit'][:9] or change['date'][:10]}: {before['stretch_pct']:+.1f} → {change['stretch_pct']:+.1f} %"
    right = change["x"] > rows["x"].max() * 0.6
    axes.annotate(text, (change["x"] - 0.5, 0.97 - 0.13 * (number % LABEL_LINES)), xycoords=("data", "axes fraction"),
                  xytext=(-3 if right else 3, 0), textcoords="offset points", ha="right" if right else "left", va="top",
                  fontsize=7.5, zorder=6, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6})


def when(row):
    return f"{row['date'][:10]} ({row['head_commit'][:9]})" if row["head_commit"] else row["date"][:10]


def name_nights(axes, nights):
    at = sorted(set(np.linspace(0, len(nights) - 1, min(TICKS, len(nights))).round().astype(int)))
    axes.set_xticks(at, [f"{nights['date'][each][:10]}\n{nights['head_commit'][each][:9]}" for each in at])
    axes.set_xlim(-0.8, len(nights) - 0.2)


def explain(rows):
    text = "Dot: a gate, with its 95 % interval; above 0 the head was worse. Black: median between changes. Dashed: a change."
    return text + (" Shaded: a drift, seen at the triangle." if rows["drift"].notna().any() else "")


def main(argv=None):
    source = ("POINTS_CSV", "what `crosstalk report --history FILE --points --format csv` printed", "beside")
    parser = style.make_parser("history", __doc__, source=source)
    options = parser.parse_args(argv)
    outputs = style.outputs_of(parser, options, options.results.parent / "history.png")
    return style.guarded(parser.prog, lambda: style.draw_all(figures(options.results), outputs))


if __name__ == "__main__":
    sys.exit(main())
