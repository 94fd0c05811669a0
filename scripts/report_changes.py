# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""The report page of two results folders: what changed between them, and what two folders cannot know.

They were measured at different times, so blocks are no pairs. A change is resolved where the rank-sum test of the blocks
finds it at 0.5 % over all changes of the page together; what caused it (the program, the machine's other load, the memory
layout) no such comparison can tell. Different traces are different work, and get no ratio.
"""

from dataclasses import dataclass
from html import escape
from math import exp, log
from statistics import median
from typing import Optional

import plot_style as style

from crosstalk_csv import CONFIGURATION, SAME_RATE
from report_answer import factor, figure, metric_name, per_cent, strong
from report_charts import METRICS, MOST_FIELDS, axis, chart, curve, percentile_grid, rounded, short, view
from report_data import CPU, by_block, middle
from report_facts import commands, measured_when
from report_page import assemble, chart_section, look_of, section
from report_statistics import FIELD_LEVEL, POWER, NormalDist, shift
from report_tables import MISSING, Cell, table

# What may have been changed on purpose between the folders; all else has to be the same.
CHANGED = ("trace_hash", "allocator", "build_type", "compiler", "commit")
MACHINE = ("cpu_model", "cpus_usable", "architecture")
# Facts that differ from run to run and mean nothing by themselves.
FLEETING = ("command", "load_average", "steal_ticks", "steal_pct")
MOST_NAMES = 6
OUTCOMES = {"changed": "change resolved", "unresolved": "no change resolved", "too_few": "too few blocks"}


class NothingInCommon(Exception):
    """The folders are sound, but no configuration of the one can be compared with one of the other."""


@dataclass
class Change:
    strategy: str
    metric: str
    before: tuple  # values of the blocks
    after: tuple
    ratio: Optional[float] = None  # after / before
    low: Optional[float] = None  # 95 % interval
    high: Optional[float] = None
    outcome: str = ""  # changed, unresolved, too_few
    detectable: Optional[float] = None  # log-ratio


@dataclass
class Pair:
    """A configuration that both folders have."""
    before: object
    after: object
    same_work: bool
    changes: list

    @property
    def label(self):
        return self.after.label


def changes_page(before, after, d3):
    pairs, alone = matched(before.fields, after.fields)
    if not pairs:
        raise NothingInCommon(f"{before.folder} and {after.folder}: no configuration (scenario, clients, threads, load, rate, path, ...)"
                              " is in both")
    if not any(pair.changes for pair in pairs):
        raise NothingInCommon(f"{before.folder} and {after.folder}: {why_none(pairs)}")
    judge_all([change for pair in pairs for change in pair.changes])
    machines = other_machine(before, after)
    looks = {name: look_of(look) for name, look in {**before.looks, **after.looks}.items()}
    drawn = [made for made in (ratios_chart(pairs), curves_chart(before, after, pairs)) if made["views"]]
    sections = [answer_section(before, after, pairs, machines), changes_section(pairs, machines), *map(chart_section, drawn),
                limits_section(pairs, alone), facts_section(before, after),
                section("repeat", "Repeat both runs", f"<h3>Before</h3>{commands(before)}<h3>After</h3>{commands(after)}")]
    names = [results.folder.resolve().name for results in (before, after)]
    return assemble(f"crosstalk: {names[0]} and {names[1]}", f"{names[0]} → {names[1]}", sections, looks, drawn, d3,
                    f"Made by scripts/report.py from {escape(names[0])} and {escape(names[1])}.")


def matched(before, after):
    """(pairs, labels of the configurations that only one of the folders has)."""
    pairs, left = [], list(after)
    alone = []
    for field in before:
        other = next((one for one in left if same_configuration(field, one)), None)
        if other is None:
            alone.append(f"only before: {field.label}")
            continue
        left.remove(other)
        work = set(field.rows["trace_hash"]) == set(other.rows["trace_hash"])
        pairs.append(Pair(field, other, work, list(changes_of(field, other)) if work else []))
    return pairs, alone + [f"only after: {field.label}" for field in left]


def same_configuration(a, b):
    first, other = a.rows.iloc[0], b.rows.iloc[0]
    keys = [key for key in CONFIGURATION if key not in CHANGED]
    if any(first[key] != other[key] for key in [*keys, "think", "profile"]):
        return False
    if a.closed:
        return True
    rates = [middle(field.rows["offered_ops_s"]) or 0 for field in (a, b)]
    return min(rates) > 0 and max(rates) / min(rates) <= 1 + SAME_RATE


def changes_of(before, after):
    for metric in before.judged:
        sources = [field.judged[metric] for field in (before, after)]
        if sources[0].what == sources[1].what:
            values = [judged.values for judged in sources]
        else:  # one folder has the values that were judged, the other only its rows
            values = [by_block(field.sound[~field.sound["strategy"].isin(field.out)], metric) for field in (before, after)]
        for name in after.ranking:
            if values[0].get(name) and values[1].get(name):
                yield Change(name, metric, tuple(values[0][name].values()), tuple(values[1][name].values()))


def judge_all(changes):
    """All changes of the page share the error."""
    level = FIELD_LEVEL / max(1, len(changes))
    normal = NormalDist()
    for change in changes:
        logs = [[log(value) for value in values] for values in (change.before, change.after)]
        centre, low, high = shift(*logs)
        change.ratio = exp(centre)
        if low is not None:
            change.low, change.high = exp(low), exp(high)
        _, low, high = shift(*logs, confidence=1 - level)
        if low is None:
            change.outcome = "too_few"
            continue
        change.outcome = "changed" if low > 0 or high < 0 else "unresolved"
        change.detectable = (high - low) / 2 * (1 + normal.inv_cdf(POWER) / normal.inv_cdf(1 - level / 2))


def why_none(pairs):
    if all(not pair.same_work for pair in pairs):
        return "every common configuration has other traces, so the work was not the same; measure both with the same --seed"
    return "no strategy has sound trials in both"


def other_machine(before, after):
    """Sentences on how the machines differ."""
    texts = []
    for key in MACHINE:
        known = [set(results.facts(key)) for results in (before, after)]
        if known[0] != known[1]:
            texts.append(f"{key}: {', '.join(sorted(known[0])) or 'unknown'} before, {', '.join(sorted(known[1])) or 'unknown'} after")
    return texts


def answer_section(before, after, pairs, machines):
    words = []
    if machines:
        words.append(f'<p class="answer">{strong("Measured on different machines")}: the ratios below compare machines, and say nothing '
                     f'about the program.</p><p class="alert">{escape("; ".join(machines))}</p>')
    words += [f'<p class="answer{" more" if place or machines else ""}"><span class="at">{escape(pair.label)}</span>{told(pair)}</p>'
              for place, pair in enumerate(pair for pair in pairs[:MOST_FIELDS])]
    versions = [set(results.totals["commit"]) | set(results.totals["compiler"]) for results in (before, after)]
    if versions[0] == versions[1] and "unknown" not in versions[0]:
        words.append(f'<p class="alert">Both folders hold the same version of the program ({escape(", ".join(sorted(versions[0])))}): '
                     "what changed is not the program.</p>")
    words.append('<p class="alert">The two folders were measured at different times and are not paired: whatever else changed between '
                 "them (other load, temperature, memory layout, kernel, compiler) is in these ratios too. A change that is resolved is "
                 "larger than the spread within the folders; what caused it cannot be known from here. <code>crosstalk gate</code> "
                 "measures two programs in pairs.</p>")
    facts = [f"before: {measured_when(before)}", f"after: {measured_when(after)}"]
    return "answer", "Answer", ('<section id="answer" aria-labelledby="answer-title">\n<h1 id="answer-title">What changed?</h1>\n'
                                + "\n".join(words) + f'\n<p class="facts">{escape(" · ".join(facts))}</p>\n</section>')


def told(pair):
    """One configuration in a sentence, by its leading metric."""
    if not pair.same_work:
        return f"{strong('Not comparable')}: other traces, so the work was not the same. Measure both with the same --seed."
    metric = next(iter(pair.after.judged))
    changes = [change for change in pair.changes if change.metric == metric]
    word = METRICS[metric]
    if not changes:
        return f"{strong('Not comparable')}: no strategy has sound trials in both."
    changed = [change for change in changes if change.outcome == "changed"]
    rest = [change for change in changes if change.outcome == "unresolved"]
    few = [change for change in changes if change.outcome == "too_few"]
    parts = []
    if changed:
        each = ", ".join(f"{strong(change.strategy)} {spoken(change)}" for change in changed[:MOST_NAMES])
        more = f" and {len(changed) - MOST_NAMES} more" if len(changed) > MOST_NAMES else ""
        noun = "strategy" if len(changes) == 1 else "strategies"
        parts.append(f"The {word} of {len(changed)} of {len(changes)} {noun} changed: {each}{more}")
    if rest:
        seen = per_cent(max(change.detectable for change in rest))
        parts.append(f"{strong('No change resolved')} in the {word} of {len(rest)}; one of {seen} would have been found in four of five "
                     "such comparisons")
    if few:
        parts.append(f"{strong('Too few blocks to tell')} of {len(few)}: {strong(few[0].strategy)} {spoken(few[0])}"
                     + (" and others" if len(few) > 1 else ""))
    return ". ".join(parts) + "."


def spoken(change):
    ends = f" (95 % interval {factor(change.low)} to {factor(change.high)})" if change.low is not None else ""
    return f"{factor(change.ratio)} ×{ends}"


def changes_section(pairs, machines):
    heads = [("strategy", "", False, False), ("measure", "", False, True), ("before", "median over blocks", True, False),
             ("after", "median over blocks", True, False), ("after / before", "Hodges and Lehmann, not paired", True, False),
             ("95 % interval", "of the ratio by itself", True, False), ("blocks", "before and after", True, False),
             ("verdict", "rank-sum test, 0.5 % over all changes of the page", False, True)]
    parts = []
    for pair in pairs:
        parts.append(f"<h3>{escape(pair.label)}</h3>")
        if not pair.same_work:
            hashes = [", ".join(sorted(set(field.rows["trace_hash"]))[:3]) for field in (pair.before, pair.after)]
            parts.append(f'<p class="alert">Other traces ({escape(hashes[0])} before, {escape(hashes[1])} after): the work was not the '
                         "same, so no ratio is given.</p>")
            continue
        parts.append(table(heads, [change_row(change, machines) for change in pair.changes], f"Changes: {pair.label}",
                           "sort choose" if len(pair.changes) > 12 else "sort"))
    return section("changes", "Changes", '<p class="note">A ratio above 1 means more: more operations per second, but also a longer time. '
                   "Only rows that are ok or saturated, and verified, take part.</p>" + "\n".join(parts))


def change_row(change, machines):
    words = {"changed": "more" if change.ratio > 1 else "less", "unresolved": "no change resolved", "too_few": "too few blocks"}
    better = (change.ratio > 1) == (change.metric == "throughput")
    kind = "" if change.outcome != "changed" or machines else "good" if better else "bad"
    seen = f"{per_cent(change.detectable)} would have been seen" if change.outcome == "unresolved" else ""
    verdict = "other machine" if machines else words[change.outcome]
    medians = [median(values) for values in (change.before, change.after)]
    interval = f"{factor(change.low)} to {factor(change.high)}" if change.low is not None else None
    return "", [change.strategy, metric_name(change.metric),
                *(Cell(figure(change.metric, value), f"{value:.6g}") for value in medians),
                Cell(f"{factor(change.ratio)} ×", f"{change.ratio:.6g}"),
                Cell(interval, f"{change.low:.6g}") if interval else Cell(MISSING, ""),
                Cell(f"{len(change.before)}, {len(change.after)}", len(change.before)),
                Cell(verdict, number=False, kind=kind, below="" if machines else seen)]


def ratios_chart(pairs):
    views = []
    for pair in pairs[:MOST_FIELDS]:
        for metric in pair.after.judged:
            rows = [{"name": change.strategy, "value": short(change.ratio), "low": short(change.low), "high": short(change.high),
                     "note": OUTCOMES[change.outcome],
                     "open": change.outcome != "changed"} for change in pair.changes if change.metric == metric]
            if rows:
                views.append(view(pair.after, METRICS[metric], [{
                    "x": axis(f"{METRICS[metric]}: after / before", "ratio", "log"), "rows": rows,
                    "rule": {"value": 1, "label": "no change"}}]))
    return chart("ratios", "rows", "After against before", "Ratio (Hodges and Lehmann, not paired) with its 95 % interval. Hollow: no "
                 "change is resolved at 0.5 % over all changes of the page.", views)


def curves_chart(before, after, pairs):
    views = []
    if before.latency is not None and after.latency is not None:
        histograms = [dict(iter(results.latency.groupby(["run_id", "trial", "metric"], observed=True))) for results in (before, after)]
        grid = percentile_grid(150)
        for pair in (pair for pair in pairs[:MOST_FIELDS] if pair.same_work):
            metric = "service" if pair.after.closed and pair.after.rows["path"].iloc[0] == "direct" else "response"
            series = []
            for name in pair.after.contenders:
                lines = [curve(field.sound[field.sound["strategy"] == name], found, grid, metric)
                         for field, found in zip((pair.before, pair.after), histograms)]
                if all(map(len, lines)):
                    series.append({"name": name, "role": "", "points": rounded(lines[1]), "thin": rounded(lines[0][:, :2])})
            if series:
                views.append(view(pair.after, f"{metric} time", [{
                    "x": axis("percentile of operations", "percentile", "percentile"), "y": axis("time", "ns", "log"),
                    "series": series}]))
    return chart("latency", "lines", "Latency by percentile", "Solid: after; dashed: before. Medians over blocks; bars: 95 % confidence "
                 "intervals of the later folder, from 6 blocks on.", views)


def limits_section(pairs, alone):
    items = [*alone, *(f"other traces: {pair.label}" for pair in pairs if not pair.same_work)]
    for pair in pairs:
        names = [set(field.rows.loc[field.rows["role"] != "floor", "strategy"]) for field in (pair.before, pair.after)]
        compared = {change.strategy for change in pair.changes}
        for name in sorted(names[0] | names[1]):
            if pair.same_work and name not in compared:
                where = "only before" if name not in names[1] else "only after" if name not in names[0] else "without sound trials in both"
                items.append(f"{name}, {where}: {pair.label}")
    if not items:
        return section("limits", "What could not be compared", '<p class="note">Everything that was measured is in both folders.</p>')
    listed = "\n".join(f"<li>{escape(item)}</li>" for item in items)
    return section("limits", "What could not be compared", f'<ul class="warnings">\n{listed}\n</ul>')


def facts_section(before, after):
    keys = list(dict.fromkeys(key for results in (before, after) for key, _ in results.environment if key not in FLEETING))
    rows = []
    for key in keys:
        values = [", ".join(results.facts(key)) or MISSING for results in (before, after)]
        same = values[0] == values[1]
        verdict = Cell("same" if same else "differs", number=False, kind="" if same else "bad")
        rows.append(("" if same else "first", [key, *values, verdict]))
    rows.sort(key=lambda row: row[0] == "")
    if not rows:
        return section("environment", "Environment", '<p class="note">Neither folder says on which machine it was measured.</p>')
    heads = [("fact", "", False, False), ("before", "", False, False), ("after", "", False, False), ("", "", False, False)]
    return section("environment", "Environment", table(heads, rows, "Environment", "sort"))
