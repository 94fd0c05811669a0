# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""The numbers of a report page: a results folder as configurations, in each of which strategies are judged.

    results = read("results/20250301-120000")
    for field in results.fields:
        print(field.label, field.leading.tournament)

Verdicts are those of comparison.csv where `crosstalk compare` wrote one for the configuration; else they are worked out
here from runs.csv by the same rules. A folder without runs.csv, or with a damaged file, raises CsvError.
"""

from dataclasses import dataclass, field as with_default
from functools import cached_property
from math import log1p
from pathlib import Path
from typing import Optional

import plot_style as style

import numpy as np
import pandas as pd

import crosstalk_csv
from crosstalk_csv import configurations, median_interval, usable
from report_statistics import Duel, Tournament, fewest_pairs, judge, FIELD_LEVEL

THROUGHPUT, RESPONSE, CPU = "throughput", "response_p99", "cpu_per_op"
FLOOR_LIMIT = 0.5  # rows with a larger floor share measure the harness, and are not ranked among each other


@dataclass
class Judged:
    """One metric of a configuration."""
    metric: str
    values: dict  # {strategy: {(run_id, block): value above 0}}
    tournament: Optional[Tournament]
    what: str  # what the value of one trial is
    recorded: bool  # the verdict stands in comparison.csv

    @property
    def larger_is_better(self):
        return self.metric == THROUGHPUT

    def typical(self, strategy):
        """(median over blocks, interval or None), or (None, None)."""
        blocks = list(self.values.get(strategy, {}).values())
        return (float(np.median(blocks)), median_interval(blocks)) if blocks else (None, None)

    def duel(self, strategy):
        duels = self.tournament.duels if self.tournament else ()
        return next((duel for duel in duels if duel.other == strategy), None)


@dataclass(eq=False)
class Field:
    """The trials of one configuration, and what came of them."""
    rows: pd.DataFrame  # of op all, the floor's included
    label: str
    closed: bool
    out: dict  # {strategy: why it is not compared}
    judged: dict = with_default(default_factory=dict)  # {metric: Judged}; the leading one first
    name: str = ""  # the parts of the label that tell it from the folder's other configurations

    @property
    def leading(self):
        return next(iter(self.judged.values()))

    @property
    def contenders(self):
        return [name for name in self.ranking if name not in self.out]

    @property
    def ranking(self):
        """All strategies: by the leading metric, then those that are not compared."""
        first = self.leading
        if first.tournament:
            ranked = [first.tournament.leader, *(duel.other for duel in first.tournament.duels)]
        else:
            ranked = list(first.values)
        names = self.rows.loc[self.rows["role"] != "floor", "strategy"]
        return ranked + sorted(set(names) - set(ranked))

    @cached_property
    def sound(self):
        """The rows that may be compared."""
        return usable(self.rows)

    @cached_property
    def floor(self):
        """The sound rows of the null server."""
        return style.floor_of(self.rows)

    def blocks(self):
        return len(self.rows[["run_id", "block"]].drop_duplicates())


@dataclass
class Results:
    folder: Path
    runs: pd.DataFrame
    fields: list
    looks: dict  # {strategy: how it is drawn}
    latency: Optional[pd.DataFrame]  # of op all
    intervals: Optional[pd.DataFrame]
    environment: list  # of (key, value)
    winners: Optional[pd.DataFrame]  # map.csv
    missing: list  # files that are not there

    @property
    def totals(self):
        return self.runs[self.runs["op"] == "all"]

    def facts(self, key):
        """All different values of a fact; folders that were put together may have several."""
        return list(dict.fromkeys(value for name, value in self.environment if name == key))


def read(folder):
    """The whole folder. Raises CsvError; plot_style.NothingToDraw where no trial was measured."""
    folder = Path(folder)
    runs = crosstalk_csv.load_runs(folder)
    runs = _plain(runs)
    totals = runs[runs["op"] == "all"]
    if totals.empty:
        raise style.NothingToDraw(f"{folder / 'runs.csv'}: holds no row with op=all, so nothing was measured")
    missing = []
    latency, intervals, environment = (_optional(load, folder, name, missing) for load, name in (
        (crosstalk_csv.load_latency, "latency.csv"), (crosstalk_csv.load_intervals, "intervals.csv"),
        (crosstalk_csv.load_environment, "environment.csv")))
    comparison, blocks, winners = (_optional(load, folder, name, []) for load, name in (
        (crosstalk_csv.load_comparison, "comparison.csv"), (crosstalk_csv.load_blocks, "blocks.csv"),
        (crosstalk_csv.load_map, "map.csv")))
    if latency is not None:
        latency = latency[latency["op"] == "all"]
    groups = configurations(totals)
    groups.sort(key=lambda rows: rows["load_model"].iloc[0] != "closed")
    fields = [_field(rows, groups, comparison, blocks) for rows in groups]
    # Stable: what answers the question stands first.
    fields.sort(key=lambda field: not field.contenders)
    name_apart(fields)
    pairs = [] if environment is None else list(zip(environment["key"], environment["value"]))
    return Results(folder, runs, fields, style.styles(totals), latency, intervals, pairs, winners, missing)


def name_apart(fields):
    """Gives each configuration a name: of its label what not all of them share."""
    parts = [field.label.split(" · ") for field in fields]
    for field, own in zip(fields, parts):
        field.name = " · ".join(part for part in own if not all(part in other for other in parts)) or field.label


def _plain(runs):
    """The same with floats for what may be missing: a tenth of the time for every selection of rows."""
    masked = [name for name in runs.columns if str(runs[name].dtype) in ("Int64", "boolean")]
    return runs.astype(dict.fromkeys(masked, "float64")).copy()


def _optional(load, folder, name, missing):
    if not (folder / name).exists():
        missing.append(name)
        return None
    return load(folder)


def _field(rows, groups, comparison, blocks):
    closed = rows["load_model"].iloc[0] == "closed"
    extra = [f"{key} {rows[key].iloc[0]}" for key in ("think", "profile") if rows[key].iloc[0]]
    field = Field(rows, " · ".join([style.subtitle(rows, groups), *extra]), closed, _left_out(rows))
    own = None
    if comparison is not None and blocks is not None:
        own = _of_this_load(comparison, rows)
    order = (THROUGHPUT, RESPONSE, CPU) if closed else (RESPONSE, THROUGHPUT)
    leader = None
    for metric in order:
        judged = _recorded(own, blocks, metric, field) or _judged(field, metric, leader)
        field.judged[metric] = judged
        if leader is None and judged.tournament:
            leader = judged.tournament.leader
    return field


def _left_out(rows):
    """{strategy: why it is not compared}: it broke a law, crashed, has no sound trial, or is mostly harness."""
    out, near = {}, []
    sound = usable(rows)
    for name, trials in rows[rows["role"] != "floor"].groupby("strategy"):
        broken = trials[~trials["verified"].fillna(True).astype(bool)]
        failed = trials[trials["status"] == "failed"]
        if len(broken):
            out[name] = f"a law broke: {broken['status_reason'].iloc[0] or 'see the row'}"
        elif len(failed):
            out[name] = f"failed: {failed['status_reason'].iloc[0]}"
        elif name not in set(sound["strategy"]):
            reason = next(iter(set(trials["status_reason"]) - {""}), "")
            out[name] = f"no trial is sound ({style.reasons(trials)})" + (f": {reason}" if reason else "")
        elif (middle(trials["floor_share"]) or 0) > FLOOR_LIMIT:
            near.append(name)
    if len(near) > 1:
        out.update(dict.fromkeys(near, "as others, it is mostly the harness's own cost"))
    return out


def values_of(rows, metric):
    """The metric of each row, a float that may be NaN."""
    if metric == THROUGHPUT:
        return rows["achieved_ops_s"].astype("float64")
    if metric == CPU:
        return (rows["cpu_user_s"] + rows["cpu_system_s"]) * 1e9 / rows["count"].where(rows["count"] > 0)
    response = rows["response_p99_ns"].astype("float64")
    # In a closed loop on the direct path response is service.
    alike = (rows["load_model"] == "closed") & (rows["path"] == "direct")
    return response.where(response.notna() | ~alike, rows["service_p99_ns"].astype("float64"))


def middle(values):
    """The median of those that are known, or None."""
    known = values.dropna()
    return float(known.median()) if len(known) else None


def by_block(rows, metric):
    """{strategy: {(run_id, block): value}}; blocks without one are left out."""
    table = rows.assign(value=values_of(rows, metric)).dropna(subset=["value"])
    table = table[table["value"] > 0].groupby(["strategy", "run_id", "block"])["value"].median()
    result = {}
    for (name, run, block), value in table.items():
        result.setdefault(name, {})[run, block] = value
    return result


def _judged(field, metric, leader):
    sound = field.sound
    values = by_block(sound[~sound["strategy"].isin(field.out)], metric)
    tournament = judge(values, metric == THROUGHPUT, leader if leader in values else None)
    what = {THROUGHPUT: "mean of the trial", RESPONSE: "99 % of the trial's responses",
            CPU: "processor time of the trial over its operations"}[metric]
    return Judged(metric, values, tournament, what, recorded=False)


def _of_this_load(comparison, rows):
    """The rows of comparison.csv about this configuration; None where that is not certain."""
    first = rows.iloc[0]
    own = comparison[comparison["run_id"].isin(rows["run_id"])]
    driven = f", {first['clients']:,} clients, {first['threads']} drivers"
    fits = [load for load in own["load"].unique() if load.startswith(first["load_model"]) and driven in load]
    return own[own["load"] == fits[0]] if len(fits) == 1 and rows["run_id"].nunique() == 1 else None


def _recorded(own, blocks, metric, field):
    """What the program itself judged, or None."""
    rows = own[own["metric"] == metric] if own is not None else ()
    if not len(rows):
        return None
    first = rows.iloc[0]
    names = [first["leader"], *rows["other"]]
    table = blocks[(blocks["run_id"] == first["run_id"]) & (blocks["load"] == first["load"])
                   & (blocks["metric"] == metric)]
    values = {name: {} for name in names}
    for name, run, block, value in zip(table["strategy"], table["run_id"], table["block"], table["value"]):
        if name in values and value > 0:
            values[name][run, block] = value
    if set(names) - set(field.rows["strategy"]) or not all(values.values()):
        return None
    for name in names:
        field.out.pop(name, None)
    duels = tuple(_recorded_duel(row) for _, row in rows.iterrows())
    needed = fewest_pairs(FIELD_LEVEL / max(1, len(names) * (len(names) - 1) // 2))
    return Judged(metric, values, Tournament(first["leader"], duels, needed), first["value"], recorded=True)


def _recorded_duel(row):
    low, high, mde = (None if pd.isna(row[name]) else float(row[name]) for name in ("ratio_low", "ratio_high", "mde_pct"))
    return Duel(row["other"], row["verdict"], float(row["ratio"]), low, high, int(row["blocks"]),
                None if mde is None else log1p(mde / 100))
