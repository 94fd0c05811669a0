# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""The map of winners of a report page: a table for each slice of map.csv, whose cells name who has the most throughput."""

from html import escape

import plot_style as style

from report_answer import factor

AXES = {"threads": "drivers", "write_share_pct": "write share, %", "zipf": "Zipf exponent", "members": "members of a room",
        "outside_ns": "work outside, ns"}
WHY_NONE = {"unresolved": "not told apart", "too_few_blocks": "too few blocks", "nothing_to_compare": "nothing to compare"}


def map_section(winners, looks):
    """(id, title, HTML), or None for a map without a cell."""
    if not len(winners):
        return None
    varied = sorted((axis for axis in AXES if winners[axis].nunique() > 1), key=lambda axis: -winners[axis].nunique())
    across = varied[0] if varied else "threads"
    down = varied[1] if len(varied) > 1 else next(axis for axis in AXES if axis != across)
    rest = [axis for axis in AXES if axis not in (across, down)]
    parts = []
    for _, cells in winners.groupby(rest, sort=True):
        first = cells.iloc[0]
        fixed = " · ".join(f"{AXES[axis]} {first[axis]:g}" for axis in rest)
        parts.append(f"<h3>{escape(fixed)}</h3>" + slice_table(cells, across, down, looks))
    note = ('<p class="note">Each cell is a tournament by itself. Coloured: the winner is better than every other strategy; the factor '
            "is its lead over the runner-up with the 95 % interval. Grey: no winner is resolved; the foremost is named, with the smallest "
            "difference that four of five such tournaments would find.</p>")
    body = f'{note}{"".join(parts)}'
    return ("map", "Map of winners",
            f'<section id="map" aria-labelledby="map-title">\n<h2 id="map-title">Map of winners</h2>\n{body}\n</section>')


def slice_table(cells, across, down, looks):
    columns = sorted(cells[across].unique())
    head = "".join(f'<th scope="col">{value:g}</th>' for value in columns)
    lines = []
    for value, row in cells.groupby(down, sort=True):
        found = {cell[across]: cell for _, cell in row.iterrows()}
        each = "".join(map_cell(found[column], looks) if column in found else "<td>–</td>" for column in columns)
        lines.append(f'<tr><th scope="row">{value:g}</th>{each}</tr>')
    corner = f"{AXES[down]} ↓ {AXES[across]} →"
    return (f'<div class="scroll" role="region" tabindex="0" aria-label="Map of winners"><table class="map"><thead><tr>'
            f'<th scope="col">{escape(corner)}</th>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>')


def map_cell(cell, looks):
    left_out = f' title="{escape(cell["left_out"])}"' if cell["left_out"] else ""
    if cell["verdict"] != "resolved":
        seen = f"; {cell['mde_pct']:.3g} % would have been seen" if cell["mde_pct"] == cell["mde_pct"] else ""
        why = WHY_NONE.get(cell["verdict"], cell["verdict"])
        return f'<td{left_out}>{escape(cell["leader"] or "–")}<span class="sub">{escape(why + seen)}</span></td>'
    look = looks.get(cell["leader"])
    colour = f" s{style.COLOURS.index(look['color'])}" if look else ""
    lead = f"{factor(cell['ratio'])} × {cell['runner_up']}"
    if cell["ratio_low"] == cell["ratio_low"]:
        lead += f" ({factor(cell['ratio_low'])} to {factor(cell['ratio_high'])})"
    return f'<td class="won{colour}"{left_out}>{escape(cell["leader"])}<span class="sub">{escape(lead)}</span></td>'
