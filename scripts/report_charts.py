# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""What the plots of a report page show, as plain values for scripts/report/*.js, which draw them.

A chart is {"id", "kind", "title", "note", "views"}. A view is what one choice of its menu shows: {"group", "label",
"panels"}. A panel of kind "lines" has axes and series of [x, y, low, high]; one of kind "rows" has a row per strategy. Axes
name a scale (linear, log, percentile) and a unit (ops_s, ns, ratio, share, s, count).
"""

import plot_style as style

import numpy as np
import pandas as pd

from crosstalk_csv import CONFIGURATION, median_interval, merge_buckets, percentiles
from plot_timeline import RESPONSES, in_steps, over_trials, placed
from report_data import CPU, RESPONSE, THROUGHPUT, middle

MOST_FIELDS = 12  # configurations that are drawn
MOST_POINTS, FEWEST_POINTS, ALL_POINTS = 200, 40, 40_000  # of a curve, and of all curves together
MOST_CROSSES = 200
MARKS = np.concatenate(([np.log10(2)], np.arange(1, 8))).round(4)  # percentiles that readers look up
PARTS = {"lateness": "generator late", "queue": "queue", "lock_wait": "waiting for locks", "lock_hold": "holding locks",
         "rest": "rest"}
METRICS = {THROUGHPUT: "throughput", RESPONSE: "response time, 99 %", CPU: "processor time per operation"}
DELIVERIES = {"delivery_first": "first inbox", "delivery_last": "last inbox", "delivery_receive": "received"}


def charts(results):
    """All charts that the folder has numbers for, in the order of the page."""
    fields = results.fields[:MOST_FIELDS]
    made = [throughput(fields), forest(fields), latency(results, fields), timeline(results, fields),
            scaling(results.fields), load_curve(results.fields), anatomy(fields), fairness(fields)]
    return [chart for chart in made if chart["views"]]


def short(value):
    """Four digits are more than a pixel; None for what is not known, or beyond what a double holds."""
    if value is None or pd.isna(value) or not np.isfinite(float(value)):
        return None
    rounded = float(f"{float(value):.4g}")
    return rounded if np.isfinite(rounded) else float(value)  # the largest doubles round to infinity


def axis(label, unit, scale="linear", **more):
    return {"label": label, "unit": unit, "scale": scale, **more}


def chart(ident, kind, title, note, views):
    return {"id": ident, "kind": kind, "title": title, "note": note, "views": views}


def view(field, label, panels):
    return {"group": field if isinstance(field, str) else field.name, "label": label, "panels": panels}


def spread(values):
    """[median, low, high] over blocks; the ends are None below 6."""
    if not values:
        return [None, None, None]
    return [short(value) for value in (np.median(values), *(median_interval(values) or (None, None)))]


def throughput(fields):
    views = []
    for field in fields:
        judged = field.judged[THROUGHPUT]
        floor = by_name(field.floor, "achieved_ops_s")
        rows = [strategy_row(field, name, list(judged.values.get(name, {}).values()), "achieved_ops_s")
                for name in field.ranking]
        typical, _, _ = spread([value for values in floor.values() for value in values])
        views.append(view(field, judged.what, [{
            "x": axis("operations per second", "ops_s", from_zero=True), "rows": rows,
            "rule": typical and {"value": typical, "label": "null floor"}}]))
    return chart("throughput", "rows", "Throughput by strategy",
                 "Marker: median over blocks; bar: its 95 % confidence interval, from 6 blocks on; faint dots: the blocks; "
                 "cross: a trial that is not compared. An open loop completes what it is offered and no more.", views)


def strategy_row(field, name, values, column):
    """A row with its blocks as dots and its unsound trials as crosses."""
    rows = field.rows[field.rows["strategy"] == name]
    bad = rows[column] if name in field.out else rows[column].drop(field.sound.index, errors="ignore")
    value, low, high = spread(values)
    return {"name": name, "value": value, "low": low, "high": high, "dots": [short(each) for each in values],
            "crosses": [short(each) for each in bad.dropna()[:MOST_CROSSES]], "note": field.out.get(name, "")}


def by_name(rows, column):
    return {name: list(values.dropna().astype(float)) for name, values in rows.groupby("strategy")[column]}


def forest(fields):
    views = []
    for field in fields:
        for metric, judged in field.judged.items():
            # An open loop completes what it is offered: a ratio of that would say nothing.
            if judged.tournament is None or metric == THROUGHPUT and not field.closed:
                continue
            rows = [{"name": duel.other, "value": short(1 / duel.ratio), "low": duel.high and short(1 / duel.high),
                     "high": duel.low and short(1 / duel.low), "note": VERDICTS[duel.outcome],
                     "open": duel.outcome in ("unresolved", "too_few_blocks")} for duel in judged.tournament.duels]
            leader = judged.tournament.leader
            views.append(view(field, METRICS[metric], [{
                "x": axis(f"{METRICS[metric]}, ratio to {leader}", "ratio", "log"), "rows": rows,
                "rule": {"value": 1, "label": leader}}]))
    return chart("forest", "rows", "Each strategy against the foremost",
                 "Ratio within blocks (Hodges and Lehmann) with its 95 % interval. Hollow: not told apart by the signed-rank "
                 "test over all pairs, so an interval that leaves 1 out is still no verdict.", views)


VERDICTS = {"better": "behind the foremost", "worse": "ahead of the foremost by this metric",
            "unresolved": "not told apart", "too_few_blocks": "too few blocks to tell apart"}


def latency(results, fields):
    views = []
    if results.latency is not None:
        metrics = ["service", "response", *DELIVERIES]
        table = results.latency[results.latency["metric"].isin(metrics)]
        histograms = dict(iter(table.groupby(["run_id", "trial", "metric"], observed=True)))
        curves = sum(2 * (field.rows["strategy"].nunique()) * 2 for field in fields)
        grid = percentile_grid(max(FEWEST_POINTS, min(MOST_POINTS, ALL_POINTS // max(1, curves))))
        for field in fields:
            alike = field.closed and field.rows["path"].iloc[0] == "direct"
            name = "service time (closed loop: there is no other)" if alike else "response time; dashed: service time"
            found = curve_panel(field, histograms, grid, "service" if alike else "response",
                                None if alike else "service", "time")
            views += [view(field, name, [found])] if found else []
            found = curve_panel(field, histograms, grid, "delivery_last", "delivery_first", "time from the intended post")
            views += [view(field, "delivery to the last inbox; dashed: to the first", [found])] if found else []
    return chart("latency", "lines", "Latency by percentile",
                 "A line is the median over blocks of each block's percentile; bars: its 95 % confidence interval, from 6 "
                 "blocks on. A line ends where trials have too few operations for the percentile. Response counts from the "
                 "instant at which the operation was due; in a closed loop the next one waits for the last, so waiting "
                 "before it starts is not seen.", views)


def percentile_grid(points):
    """Of log10(1/(1-p)): 1 is 90 %, 2 is 99 %."""
    return np.union1d(np.linspace(0.05, 7, points).round(4), MARKS)


def curve_panel(field, histograms, grid, solid, dashed, label):
    series = []
    floor = field.floor
    sound = field.sound
    for name in [*field.ranking, *floor["strategy"].unique()]:
        trials = (floor if name in set(floor["strategy"]) else sound)
        trials = trials[trials["strategy"] == name]
        hopeless = not len(trials)
        trials = field.rows[field.rows["strategy"] == name] if hopeless else trials
        points = curve(trials, histograms, grid, solid)
        if len(points):
            role = "floor" if name in set(floor["strategy"]) else "hopeless" if hopeless or name in field.out else ""
            thin = curve(trials, histograms, grid, dashed)[:, :2] if dashed else []
            series.append({"name": name, "role": role, "points": rounded(points), "thin": rounded(thin)})
    if not series:
        return None
    return {"x": axis("percentile of operations", "percentile", "percentile"), "y": axis(label, "ns", "log"),
            "series": series}


def curve(trials, histograms, grid, metric):
    """Rows of x, median over blocks, and its interval, without the stretches where nothing changes."""
    shares, blocks = 1 - 10.0**-grid, []
    for _, block in trials.groupby(["run_id", "block"]):
        keys = [(run, trial, metric) for run, trial in zip(block["run_id"], block["trial"])]
        found = [histograms[key] for key in keys if key in histograms]
        if found:
            buckets = merge_buckets(pd.concat(found)) if len(found) > 1 else found[0].sort_values("bucket_low_ns")
            column = f"{metric}_max_ns"
            longest = block[column].max() if column in block else None
            blocks.append(percentiles(buckets, shares, None if pd.isna(longest) else longest))
    if not blocks:
        return np.empty((0, 4))
    blocks = np.sort(blocks, axis=0)
    ends = median_interval(range(len(blocks)))
    low, high = (blocks[end] if ends else np.full(len(grid), np.nan) for end in ends or (0, 0))
    rows = np.column_stack((grid, np.median(blocks, axis=0), low, high))[np.isfinite(blocks).all(axis=0)]
    if len(rows) < 3:
        return rows
    same = (rows[1:-1, 1] == rows[:-2, 1]) & (rows[1:-1, 1] == rows[2:, 1])
    marked = np.isin(rows[1:-1, 0], MARKS)
    return rows[np.concatenate(([True], ~same | marked, [True]))]


def rounded(points):
    return [[short(value) for value in point] for point in points]


def timeline(results, fields):
    views = []
    if results.intervals is not None:
        slices = placed(results.intervals[results.intervals["op"] == "all"])
        for field in fields:
            panels = timeline_panels(field, slices)
            views += [view(field, "over time", panels)] if panels else []
    return chart("timeline", "lines", "Throughput and response time over time",
                 "Time 0 is the start of the measured phase. A line is the median over trials, its bars the 95 % confidence "
                 "interval of it, from 6 trials on.", views)


def timeline_panels(field, slices):
    floor = field.floor
    sound = field.sound
    hopeless = set(field.rows["strategy"]) - set(sound["strategy"]) - set(floor["strategy"])
    shown = pd.concat([sound, floor, field.rows[field.rows["strategy"].isin(hopeless)]])
    own = shown[["run_id", "trial", "strategy", "role"]].merge(slices, on=["run_id", "trial"])
    if own.empty:
        return None
    steps = in_steps(own)
    measured = steps[(steps["role"] != "floor") & (steps["step"] >= 0)]
    response = next((name for name in RESPONSES if measured[name].notna().mean() >= 0.5), "response_p50_ns")
    panels = []
    for column, y in (("completed_ops_s", axis("operations per second", "ops_s", from_zero=True)),
                      (response, axis(RESPONSES[response], "ns", "log"))):
        series = []
        for name, group in steps.groupby("strategy"):
            lines = over_trials(group, column)[["at_s", "middle", "low", "high"]].dropna(subset=["middle"])
            role = "floor" if (group["role"] == "floor").all() else "hopeless" if name in hopeless else ""
            if len(lines):
                series.append({"name": name, "role": role, "points": rounded(lines.to_numpy(dtype=float))})
        if column == "completed_ops_s" and not field.closed:
            offered = steps.dropna(subset=["offered_ops_s"]).groupby("at_s")["offered_ops_s"].median()
            series.append({"name": "offered load", "role": "offered", "points": rounded(zip(offered.index, offered))})
        left = float((own["at_s"] - own["length_ns"] / 2e9).min())
        order = {name: place for place, name in enumerate(field.ranking)}
        series.sort(key=lambda one: order.get(one["name"], len(order)))
        panels.append({"x": axis("time since the start of the measured phase", "s"), "y": y, "series": series,
                       "bands": [{"from": short(left), "to": 0, "label": "warm-up"}] if left < 0 else []})
    return panels if any(panel["series"] for panel in panels) else None


def swept(fields, column):
    """[(label of what stays the same, [(x, field), ...])] where fields differ in `column` alone."""
    groups = {}
    for field in fields:
        first = field.rows.iloc[0]
        x = middle(field.rows["offered_ops_s"]) if column == "offered_ops_s" else first[column]
        keys = [key for key in CONFIGURATION if key not in (column, "trace_hash")]
        same = [first[key] for key in keys]
        if column != "offered_ops_s" and not field.closed:
            same.append(f"{middle(field.rows['offered_ops_s']) or 0:.1e}")
        if x is not None:
            groups.setdefault(tuple(map(str, same)), []).append((float(x), field))
    result = []
    for points in groups.values():
        points.sort(key=lambda point: point[0])
        if len({x for x, _ in points}) > 1:
            words = ("driver thread",) if column == "threads" else ("clients",) if column == "clients" else ("offered",)
            label = points[0][1].label.split(" · ")
            result.append((" · ".join(part for part in label if not any(word in part for word in words)), points))
    return result


def sweep_panel(points, x, y, metric):
    series = {}
    for at, field in points:
        sound = field.sound
        table = pd.concat([sound, field.floor])
        for name, group in table.groupby("strategy"):
            own = field.judged[metric].values.get(name) if metric in field.judged else None
            values = list(own.values()) if own else list(values_by_block(group, metric))
            if values:
                role = "floor" if (group["role"] == "floor").all() else "hopeless" if name in field.out else ""
                line = series.setdefault(name, {"name": name, "role": role, "points": []})
                line["points"].append([short(at), *spread(values)])
    # In the order of the lines' ends, which is how readers look for them; the floor last.
    ends = {name: (line["role"] == "floor", -(line["points"][-1][1] or 0)) for name, line in series.items()}
    return {"x": x, "y": y, "series": [series[name] for name in sorted(series, key=ends.get)]}


def is_curve(panel):
    return len({point[0] for line in panel["series"] if not line["role"] for point in line["points"]}) > 1


def values_by_block(rows, metric):
    column = {THROUGHPUT: "achieved_ops_s", RESPONSE: "response_p99_ns"}[metric]
    return rows.groupby(["run_id", "block"])[column].median().dropna().astype(float)


def scaling(fields):
    views = []
    for column, label in (("threads", "driver threads"), ("clients", "clients"), ("workers", "workers")):
        for group, points in swept([field for field in fields if field.closed], column):
            panel = sweep_panel(points, axis(label, "count", marked=True),
                                axis("operations per second", "ops_s", from_zero=True), THROUGHPUT)
            if is_curve(panel):
                views.append(view(group, f"over {label}", [panel]))
    return chart("scaling", "lines", "Scaling",
                 "Median over blocks and its 95 % confidence interval, from 6 blocks on.", views)


def load_curve(fields):
    views = []
    for group, points in swept([field for field in fields if not field.closed], "offered_ops_s"):
        x = axis("offered operations per second", "ops_s", "log", marked=True)
        panels = [sweep_panel(points, x, axis("response time, 99 %", "ns", "log"), RESPONSE),
                  sweep_panel(points, x, axis("completed operations per second", "ops_s", "log"), THROUGHPUT)]
        if any(map(is_curve, panels)):
            views.append(view(group, "over the offered load", [panel for panel in panels if panel["series"]]))
    return chart("load", "lines", "Latency against offered load",
                 "Where the completed operations fall behind the offered ones, the server is saturated and its response "
                 "time grows for as long as the trial lasts.", views)


def anatomy(fields):
    views = []
    for field in fields:
        rows = []
        sound = field.sound
        for name in field.ranking:
            means = sound.loc[sound["strategy"] == name, [f"anatomy_{part}_ns" for part in PARTS]]
            if means.notna().any(axis=None):
                means = means.dropna(axis=1, how="all").median().reindex(means.columns)
                rows.append({"name": name, "parts": [short(max(0, value)) if pd.notna(value) else 0 for value in means]})
        if rows:
            views.append(view(field, "mean response time", [{
                "x": axis("mean response time", "ns", from_zero=True), "rows": rows, "parts": list(PARTS.values())}]))
    return chart("anatomy", "rows", "Where the time goes",
                 "Parts of the mean response time, medians over trials; measured by --anatomy, whose own clock readings are "
                 "part of the rest.", views)


def fairness(fields):
    views = []
    for field in fields:
        for column, label, x in (
                ("jain_clients", "Jain's index over clients", axis("1: all clients are served alike", "share")),
                ("jain_threads", "Jain's index over drivers", axis("1: all drivers are served alike", "share")),
                ("gap_max_ns", "longest gap", axis("longest time in which an operation waited while others completed",
                                                   "ns", "log"))):
            sound = by_name(field.sound, column)
            rows = [strategy_row(field, name, sound.get(name, []), column) for name in field.ranking]
            if any(row["dots"] for row in rows):
                views.append(view(field, label, [{"x": x, "rows": rows, "rule": None}]))
    return chart("fairness", "rows", "Fairness",
                 "Marker: median over blocks; bar: its 95 % confidence interval, from 6 blocks on; faint dots: the trials.",
                 views)
