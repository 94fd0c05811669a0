# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""The results of scripts/microbench.py as text, or as the tables of pool/BENCHMARKS.md."""

import numpy as np

from microbench_results import show


def report(measured, markdown):
    """All that is said about one suite, as text."""
    parts = [_markdown_cells(measured) if markdown else _plain_cells(measured), _means(measured, markdown)]
    if measured.suite.targets:
        rows = [(judged.verdict, judged.text, judged.found) for judged in measured.judge()]
        parts.append(_table(("verdict", "target", "found: ratio [95 % interval]"), rows, markdown))
    title = f"{'## ' if markdown else ''}Suite {measured.suite.name}"
    return "\n\n".join([title, *(part for part in parts if part)]) + "\n"


def _plain_cells(measured):
    parts = []
    for cell in measured.cells:
        best = measured.best_peer(cell)
        rows = []
        ranked = [name for role in ("own", "peer", "ceiling") for name in measured.contenders(role)
                  if measured.values(cell, name) or measured.lost(cell, name)]
        for name in sorted(ranked, key=lambda name: -(measured.median(cell, name) or 0)):
            ratio = show(measured.ratio(cell, name, best)) if measured.roles[name] != "peer" else ""
            rows.append((name, measured.roles[name], _figure(measured, cell, name), _lost(measured, cell, name), ratio))
        head = (cell.label(), "role", f"{_unit(cell)} [95 %]", "no result", f"to {best or 'a peer'}")
        parts.append(_table(head, rows, markdown=False))
    return "\n\n".join(parts)


def _markdown_cells(measured):
    own = measured.judged()
    if own is None or not measured.suite.targets:
        names = [name for role in ("own", "peer", "ceiling") for name in measured.contenders(role)]
        cells = measured.cells
        rows = [(f"`{name}`", *(_short(measured, cell, name) for cell in cells)) for name in names]
        return _table(("", *(f"{cell.label()}, {_unit(cell)}" for cell in cells)), rows, markdown=True)
    forms = [own] if measured.suite.judged else measured.contenders("own")
    ceilings = measured.contenders("ceiling")
    rows = []
    for cell in measured.cells:
        best = measured.best_peer(cell)
        rows.append((cell.label(), *(_figure(measured, cell, form) for form in forms),
                     f"{best or '-'}: {_figure(measured, cell, best) if best else '-'}",
                     *(_short(measured, cell, name) for name in ceilings),
                     *(show(measured.ratio(cell, form, best)) for form in forms)))
    head = ("cell, M/s (alone: ns)", *(f"`{form}`" for form in forms), "best peer", *ceilings,
            *(f"`{form}` to best peer" if len(forms) > 1 else "ratio" for form in forms))
    return _table(head, rows, markdown=True)


def _means(measured, markdown):
    """Geometric means over the contended cells: everyone's, and the ratio of each own one to each other."""
    owns = [measured.suite.judged] if measured.suite.judged else measured.contenders("own")
    means = {name: measured.geometric_mean(name) for name in measured.roles}
    rows = []
    for name in sorted(means, key=lambda name: -(means[name] or 0)):
        if measured.contended() and any(measured.values(cell, name) for cell in measured.contended()):
            rows.append((name, measured.roles[name], _number(means[name] / 1e6) if means[name] else "not in all cells",
                         *(show(measured.mean_over(own, name)) if name != own else "" for own in owns)))
    head = ("geometric mean", "role", "M/s", *(f"{own} / it" for own in owns))
    return _table(head, rows, markdown) if rows else ""


def _unit(cell):
    return "ns" if cell.family == "guard_alone" else "M/s"


def _scaled(cell, value):
    return 1e9 / value if cell.family == "guard_alone" else value / 1e6


def _number(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _short(measured, cell, name):
    median = measured.median(cell, name)
    if median is not None:
        return _number(_scaled(cell, median))
    return "no result" if measured.lost(cell, name) else "-"


def _figure(measured, cell, name):
    interval = measured.interval(cell, name)
    text = _short(measured, cell, name)
    if interval is None or measured.median(cell, name) is None:
        return text
    low, high = sorted(_scaled(cell, value) for value in interval)
    return f"{text} [{_number(low)}, {_number(high)}]"


def _lost(measured, cell, name):
    lost = measured.lost(cell, name)
    return f"{lost} of {lost + len(measured.values(cell, name))}" if lost else ""


def conditions(rows):
    """Where and from what the figures come, and what was wrong with the moment."""
    lines = []
    for column in ("cpu_model", "cpus_usable", "kernel", "compiler", "build_type", "commit"):
        lines.append(f"{column} {' | '.join(sorted(set(rows[column]) - {''})) or 'unknown'}")
    foreign = rows["foreign_cpu_pct"].dropna()
    text = [", ".join(lines)]
    if len(foreign) and np.median(foreign) > 5:
        text.append(f"warning: others used {np.median(foreign):.0f} % of the processors (median); measure again in quiet")
    steps = rows.loc[rows["status"] == "ok", "step_ns"].dropna()
    if len(steps) and steps.max() > 1.1 * steps.min():
        text.append(f"warning: a step of work took {steps.min():.3f} to {steps.max():.3f} ns; the work was not the same "
                    "in all processes")
    lost = int((rows["status"] != "ok").sum())
    if lost:
        names = sorted({f"{row.contender} ({row.status})" for row in rows[rows["status"] != "ok"].itertuples()})
        text.append(f"{lost} of {len(rows)} processes came to no result: {', '.join(names)}")
    return "\n".join(text) + "\n"


def _table(head, rows, markdown):
    if markdown:
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
    widths = [max(len(str(line[column])) for line in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(str(cell).ljust(width) for cell, width in zip(line, widths)).rstrip() for line in (head, *rows)]
    return "\n".join(lines)
