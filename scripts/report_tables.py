# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""The tables of a report page as HTML. Every text from a results folder is escaped here."""

from dataclasses import dataclass
from html import escape

import plot_style as style
from plot_style import count, duration, si

import numpy as np
import pandas as pd

from crosstalk_csv import median_interval
from report_answer import factor, figure, metric_name
from report_data import CPU, RESPONSE, THROUGHPUT, middle

MOST_ROWS = 1000  # of all rows; more are left to runs.csv
MOST_TEXT = 300
MISSING = "–"


@dataclass(frozen=True)
class Cell:
    """Text, what it is sorted by where that is not the text, and a line below it."""
    text: str
    value: object = None
    below: str = ""
    number: bool = True
    kind: str = ""


def clipped(text):
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT - 1] + "…"


def cell(item):
    if not isinstance(item, Cell):
        item = Cell(clipped(str(item)), number=False)
    words = " ".join(filter(None, ("n" if item.number else "", item.kind)))
    attributes = f' class="{words}"' if words else ""
    if item.value is not None:
        attributes += f' data-v="{escape(str(item.value))}"'
    below = f'<span class="sub">{escape(item.below)}</span>' if item.below else ""
    return f"<td{attributes}>{escape(item.text)}{below}</td>"


def number(value, text):
    """A number written by `text`, sorted by itself."""
    return Cell(MISSING, "") if value is None or pd.isna(value) else Cell(text(value), f"{float(value):.6g}")


def table(heads, rows, caption, kinds="sort", label=None, tall=False):
    """`heads`: (text, explanation, whether numbers stand below, whether it is a choice of the filter). `rows`: (class,
    cells); the first cell names the row."""
    head = "".join(
        f'<th scope="col"{" class=n" if numbers else ""}{f" title={quoted(why)}" if why else ""}'
        f'{" data-choice" if choice else ""}>{escape(text)}</th>' for text, why, numbers, choice in heads)
    body = []
    for kind, cells in rows:
        first, *rest = cells
        name = first if isinstance(first, Cell) else Cell(clipped(str(first)), number=False)
        below = f'<span class="sub">{escape(name.below)}</span>' if name.below else ""
        sort = f' data-v="{escape(str(name.value))}"' if name.value is not None else ""
        body.append(f'<tr{f" class={quoted(kind)}" if kind else ""}><th scope="row"{sort}>{escape(name.text)}{below}</th>'
                    f'{"".join(map(cell, rest))}</tr>')
    newline = "\n"
    return (f'<div class="scroll{" tall" if tall else ""}" role="region" tabindex="0" aria-label="{escape(label or caption)}">'
            f'<table class="{kinds}"><thead><tr>{head}</tr></thead>\n<tbody>\n{newline.join(body)}\n</tbody></table></div>')


def quoted(text):
    return f'"{escape(text)}"'


def spread_cell(values, text):
    """Median over blocks, its interval below."""
    values = [value for value in values if not pd.isna(value)]
    if not values:
        return Cell(MISSING, "")
    interval = median_interval(values)
    below = f"{text(interval[0])} to {text(interval[1])}" if interval else ""
    return Cell(text(np.median(values)), f"{np.median(values):.6g}", below)


def verdict_table(field):
    heads = [("strategy", "server/mechanism", False, False), ("verdict", "against the foremost", False, False)]
    columns = list(field.judged)
    heads += [(metric_name(metric), field.judged[metric].what, True, False) for metric in columns]
    heads += [("response 50 %", "median over trials", True, False), ("response 99.9 %", "median over trials", True, False),
              ("delivery 99 %", "intended post to the last inbox", True, False),
              ("fairness", "Jain's index over clients: 1 is fair", True, False),
              ("reach", "delivered / expected, the lowest of all trials", True, False),
              ("floor", "share of the service time that the harness itself takes", True, False),
              ("verified", "trials in which every law held", True, False), ("status", "trials by status", False, False)]
    rows = [verdict_row(field, name, columns, place) for place, name in enumerate(field.ranking)]
    rows += [floor_row(field, name, columns) for name in field.floor["strategy"].unique()]
    # A column without a number in it only takes room.
    filled = [place for place in range(len(heads)) if any(text_of(cells[place]) != MISSING for _, cells in rows)]
    return table([heads[place] for place in filled], [(kind, [cells[place] for place in filled]) for kind, cells in rows],
                 f"Strategies: {field.label}")


