#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws the map of winners that `crosstalk compare --map` measured, from RESULTS_DIR/map.csv.

A panel for each combination of members of a room and work outside; in it drivers go across, write share and Zipf
exponent down. The colour and letter of a cell are those of the strategy with the most throughput, the number is its
lead over the runner-up (1.30x: 30 % more) and below it the 95 % confidence interval; the paler, the smaller the lead.
Hatched: not resolved, the leader cannot be told from every other one; it then shows who is ahead. Empty: nothing could
be compared. A dot in the corner: more than a third of the leader's service time is the harness's own cost.
"""

import string
import sys

import plot_style as style

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch, Rectangle

from crosstalk_csv import load_map

CELL_INCHES = 0.78
ROW_INCHES = 0.42
MOST_INCHES = 16.0
FLOOR_SHARE = 1 / 3
HATCH = "////"
GROUND = "#FFFFFF"
UNRESOLVED = "#F4F4F4"


def figures(folder):
    cells = load_map(folder)
    if cells.empty:
        raise style.NothingToDraw(f"{folder}/map.csv: holds no cell")
    return [draw(folder, rows) for _, rows in cells.groupby("run_id", sort=True)]


def draw(folder, cells):
    letters = letters_of(cells)
    colours = {name: style.COLOURS[index % len(style.COLOURS)] for index, name in enumerate(letters)}
    panels = [(key, rows) for key, rows in cells.groupby(["members", "outside_ns"])]
    drivers = sorted(set(cells["threads"]))
    lines = sorted(set(zip(cells["write_share_pct"], cells["zipf"])))
    one = CELL_INCHES * len(drivers) + 1.3
    across = max(1, min(cells["outside_ns"].nunique(), int((MOST_INCHES if len(drivers) > 8 else 9) / one)))
    down = -(-len(panels) // across)
    width = min(MOST_INCHES, max(style.WIDTH_INCHES, one * across))
    legend_rows = -(-(len(letters) + 1) // per_line(width))
    height = 1.6 + 0.2 * legend_rows + down * (ROW_INCHES * len(lines) + 0.75)
    resolved = cells["verdict"] == "resolved"
    figure, axes = style.frame("Who wins where", subtitle(cells, resolved), height, panels=down, columns=across,
                               width=width, sharex=False, sharey=False)
    for panel, (key, rows) in zip(axes, panels):
        draw_panel(panel, key, rows, drivers, lines, letters, colours)
    for panel in axes[len(panels):]:
        panel.set_axis_off()
    draw_legend(figure, cells[resolved], letters, colours, width, height, legend_rows)
    style.add_notes(figure, [left_out(cells), style.machine(folder)])
    return figure


def letters_of(cells):
    """{strategy: its letters}, of those that lead anywhere; the one that wins most cells is A."""
    leading = cells[cells["leader"] != ""]
    won = leading[leading["verdict"] == "resolved"]["leader"].value_counts()
    names = sorted(set(leading["leader"]), key=lambda name: (-won.get(name, 0), name))
    alphabet = string.ascii_uppercase
    return {name: alphabet[index] if index < 26 else alphabet[index // 26 - 1] + alphabet[index % 26]
            for index, name in enumerate(names)}


def subtitle(cells, resolved):
    blocks = cells["blocks"]
    span = f"{blocks.min()}" if blocks.min() == blocks.max() else f"{blocks.min()} to {blocks.max()}"
    return (f"throughput, closed loop · {style.count(len(cells), 'cell')}, a winner in {resolved.sum()} of them · up to"
            f" {style.count(int(cells['strategies'].max()), 'strategy').replace('strategys', 'strategies')} ·"
            f" {span} blocks a cell")


def draw_panel(axes, key, rows, drivers, lines, letters, colours):
    axes.set_xlim(0, len(drivers))
    axes.set_ylim(len(lines), 0)
    for _, cell in rows.iterrows():
        x = drivers.index(cell["threads"])
        y = lines.index((cell["write_share_pct"], cell["zipf"]))
        draw_cell(axes, x, y, cell, letters, colours)
    axes.set_xticks(np.arange(len(drivers)) + 0.5, [f"{number:,}" for number in drivers])
    axes.set_yticks(np.arange(len(lines)) + 0.5, [f"{writes:g} %, {zipf:g}" for writes, zipf in lines])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("driver threads")
    axes.set_ylabel("writes, Zipf exponent")
    members, outside = key
    work = "no work outside" if outside == 0 else f"{style.duration(outside)} of work outside"
    axes.set_title(f"{members:,} members · {work}", fontsize=8.5, loc="left")


def draw_cell(axes, x, y, cell, letters, colours):
    leader, resolved = cell["leader"], cell["verdict"] == "resolved"
    if leader == "":
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor=GROUND, edgecolor="#CCCCCC", linewidth=0.7))
        axes.text(x + 0.5, y + 0.5, "–", ha="center", va="center", fontsize=8, color=style.FAINT)
        return
    ratio = cell["ratio"]
    face = shade(colours[leader], ratio) if resolved else UNRESOLVED
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=face, edgecolor="white", linewidth=1.2))
    if not resolved:
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor="none", edgecolor="#BBBBBB", hatch=HATCH, linewidth=0))
    dark = np.dot(to_rgb(face), (0.299, 0.587, 0.114)) < 0.5
    look = {"ha": "center", "va": "center", "color": "white" if dark else "black"}
    if not resolved:
        # Hatching behind a text makes it hard to read.
        look["bbox"] = {"facecolor": UNRESOLVED, "edgecolor": "none", "pad": 0.8}
    has_interval = np.isfinite(cell["ratio_low"]) and np.isfinite(cell["ratio_high"])
    text = f"{letters[leader]} {times(ratio)}" if np.isfinite(ratio) else letters[leader]
    axes.text(x + 0.5, y + (0.32 if has_interval else 0.5), text, fontsize=8,
              fontweight="bold" if resolved else "normal", **look)
    if has_interval:
        axes.text(x + 0.5, y + 0.72, f"{number(cell['ratio_low'])}–{number(cell['ratio_high'])}", fontsize=6.5, **look)
    if cell["floor_share"] > FLOOR_SHARE:
        axes.plot([x + 0.93], [y + 0.14], ".", color=look["color"], markersize=4)


def shade(colour, ratio):
    """The colour, full from twice the runner-up's throughput on, a third of it where the lead is small."""
    strength = 0.35 + 0.65 * min(1, np.log2(max(1, ratio)))
    return tuple(strength * part + (1 - strength) for part in to_rgb(colour))


