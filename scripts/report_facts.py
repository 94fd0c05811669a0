# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""What a report page says about the run itself: when, where, how to repeat it, and what to beware of."""

import re
from html import escape

import plot_style as style

from report_data import middle

FLOOR_WARNING = 1 / 3
STEAL_WARNING_PCT = 1.0
INTERVAL_BLOCKS = 6


def measured_when(results):
    """From the run ids, which begin with the time."""
    times = sorted(found.expand(r"\1-\2-\3 \4:\5") for run in results.totals["run_id"].unique()
                   if (found := re.match(r"(\d{4})(\d\d)(\d\d)[T-](\d\d)(\d\d)", run)))
    if not times:
        return ""
    return f"measured {times[0]}" + (f" to {times[-1]}" if times[-1] != times[0] else "")


def commands(results):
    """The commands that repeat the run, with the seed where it was chosen for the user."""
    found = results.facts("command")
    seeds = results.totals["seed"].unique()
    if not found:
        return '<p class="note">The folder does not say with which command it was measured (environment.csv).</p>'
    blocks = []
    for command in found:
        if "--seed" not in command and len(seeds) == 1:
            command += f" --seed {seeds[0]}"
        blocks.append(f'<div class="command"><pre><code>{escape(command)}</code></pre></div>')
    note = ("A new folder for --out keeps these results. The seed makes the same operations; times differ from run to run."
            if len(seeds) == 1 else f"{len(seeds)} seeds were used; see the rows in runs.csv.")
    return "\n".join(blocks) + f'<p class="note">{escape(note)}</p>'


def environment(results):
    pairs = [(key, value) for key, value in results.environment if key != "command"]
    if not pairs:
        return ""
    return "<dl>\n" + "\n".join(f"<dt>{escape(key)}</dt><dd>{escape(value) or '–'}</dd>" for key, value in pairs) + "\n</dl>"


def warnings(results):
    """What may make the numbers mean less than they seem to."""
    return [*_of_files(results), *_of_build(results), *_of_machine(results), *_of_trials(results)]


def _of_files(results):
    what = {"latency.csv": "there are no percentile curves", "intervals.csv": "there is no plot over time",
            "environment.csv": "machine and command are unknown"}
    return [f"{name} is not in the folder: {what[name]}." for name in results.missing]


def _of_build(results):
    totals = results.totals
    for column, word in (("build_type", "build types"), ("compiler", "compilers"), ("commit", "versions of the program")):
        different = sorted(set(totals[column]))
        if len(different) > 1:
            yield f"Different {word} were measured: {', '.join(different)}. They are never compared with each other."
    slow = sorted(set(totals["build_type"]) - {"Release", "RelWithDebInfo"})
    if slow:
        yield f"Build type {', '.join(slow)}: not a build to measure with."


def _of_machine(results):
    if "yes" in results.facts("virtual_machine"):
        yield "A virtual machine: the hypervisor may take processor time, and other guests share the caches."
    governors = set(results.facts("governor")) - {"performance", "unknown"}
    if governors:
        yield f"Frequency governor {', '.join(sorted(governors))}: the clock of the processors may change while they measure."
    if any("on" in value.split() for value in results.facts("turbo")):
        yield "Turbo is on: the clock depends on temperature and on how many processors work."
    stolen = results.totals["steal_pct"].max()
    if stolen > STEAL_WARNING_PCT:
        yield f"The hypervisor took up to {stolen:.2g} % of the processor time of a trial."


def _of_trials(results):
    totals = results.totals
    if (totals["oversubscribed"] == 1).any():
        trials = totals.loc[totals["oversubscribed"] == 1]
        yield f"{style.count(len(trials), 'trial')} had more threads than processors, so that preemption is part of what was measured."
    own = totals[totals["role"] != "floor"]
    near = [name for name, share in own.groupby("strategy")["floor_share"] if (middle(share) or 0) > FLOOR_WARNING]
    if near:
        yield f"More than a third of the service time is the harness's own: {', '.join(near[:8])}."
    few = [field for field in results.fields if field.blocks() < INTERVAL_BLOCKS]
    if few:
        yield (f"Fewer than {INTERVAL_BLOCKS} blocks in {style.count(len(few), 'configuration')}: no interval can be given, and "
               "nothing be told apart. Nothing contended can be concluded from a few trials; raise --repetitions.")
    for column, text in (("duplicates", "messages that arrived twice"), ("inversions", "messages that overtook others of their sender"),
                         ("dropped", "messages dropped by full inboxes")):
        names = sorted(set(own.loc[own[column] > 0, "strategy"]))
        if names:
            yield f"There were {text}: {', '.join(names[:8])}."
    unchecked = int(own["verified"].isna().sum())
    if unchecked:
        yield f"{style.count(unchecked, 'trial')} not checked for correctness, and therefore not compared."