def text_of(item):
    return item.text if isinstance(item, Cell) else item


def verdict_row(field, name, columns, place):
    trials = field.rows[field.rows["strategy"] == name]
    sound = field.sound[field.sound["strategy"] == name]
    out = name in field.out
    cells = [name, Cell(field.out[name], "z", number=False, kind="why bad") if out else standing(field, name, place)]
    for metric in columns:
        # An open loop completes what it is offered: a ratio of that would say nothing.
        plain = metric == THROUGHPUT and not field.closed
        cells.append(Cell(MISSING, "") if out else metric_cell(field.judged[metric], name, metric, plain))
    return ("out" if out else "first" if place == 0 and name in field.leading.values else ""), cells + common_cells(trials, sound)


def standing(field, name, place):
    duel = field.leading.duel(name)
    if name not in field.leading.values:
        return Cell(f"no {metric_name(field.leading.metric)}", place, number=False, kind="bad word")
    if duel is None:
        return Cell("foremost" if field.leading.tournament else "alone", place, number=False, kind="word")
    text = {"better": "behind", "worse": "ahead", "unresolved": "not told apart", "too_few_blocks": "too few blocks"}[duel.outcome]
    return Cell(text, place, number=False, kind="bad word" if duel.outcome == "better" else "word")


def metric_cell(judged, name, metric, plain):
    value, interval = judged.typical(name)
    if value is None:
        return Cell(MISSING, "")
    if plain:
        return Cell(figure(metric, value), f"{value:.6g}")
    duel = judged.duel(name)
    if duel is None:
        below = f"{figure(metric, interval[0])} to {figure(metric, interval[1])}" if interval else ""
    else:
        mark = "" if duel.outcome in ("better", "worse") else "~ "
        ends = f" ({factor(1 / duel.high)} to {factor(1 / duel.low)})" if duel.low else ""
        below = f"{mark}{factor(1 / duel.ratio)} ×{ends}"
    return Cell(figure(metric, value), f"{value:.6g}", below)


def common_cells(trials, sound):
    good = sound if len(sound) else trials.iloc[:0]
    p50 = good["response_p50_ns"].where(good["response_p50_ns"].notna(), good["service_p50_ns"])
    p999 = good["response_p999_ns"].where(good["response_p999_ns"].notna(), good["service_p999_ns"])
    verified = int((trials["verified"] == 1).sum())
    broken = bool((trials["verified"] == 0).any())
    reach = good["reach"].dropna()
    return [spread_cell(p50, duration), spread_cell(p999, duration), spread_cell(good["delivery_last_p99_ns"], duration),
            number(middle(good["jain_clients"]), lambda value: f"{value:.4f}"),
            number(reach.min() if len(reach) else None, lambda value: f"{value:.6g}"),
            number(middle(good["floor_share"]), lambda value: f"{100 * value:.2g} %"),
            Cell(f"{verified} of {len(trials)}", verified / len(trials), kind="bad" if broken else ""),
            Cell(statuses(trials), number=False, kind="word")]


def statuses(trials):
    counts = trials["status"].value_counts()
    return ", ".join(f"{number} {status}" for status, number in counts.items())


def floor_row(field, name, columns):
    trials = field.floor[field.floor["strategy"] == name]
    typical = {THROUGHPUT: middle(trials["achieved_ops_s"]), RESPONSE: middle(trials["response_p99_ns"]),
               CPU: middle((trials["cpu_user_s"] + trials["cpu_system_s"]) * 1e9 / trials["count"].where(trials["count"] > 0))}
    cells = [number(typical[metric], lambda value, metric=metric: figure(metric, value)) for metric in columns]
    return "floor", [name, Cell("floor", "y", number=False), *cells, *common_cells(trials, trials)]


def refused_table(results):
    """Rows that are not compared, and why."""
    rows = results.totals
    rows = rows[rows["role"] != "floor"]
    sound = {index for field in results.fields for index in field.sound.index}
    bad = rows[~rows.index.isin(sound)]
    if bad.empty:
        return ""
    heads = [("strategy", "", False, False), ("status", "", False, True), ("verified", "", False, False),
             ("trials", "", True, False), ("reason", "", False, False), ("load", "", False, False)]
    body = []
    words = bad.assign(law=bad["verified"].map({1.0: "yes", 0.0: "no"}).fillna("not checked"))
    keys = ["strategy", "status", "law", "status_reason", "load_model", "threads", "clients"]
    for (name, status, law, reason, load, threads, clients), group in words.groupby(keys):
        body.append(("", [name, status, Cell(law, number=False, kind="bad" if law == "no" else ""), Cell(str(len(group)), len(group)),
                          Cell(clipped(reason or ("no law was checked" if law == "not checked" else MISSING)), number=False, kind="why"),
                          f"{load}, {clients:,} clients, {count(threads, 'driver')}"]))
    return table(heads, body[:MOST_ROWS], "Rows that are not compared", "sort choose" if len(body) > 8 else "sort")