def times(ratio):
    return f"{number(ratio)}×"


def number(ratio):
    return f"{ratio:.0f}" if ratio >= 99.5 else f"{ratio:.1f}" if ratio >= 9.95 else f"{ratio:.2f}"


def per_line(width):
    return max(1, int(width / 2.6))


def draw_legend(figure, won, letters, colours, width, height, rows):
    counts = won["leader"].value_counts()
    entries = [Patch(facecolor=colours[name], label=f"{letter}  {name} ({counts.get(name, 0)})")
               for name, letter in letters.items()]
    entries.append(Patch(facecolor=UNRESOLVED, edgecolor="#BBBBBB", hatch=HATCH, label="not resolved"))
    figure.legend(handles=entries, loc="upper left", ncols=per_line(width), borderaxespad=0, columnspacing=1.2,
                  bbox_to_anchor=(0.1 / width, 1 - figure.head_inches / height), fontsize=8, handlelength=1.2)
    figure.head_inches += 0.2 * rows + 0.1


def left_out(cells):
    empty = (cells["leader"] == "").sum()
    texts = []
    if empty:
        texts.append(f"{style.count(empty, 'cell')}: nothing to compare.")
    few = (cells["verdict"] == "too_few_blocks").sum()
    if few:
        needed = cells.loc[cells["verdict"] == "too_few_blocks", "blocks_needed"].max()
        texts.append(f"{style.count(few, 'cell')}: too few blocks to tell any apart ({needed} are needed).")
    cut = (cells["left_out"] != "").sum()
    if cut:
        texts.append(f"{style.count(cut, 'cell')}: strategies left out (left_out in map.csv).")
    near = (cells["floor_share"] > FLOOR_SHARE).sum()
    if near:
        texts.append(f"Dot: more than a third of the leader's time is the harness's own ({style.count(near, 'cell')}).")
    return " ".join(["Number: lead over the runner-up, below it its 95 % confidence interval; in brackets: cells won.", *texts])


if __name__ == "__main__":
    sys.exit(style.main("winners", __doc__, figures))
