# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""What the plots share: their look, their titles and notes, their command line and exit codes."""

import argparse
import io
import re
import sys
import textwrap
from pathlib import Path

# Import this module before any other that needs the packages: a python3 without them is common where another one
# stands first in PATH, and deserves one clear line.
try:
    import matplotlib
    import numpy as np
    import pandas
except ImportError as error:
    print(f"{Path(sys.argv[0]).name}: {sys.executable} lacks a package ({error}): install the Debian packages"
          " python3-numpy python3-pandas python3-matplotlib and use /usr/bin/python3", file=sys.stderr)
    raise SystemExit(2) from None

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from crosstalk_csv import CONFIGURATION, CsvError, configurations, load_environment, usable
from output_file import printable, write_whole

# Okabe and Ito (2008), told apart by the colour-blind too; without yellow, which white paper swallows.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "p", "*", "h", "<", ">", "d")
FILLS = ("full", "none", "left", "bottom")
FLOOR, INVALID, FAINT = "#777777", "#444444", "#666666"
MOST_STRATEGIES = 12
FAR = 20  # values further apart than this factor need a logarithmic axis; a floor further away would squeeze the rest
WIDTH_INCHES = 8.0

matplotlib.rcParams.update({
    "font.size": 9, "axes.labelsize": 9, "xtick.labelsize": 8.5, "ytick.labelsize": 8.5, "legend.fontsize": 8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
    "grid.color": "#DDDDDD", "grid.linewidth": 0.7, "legend.frameon": False, "lines.markersize": 5.5,
    # Text stays text, so that an SVG can be searched, and is no formula; a fixed salt makes equal plots equal files.
    "svg.fonttype": "none", "svg.hashsalt": "crosstalk", "text.parse_math": False,
})


class NothingToDraw(Exception):
    """The files are sound, but hold nothing that this plot could show."""


def main(name, doc, figures, argv=None):
    """The command line of one plot. `figures(folder)` returns a figure per configuration; returns the exit code."""
    parser = make_parser(name, doc)
    options = parser.parse_args(argv)
    outputs = outputs_of(parser, options, options.results / f"{name}.png")
    return guarded(parser.prog, lambda: draw_all(figures(options.results), outputs))


