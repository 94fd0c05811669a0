# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""The tables of the gate's validation, in Markdown."""

import plot_style as style

import numpy as np
import pandas as pd

from clopper_pearson import clopper_pearson
from csv_table import load_table

METRICS = ("throughput", "cpu_per_op", "response_p50", "response_p99", "delivery_last_p99")
SCENARIOS = ("solo_team", "solo_stream", "solo_map", "crowd_team", "crowd_counter", "pooled_mixed")
PAIR_KINDS = {"scenario": "text", "use": "text", "first": "text", "disturbed": "flag", "base_seconds": "decimal",
              "head_seconds": "decimal",
              **{f"{side}_{metric}": "decimal?" for side in ("base", "head") for metric in METRICS}}
RUN_KINDS = {"kind": "text", "exit_code": "natural", "verdict": "text", "seconds": "decimal", "pairs": "natural",
             "pairs_repeated": "natural", "control_differs": "flag", "regressed": "text"}
REPLAY_KINDS = {"plan": "text", "slowed": "text", "effect": "decimal", "trial": "natural", "exit_code": "natural",
                "seconds": "decimal", "caught_seconds": "decimal?", "first_look": "flag", "pairs": "natural",
                "wrongly_red": "natural", "wrongly_unchanged": "natural", "intervals": "natural", "covered": "natural"}
REGRESSED, CONTAMINATED, UNDECIDED = 1, 4, 5


def spread(files):
    """By scenario and metric: standard deviation of a pair's log-ratio, in brackets the robust one; and what would be
    wrong with the pairs if it were not about 0."""
    pairs = pd.concat([load_table(file, PAIR_KINDS) for file in _pair_files(files)])
    sound = pairs[~pairs["disturbed"] & pairs["use"].isin(["search", "control"])]
    lines = ["Standard deviation of a pair's log-ratio, in per cent, in brackets the robust one (1.4826 times the median"
             f" distance from the median); {len(sound):,} pairs, {int(pairs['disturbed'].sum()):,} more were disturbed.", "",
             "| scenario | pairs | " + " | ".join(METRICS) + " | seconds of a pair |", "|---" * (3 + len(METRICS)) + "|"]
    for scenario, rows in _by_scenario(sound):
        cells = [_deviations(log_ratios(rows, metric)) for metric in METRICS]
        seconds = (rows["base_seconds"] + rows["head_seconds"]).mean()
        lines.append(f"| {scenario} | {len(rows)} | " + " | ".join(cells) + f" | {seconds:.2f} |")
    lines += ["", "Throughput: what the second block of a pair has more than the first, in per cent, with its standard error, and"
              " the correlation of a pair with the next one of its scenario.", "",
              "| scenario | second over first | next pair |", "|---|---|---|"]
    for scenario, rows in _by_scenario(sound):
        ratios = log_ratios(rows, "throughput")
        turned = np.where(rows["first"] == "base", ratios, -ratios)
        error = turned.std(ddof=1) / np.sqrt(len(turned))
        lines.append(f"| {scenario} | {100 * turned.mean():+.2f} ({100 * error:.2f}) | {_next(turned):+.2f} |")
    return "\n".join(lines)


def runs(files):
    """What recorded gates said, by kind."""
    rows = pd.concat([load_table(file, RUN_KINDS) for file in files])
    lines = ["| kind | gates | regressed, % (95 %) | undecided | contaminated | seconds, mean and longest | pairs, mean |"
             " repeated |", "|---" * 8 + "|"]
    for kind, own in rows.groupby("kind", sort=False):
        codes = own["exit_code"]
        lines.append(f"| {kind} | {len(own)} | {share(int((codes == REGRESSED).sum()), len(own))} |"
                     f" {(codes == UNDECIDED).sum()} | {(codes == CONTAMINATED).sum()} |"
                     f" {own['seconds'].mean():.0f}, {own['seconds'].max():.0f} | {own['pairs'].mean():.0f} |"
                     f" {own['pairs_repeated'].sum()} |")
    found = [f"{kind}: {text}" for kind, text in zip(rows["kind"], rows["regressed"]) if text]
    return "\n".join(lines + [""] + [f"- {each}" for each in found]).rstrip()


def replay(files):
    """Of replayed gates, by plan, what was slowed down, and by how much."""
    rows = pd.concat([load_table(file, REPLAY_KINDS) for file in files])
    lines = ["| plan | slowed | by | gates | regressed, % (95 %) | at the first look, % | seconds to it: mean, 95 % of them |"
             " whole gate | undecided, contaminated, % | wrongly red, % (95 %) | wrongly unchanged, % (95 %) |"
             " intervals that hold the truth, % |", "|---" * 12 + "|"]
    for (plan, slowed, effect), own in rows.groupby(["plan", "slowed", "effect"], sort=False):
        count = len(own)
        caught = own["caught_seconds"].dropna()
        codes = own["exit_code"]
        lines.append(
            f"| {plan} | {slowed if effect else ''} | {100 * effect:g} % | {count:,} |"
            f" {share(int((codes == REGRESSED).sum()), count)} |"
            f" {100 * own['first_look'].mean():.1f} | {_seconds(caught)} | {_seconds(own['seconds'])} |"
            f" {100 * (codes == UNDECIDED).mean():.1f}, {100 * (codes == CONTAMINATED).mean():.1f} |"
            f" {share(int((own['wrongly_red'] > 0).sum()), count)} |"
            f" {share(int((own['wrongly_unchanged'] > 0).sum()), count)} |"
            f" {100 * own['covered'].sum() / max(1, own['intervals'].sum()):.1f} |")
    return "\n".join(lines)


TABLES = {"spread": spread, "runs": runs, "replay": replay}


def share(count, total):
    low, high = clopper_pearson(count, total)
    return f"{100 * count / total:.2f} ({100 * low:.2f} to {100 * high:.2f})"


def log_ratios(rows, metric):
    """Of head to base; a pair that lacks the metric is NaN."""
    return np.log(rows[f"head_{metric}"].to_numpy(float) / rows[f"base_{metric}"].to_numpy(float))


def _pair_files(files):
    """Those given, and of a folder those of its gates."""
    for file in files:
        found = sorted(file.glob("run-*/pairs.csv")) if file.is_dir() else [file]
        if not found:
            raise style.NothingToDraw(f"{file}: holds no pairs of recorded gates")
        yield from found


def _by_scenario(pairs):
    """Those of one driver first, as they are listed."""
    groups = dict(list(pairs.groupby("scenario", sort=False)))
    return sorted(groups.items(), key=lambda group: (SCENARIOS.index(group[0]) if group[0] in SCENARIOS else len(SCENARIOS),
                                                     group[0]))


def _deviations(ratios):
    known = ratios[~np.isnan(ratios)]
    if len(known) < 2:
        return ""
    robust = 1.4826 * np.median(np.abs(known - np.median(known)))
    return f"{100 * known.std(ddof=1):.1f} ({100 * robust:.1f})"


def _next(series):
    return float(np.corrcoef(series[:-1], series[1:])[0, 1]) if len(series) > 3 else float("nan")


def _seconds(values):
    return f"{values.mean():.0f}, {np.percentile(values, 95):.0f}" if len(values) else ""
