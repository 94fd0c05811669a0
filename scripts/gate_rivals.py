# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""How often the gate and other tools catch a slow-down, against the minutes they measure: a chart, and tables in Markdown.

The trials are what `crosstalk_gate_trials TRIALS [PAIRS.csv]...` wrote. All tools judge stretches of the same blocks. The
chart is drawn at equal false-alarm rates: the limit of every other tool is set anew so that 1 % of the trials without a
slow-down are red, which the gate promises as it is. The tables hold the false alarms of the tools as they are, and the
power at equal rates.
"""

import plot_style as style

from clopper_pearson import clopper_pearson
from csv_table import load_table

KINDS = {"noise": "text", "tool": "text", "effect": "decimal", "pairs": "natural", "minutes": "decimal",
         "trials": "natural", "red": "natural", "red_fair": "natural"}
OWN = "crosstalk gate"
PANEL_INCHES = 2.1


def show(file, outputs):
    trials = load_table(file, KINDS)
    if trials.empty:
        raise style.NothingToDraw(f"{file}: holds no trial")
    print(false_alarm_table(trials))
    print()
    print(power_table(trials), flush=True)
    style.draw_all([draw(trials)], outputs)


def false_alarm_table(trials):
    """Per noise and tool: the share of trials without an effect that are red as the tool stands, at its worst size."""
    lines = ["False alarms of the tools as they are, in per cent (95 % interval), at the number of pairs where most are red:",
             "", "| noise | tool | pairs | trials | red | per cent |", "|---|---|---|---|---|---|"]
    clean = trials[trials["effect"] == 0]
    for (noise, tool), rows in clean.groupby(["noise", "tool"], sort=False):
        worst = rows.loc[(rows["red"] / rows["trials"]).idxmax()]
        low, high = clopper_pearson(worst["red"], worst["trials"])
        lines.append(f"| {noise} | {tool} | {worst['pairs']} | {worst['trials']:,} | {worst['red']} |"
                     f" {100 * worst['red'] / worst['trials']:.1f} ({100 * low:.1f} to {100 * high:.1f}) |")
    return "\n".join(lines)


def power_table(trials):
    """Per noise, tool and effect: the power at each number of pairs, at equal false-alarm rates."""
    sizes = sorted(set(trials["pairs"]))
    lines = ["Caught, in per cent of the trials, where 1 % are red without a slow-down:", "",
             "| noise | slower by | tool | " + " | ".join(f"{size} pairs" for size in sizes) + " |",
             "|---" * (3 + len(sizes)) + "|"]
    for (noise, effect), rows in trials[trials["effect"] > 0].groupby(["noise", "effect"], sort=False):
        for tool, own in rows.groupby("tool", sort=False):
            power = dict(zip(own["pairs"], 100 * own["red_fair"] / own["trials"]))
            cells = " | ".join(f"{power[size]:.0f}" if size in power else "" for size in sizes)
            lines.append(f"| {noise} | {100 * effect:g} % | {tool} | {cells} |")
    return "\n".join(lines)


def draw(trials):
    noises = list(dict.fromkeys(trials["noise"]))
    effects = sorted(effect for effect in set(trials["effect"]) if effect > 0)
    tools = list(dict.fromkeys(trials["tool"]))
    if not effects:
        raise style.NothingToDraw("no trial has an effect above 0")
    below = (f"share of {style.count(int(trials['trials'].max()), 'trial')} that are red, at limits at which 1 % are red without a"
             " slow-down; minutes of measuring, on average")
    legend_inches = 0.25 + 0.19 * -(-len(tools) // 2)
    height = 0.9 + PANEL_INCHES * len(noises) + legend_inches
    figure, axes = style.frame("What catches a slow-down, and how soon", below, height, panels=len(noises),
                               columns=len(effects), width=max(style.WIDTH_INCHES, 2.6 * len(effects)), sharey=True)
    for place, panel in enumerate(axes):
        noise, effect = noises[place // len(effects)], effects[place % len(effects)]
        rows = trials[(trials["noise"] == noise) & (trials["effect"] == effect)]
        draw_panel(panel, rows, tools)
        panel.set_title(f"{noise}: {100 * effect:g} % slower", loc="left", fontsize=9)
        if place % len(effects) == 0:
            panel.set_ylabel("caught, %")
        if place // len(effects) == len(noises) - 1:
            panel.set_xlabel("minutes, logarithmic")
    draw_legend(figure, axes[0], trials, tools, height, legend_inches)
    style.add_notes(figure, [])
    figure.get_layout_engine().set(rect=(0.005, legend_inches / height, 0.99,
                                         1 - legend_inches / height - figure.head_inches / height))
    return figure


def draw_panel(panel, rows, tools):
    for number, tool in enumerate(tools):
        own = rows[rows["tool"] == tool].sort_values("pairs")
        ours = tool.startswith(OWN)
        panel.plot(own["minutes"], 100 * own["red_fair"] / own["trials"], label=tool,
                   color=style.COLOURS[number % len(style.COLOURS)], marker=style.MARKERS[number % len(style.MARKERS)],
                   linewidth=2 if ours else 1, markersize=5 if ours else 3.5, zorder=3 if ours else 2)
    panel.set(xscale="log", ylim=(-4, 104))
    ticks = style.decades(*panel.get_xlim())
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.xaxis.set_minor_formatter(style.NullFormatter())


def draw_legend(figure, panel, trials, tools, height, inches):
    """Each tool with the false alarms it has as it is, over all noises and sizes."""
    clean = trials[trials["effect"] == 0]
    handles = panel.get_lines()
    texts = []
    for tool in tools:
        own = clean[clean["tool"] == tool]
        shares = 100 * own["red"] / own["trials"]
        texts.append(f"{tool} (as it is {shares.min():.0f} to {shares.max():.0f} % false alarms)" if len(own) else tool)
    figure.legend(handles, texts, loc="lower left", ncols=2, fontsize=7.5,
                  bbox_to_anchor=(0.005, 0.05 / height), borderaxespad=0)