def make_parser(name, doc, results=None, source=("RESULTS_DIR", "folder that `crosstalk run --out` wrote", "in")):
    """What every plot takes; `results="?"` where the folder may be left out, `source`: its name, what it is, and
    whether pictures go "in" or "beside" it."""
    parser = argparse.ArgumentParser(
        prog=f"plot_{name}.py", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda message: parser.exit(2, f"{parser.prog}: {message}\n")
    parser.add_argument("results", metavar=source[0], type=Path, nargs=results, help=source[1])
    parser.add_argument("--output", metavar="FILE", type=Path,
                        help=f"FILE.png or FILE.svg (default: {name}.png and {name}.svg {source[2]} {source[0]})")
    parser.add_argument("--format", choices=("png", "svg", "both"),
                        help="what to write (default: what FILE ends in, else both)")
    return parser


def outputs_of(parser, options, usual):
    """The files to write the first figure to; `usual`: where it goes if nothing is said."""
    file = options.output or usual
    if file.suffix not in (".png", ".svg"):
        parser.error(f"--output: must end in .png or .svg, got '{file}'")
    wanted = options.format or (file.suffix[1:] if options.output else "both")
    if options.output and wanted not in ("both", file.suffix[1:]):
        parser.error(f"--format: {wanted} is not what --output ends in: '{file}'")
    return [file.with_suffix(f".{kind}") for kind in ("png", "svg") if wanted in ("both", kind)]


def draw_all(figures, outputs):
    """Writes each figure to each output, numbered from the second figure on, and prints the paths."""
    for number, figure in enumerate(figures, start=1):
        for output in outputs:
            path = save(figure, output if number == 1 else output.with_stem(f"{output.stem}-{number}"))
            print(printable(path), flush=True)


def guarded(program, act):
    """Runs `act` and returns the exit code; an error is one line."""
    try:
        act()
    except CsvError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2
    except NothingToDraw as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 4
    except OSError as error:
        print(f"{program}: {error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        return 7
    return 0


def save(figure, path):
    """Writes the whole picture or none; returns its path. Throws OSError."""
    picture = io.BytesIO()
    kind = path.suffix[1:]
    figure.savefig(picture, format=kind, dpi=200, metadata={"Date": None} if kind == "svg" else None)
    data = numbered_clips(picture.getvalue()) if kind == "svg" else picture.getvalue()
    return write_whole(path, data)


def numbered_clips(svg):
    """The same SVG with its clip paths numbered as they appear.

    matplotlib names them after all digits of where the axes are, and the solver behind the layout varies the last ones
    from figure to figure.
    """
    names = dict.fromkeys(re.findall(rb"url\(#(p[0-9a-f]{10})\)", svg))
    for number, name in enumerate(names, 1):
        svg = svg.replace(name, b"clip%d" % number)
    return svg


def selected(totals, folder, wanted=None, apart_from=()):
    """The configurations to draw; `wanted` chooses load models, unless no row has one of them."""
    chosen = totals[totals["load_model"].isin(wanted)] if wanted else totals
    groups = configurations(chosen if len(chosen) else totals, apart_from)
    if not groups:
        raise NothingToDraw(f"{Path(folder) / 'runs.csv'}: holds no row with op=all")
    return groups


def open_loops_first(groups):
    return sorted(groups, key=lambda rows: (rows["load_model"] == "closed").all())


def row_inches(names, few):
    """Height of a row: `few` as long as there are not many."""
    return few if len(names) <= 20 else max(0.2, 0.7 * few)


def per_block(rows, column):
    """{strategy: one value per block}: trials of one process run are not independent of each other."""
    known = rows.assign(value=rows[column].astype("float64")).dropna(subset=["value"])
    values = known.groupby(["strategy", "run_id", "block"])["value"].median()
    return {name: list(each) for name, each in values.groupby("strategy")}


def subtitle(rows, groups, apart_from=()):
    """Names the configuration of `rows`: what every reader must know, and what else tells it from other figures."""
    plain = configuration_of(rows, apart_from)
    alike = [group for group in groups if configuration_of(group, apart_from) == plain]
    extra = [f"{key} {rows.iloc[0][key] or 'none'}" for key in CONFIGURATION
             if len({value for group in alike for value in group[key]}) > 1 and rows[key].nunique() == 1]
    return " · ".join([*plain, *extra, count(len(rows[["run_id", "block"]].drop_duplicates()), "block")])


def configuration_of(rows, apart_from=()):
    first = rows.iloc[0]
    scenario = Path(first["scenario"]).name or first["scenario"]
    parts = [scenario if len(scenario) <= 48 else f"{scenario[:45]}...", f"{first['clients']:,} clients"]
    if "threads" not in apart_from:
        parts.append(count(first["threads"], "driver thread"))
    if first["path"] == "pooled":
        parts.append(f"pooled path, {count(first['workers'], 'worker')}")
    else:
        parts.append(f"{first['path']} path")
    rate = np.nan if "rate" in apart_from else rows["offered_ops_s"].dropna().median()  # of none at all numpy warns
    load = "closed loop" if first["load_model"] == "closed" else f"{first['load_model']} load"
    parts.append(load if np.isnan(rate) else f"{load}, {si(rate)} operations/s offered")
    if first["time_scale"] != 1:
        parts.append(f"time scale {first['time_scale']:g}")
    return parts


def environment(folder):
    """The facts of environment.csv as a dictionary; without the file none."""
    if not (Path(folder) / "environment.csv").exists():
        return {}
    table = load_environment(folder)
    return dict(zip(table["key"], table["value"]))


def machine(folder, rows=None):
    """One line on where the numbers come from."""
    facts = environment(folder)
    cpus = facts.get("cpus_usable", "")
    parts = [facts.get("cpu_model", ""), count(int(cpus), "CPU") if cpus.isdecimal() else ""]
    names = ("compiler", "build_type", "commit")
    parts += ([facts.get(key, "") for key in names] if rows is None else
              [", ".join(sorted(set(rows[key]) - {""})) for key in names])
    return " · ".join(part for part in parts if part and part != "unknown")


def frame(title, below, height, panels=1, columns=1, width=WIDTH_INCHES, **layout):
    """A figure with a title and its panels, row by row; by default they share the x axis."""
    figure = Figure(figsize=(width, height))
    lines = textwrap.wrap(below, int(15.6 * width), break_on_hyphens=False)
    axes = figure.subplots(panels, columns, squeeze=False, **{"sharex": True, **layout}).ravel()
    figure.text(0.1 / width, 1 - 0.08 / height, title, fontsize=11.5, fontweight="bold", va="top")
    figure.text(0.1 / width, 1 - 0.32 / height, "\n".join(lines), fontsize=8, color=FAINT, va="top", linespacing=1.3)
    figure.head_inches = 0.38 + 0.16 * len(lines)
    return figure, axes


def add_notes(figure, notes):
    """Puts notes below the panels and lays the figure out. Call it last."""
    width, height = figure.get_size_inches()
    wrap = int(17.5 * width)
    lines = [line for note in notes if note for line in textwrap.wrap(note, wrap, break_on_hyphens=False)]
    figure.text(0.1 / width, 0.06 / height, "\n".join(lines), fontsize=7.5, color=FAINT, va="bottom", linespacing=1.3)
    foot = (0.1 + 0.145 * len(lines)) / height
    figure.set_layout_engine("constrained", rect=(0.005, foot, 0.99, 1 - foot - figure.head_inches / height))


def styles(totals):
    """How each strategy is drawn, the same in every plot of a folder.

    Colour and marker show the mechanism, the marker's filling shows the server. No two of up to 48 strategies share
    marker and filling, so grey paper is enough to tell them apart.
    """
    names = sorted(set(totals.loc[totals["role"] != "floor", "strategy"]))
    servers = list(dict.fromkeys(name.partition("/")[0] for name in names))
    mechanisms = list(dict.fromkeys(name.partition("/")[2] for name in names))
    result, taken = {}, set()
    for name in names:
        server, _, mechanism = name.partition("/")
        wanted = MARKERS[mechanisms.index(mechanism) % len(MARKERS)], FILLS[servers.index(server) % len(FILLS)]
        others = ((marker, fill) for fill in FILLS for marker in MARKERS)
        marker, fill = next((look for look in (wanted, *others) if look not in taken), wanted)
        taken.add((marker, fill))
        colour = COLOURS[mechanisms.index(mechanism) % len(COLOURS)]
        # matplotlib's own fillstyle "none" lets the line show through.
        result[name] = {"color": colour, "marker": marker, "markeredgecolor": colour, "markerfacecoloralt": "white",
                        "markerfacecolor": "white" if fill == "none" else colour,
                        "fillstyle": "full" if fill == "none" else fill}
    return result


def floor_of(rows):
    """The sound rows of the null server: the harness's own cost."""
    floor = rows[rows["role"] == "floor"]
    return floor.loc[usable(floor.assign(role="")).index]


def best(scores, ascending, most=MOST_STRATEGIES):
    """At most `most` strategies by score, best first, and a note if there are more. Scores that are NaN come last."""
    ordered = pandas.Series(scores, dtype="float64").sort_values(ascending=ascending, kind="stable").index.tolist()
    note = f"The {most} best of {len(ordered)} strategies are drawn." if len(ordered) > most else ""
    return ordered[:most], note


def unusable_note(rows):
    """Names the rows that are not compared, and why."""
    rows = rows[rows["role"] != "floor"]
    bad = rows.drop(usable(rows).index)
    texts = [f"{strategy} {len(group)} of {count((rows['strategy'] == strategy).sum(), 'trial')} ({reasons(group)})"
             for strategy, group in bad.groupby("strategy")]
    if len(bad) == len(rows) and len(texts) > 1:
        return f"Not compared: every trial ({reasons(bad)})."
    more = f"; and {len(texts) - 6} strategies more" if len(texts) > 6 else ""
    return f"Not compared: {'; '.join(texts[:6])}{more}." if texts else ""


def reasons(bad):
    why = [status if status not in ("ok", "saturated") else "not checked" if unknown else "a law broke"
           for status, unknown in zip(bad["status"], bad["verified"].isna())]
    return ", ".join(f"{why.count(reason)} {reason}" for reason in dict.fromkeys(why))


def count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def si(value, form=".3g"):
    """A rate with three significant digits, kept in one line: 12.3 M; form "#.3g" keeps the zeros: 12.0 M."""
    return _scaled(value, ((1e9, "\u00a0G"), (1e6, "\u00a0M"), (1e3, "\u00a0k"), (1, "")), form)


def duration(ns, form=".3g"):
    """A time in its natural unit: 250 ns, 1.5 µs, 20 ms."""
    return _scaled(ns, ((1e9, "\u00a0s"), (1e6, "\u00a0ms"), (1e3, "\u00a0µs"), (1, "\u00a0ns")), form)


def _scaled(value, steps, form):
    # 999.6 is written 1.00 k and not 1000, hence the rounding before the choice.
    factor, unit = next((step for step in steps if abs(value) >= 0.9995 * step[0]), steps[-1])
    return f"{value / factor:{form}}".rstrip(".") + unit


def span(axes):
    """Smallest and largest positive value of the lines drawn so far, by the y axis; (1, 1) if there is none."""
    values = np.concatenate([[], *(np.asarray(line.get_ydata(), dtype=float) for line in axes.get_lines())])
    values = values[values > 0]
    return (values.min(), values.max()) if len(values) else (1.0, 1.0)


def few_ticks():
    """For small panels: ticks so few that their texts do not overlap."""
    return MaxNLocator(nbins=3)


def decades(low, high):
    """At most three round values between low and high, for the ticks of a narrow logarithmic axis."""
    powers = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    values = [value for power in powers for digit in (1, 2, 5) for value in [digit * 10.0**power] if low <= value <= high]
    tens = [value for value in values if np.isclose(np.log10(value) % 1, 0)]
    chosen = tens if len(tens) >= 2 else values
    return chosen[:: -(-len(chosen) // 3)] if chosen else [low]


def rate_axis(axes, which, low, high):
    """Makes axis "x" or "y" one of operations per second: from 0 on, or logarithmic where the values span much."""
    if high > FAR * low:
        log_axis(axes, which, low, high, si)
        axes.set(**{f"{which}label": "operations per second, logarithmic"})
        return
    axes.set(**{f"{which}lim": (0, high * 1.06), f"{which}label": "operations per second"})
    getattr(axes, f"{which}axis").set_major_formatter(FuncFormatter(lambda value, _: si(value)))


def log_axis(axes, which, low, high, text):
    """Makes axis "x" or "y" a logarithmic one with ticks written by `text`; finer ones where it spans little."""
    if not np.isfinite(getattr(axes.dataLim, f"minpos{which}")):
        # Nothing positive is drawn, which matplotlib cannot scale by itself.
        axes.set(**{f"{which}lim": (low, 10 * high)})
    axes.set(**{f"{which}scale": "log"})
    decades = np.log10(high / low)
    digits = (1,) if decades > 3 else (1, 3) if decades > 1.5 else (1, 2, 5)
    axis = getattr(axes, f"{which}axis")
    axis.set_major_locator(LogLocator(subs=digits, numticks=30))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_locator(LogLocator(subs="auto", numticks=30))
    axis.set_minor_formatter(NullFormatter())
