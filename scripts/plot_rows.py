# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""What the plots with a row for each strategy share: rows that read from top to bottom, and estimates on them."""

import plot_style as style

import numpy as np

from crosstalk_csv import median_interval

MOST_ROWS = 60
RIGHT = 1.015  # of the panel's width: where the texts beside the rows begin


def name_rows(axes, names):
    """Names the rows, the first one on top; call it when all is drawn."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    for y in range(len(names)):
        axes.axhline(y, color="#EEEEEE", linewidth=0.7, zorder=0)
        if y % 2:
            axes.axhspan(y - 0.5, y + 0.5, color="#F7F7F7", zorder=-1, linewidth=0)


def beside(axes, y, text, **look):
    axes.text(RIGHT, y, text, transform=axes.get_yaxis_transform(), va="center", **{"fontsize": 8, **look})


def head(axes, text):
    """Names what beside() writes."""
    axes.annotate(text, (RIGHT, 1), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points", va="bottom",
                  fontsize=8, color=style.FAINT)


def draw_estimate(axes, y, values, look, size=7, lower=0.3):
    """A marker at the median, its interval from 6 values on, and the values themselves `lower` below the row's middle.

    Returns (median, interval or None).
    """
    axes.plot(values, [y + lower] * len(values), "o", color=look["color"], alpha=0.35, markersize=3, markeredgewidth=0)
    median, interval = float(np.median(values)), median_interval(values)
    if interval:
        axes.errorbar([median], [y], xerr=[[median - interval[0]], [interval[1] - median]], color=look["color"],
                      elinewidth=size / 3.5, capsize=size / 2, capthick=1.2, zorder=3)
    axes.plot([median], [y], linestyle="none", markersize=size, zorder=4, **look)
    return median, interval


def draw_unsound(axes, y, values):
    axes.plot(values, [y] * len(values), "x", color=style.INVALID, markersize=4)


def draw_floor(axes, values, text, near):
    """The null server's value as a line across the rows; where it is far from the others, as a text alone."""
    median = np.median(values)
    if not near:
        beyond = axes.annotate(f"{text}, far beyond", (1, 1), xycoords="axes fraction", xytext=(0, 2), ha="right",
                               textcoords="offset points", va="bottom", fontsize=8, color=style.FAINT)
        return beyond
    interval = median_interval(values)
    if interval:
        axes.axvspan(*interval, color=style.FLOOR, alpha=0.15, linewidth=0)
    axes.axvline(median, color=style.FLOOR, linestyle="--", linewidth=1.2)
    right = axes.transData.transform((median, 0))[0] > axes.transAxes.transform((0.5, 0))[0]
    return axes.annotate(text, (median, 1), xycoords=("data", "axes fraction"), xytext=(-4 if right else 4, 2),
                         textcoords="offset points", ha="right" if right else "left", va="bottom", fontsize=8,
                         color=style.FAINT)


def explain_interval(all_values):
    """What marker, bar and dots are, given the values of every row."""
    if any(median_interval(values) for values in all_values):
        return "Marker: median over blocks; bar and brackets: its 95 % confidence interval; faint dots: the blocks."
    return "Marker: median over blocks; faint dots: the blocks. Fewer than 6 blocks give no interval."