COLUMNS = {
    "trial": ("trial", "number of the trial within the run", "plain"),
    "block": ("block", "a block holds every strategy once", "plain"),
    "op": ("operation", "kind of operation; all: the trial's totals", "choice"),
    "status": ("status", "", "choice"),
    "verified": ("verified", "every law held", "flag"),
    "load_model": ("load", "", "choice"),
    "threads": ("drivers", "", "plain"),
    "clients": ("clients", "", "plain"),
    "offered_ops_s": ("offered/s", "operations due per second", "rate"),
    "achieved_ops_s": ("achieved/s", "operations completed per second", "rate"),
    "count": ("count", "operations completed", "plain"),
    "errors": ("errors", "operations the server refused", "plain"),
    "service_p50_ns": ("service 50 %", "", "time"),
    "service_p99_ns": ("service 99 %", "", "time"),
    "response_p50_ns": ("response 50 %", "", "time"),
    "response_p99_ns": ("response 99 %", "", "time"),
    "response_p999_ns": ("response 99.9 %", "", "time"),
    "response_max_ns": ("longest", "longest response time", "time"),
    "delivery_last_p99_ns": ("delivery 99 %", "intended post to last inbox", "time"),
    "reach": ("reach", "delivered / expected", "share"),
    "jain_clients": ("Jain", "fairness over clients", "share"),
    "gap_max_ns": ("longest gap", "", "time"),
    "floor_share": ("floor", "the null row's mean service time / this row's", "share"),
    "cpu_user_s": ("CPU user, s", "", "share"),
    "cpu_system_s": ("CPU kernel, s", "", "share"),
    "rss_max_bytes": ("memory, MB", "peak of the trial", "megabytes"),
    "status_reason": ("reason", "why the status is not ok", "reason"),
}


def rows_table(results):
    """(table, note) of all rows, or of the totals where there are too many."""
    rows, note = results.runs, ""
    if len(rows) > MOST_ROWS:
        rows, note = results.totals, "The totals of each trial; the kinds of operations stand in runs.csv. "
    if len(rows) > MOST_ROWS:
        note = f"The first {MOST_ROWS:,} of {len(rows):,} trials; all of them stand in runs.csv. "
        rows = rows.iloc[:MOST_ROWS]
    shown = [name for name in COLUMNS if (rows[name].notna() & (rows[name].astype(str) != "")).any()
             and not (name in ("op", "load_model") and rows[name].nunique() == 1)]
    heads = [("strategy", "", False, True)]
    heads += [(COLUMNS[name][0], COLUMNS[name][1], COLUMNS[name][2] not in ("choice", "reason"), COLUMNS[name][2] == "choice")
              for name in shown]
    body = []
    for row in rows[["strategy", "role", *shown]].to_dict("records"):
        sound = row["status"] in ("ok", "saturated") and row.get("verified") == 1
        kind = "floor" if row["role"] == "floor" else "" if sound else "out"
        body.append((kind, [row["strategy"], *(plain_cell(row[name], COLUMNS[name][2]) for name in shown)]))
    return table(heads, body, "All rows", "sort choose", tall=True), note


def plain_cell(value, kind):
    if kind in ("choice", "reason"):
        return Cell(clipped(value), number=False, kind="why" if kind == "reason" else "")
    if pd.isna(value):
        return Cell(MISSING, "")
    if kind == "flag":
        return Cell("yes" if value == 1 else "no", int(value), kind="" if value == 1 else "bad")
    if kind == "plain":
        return Cell(f"{value:,.0f}", f"{value:.0f}" if abs(value) >= 1000 else None)
    text = {"rate": si, "time": duration, "share": lambda v: f"{v:.4g}", "megabytes": lambda v: f"{v / 1e6:.3g}"}[kind]
    return Cell(text(value), f"{value:.6g}")
