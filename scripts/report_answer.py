# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""The answer of a report page in sentences: which strategy survives, by how much, and what could not be told.

Returned is HTML in which every name is escaped.
"""

from html import escape
from math import expm1

from plot_style import count, duration, si

from report_data import CPU, RESPONSE, THROUGHPUT, middle

MOST_SENTENCES = 3  # of as many configurations; more are summed up
MOST_NAMES = 8
MOST_REASONS = 3


def strong(text):
    return f"<strong>{escape(text)}</strong>"


def factor(value):
    """1.234, 0.98, 12.3: enough digits to tell neighbours apart."""
    return f"{value:.3f}" if 0.8 < value < 1.25 else f"{value:.3g}"


def per_cent(log_ratio):
    value = 100 * expm1(log_ratio)
    return f"{value:.1f} %" if value < 9.95 else f"{value:.0f} %"


def figure(metric, value):
    if value is None:
        return "not measured"
    return f"{si(value, '#.3g')}/s" if metric == THROUGHPUT else duration(value, "#.3g")


def names(strategies):
    shown = [strong(name) for name in strategies[:MOST_NAMES]]
    if len(strategies) > MOST_NAMES:
        shown.append(f"{len(strategies) - MOST_NAMES} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def interval_text(low, high):
    if low is None:
        return "fewer than 6 blocks give no interval"
    return f"95 % interval {factor(low)} to {factor(high)}"


def sentences(results):
    """What stands on the first screen, most important first."""
    if results.winners is not None and len(results.winners):
        return [map_sentence(results.winners)]
    told = [sentence(field) for field in results.fields]
    return told if len(told) <= MOST_SENTENCES else [summary(results.fields)]


def sentence(field):
    """One configuration."""
    judged = field.leading
    if not judged.values:
        told = survivors(field)
        return (f"{told}No trial has enough operations for a response time at 99 %." if told
                else f"{strong('Nothing can be compared')}: {reasons(field)}.")
    if judged.tournament is None:
        only = next(iter(judged.values))
        value, interval = judged.typical(only)
        text = f"{survivors(field)}{strong(only)} alone could be measured soundly: {measured(judged.metric, value)}"
        if interval:
            text += f" (95 % interval {figure(judged.metric, interval[0])} to {figure(judged.metric, interval[1])})"
        return f"{text}, so there is nothing to compare it with{but(field)}."
    return survivors(field) + verdict(field, judged) + but(field) + "."


def measured(metric, value):
    if metric == THROUGHPUT:
        return f"{figure(metric, value)[:-2]} operations per second"
    return f"{figure(metric, value)} {'response time at 99 %' if metric == RESPONSE else 'processor time per operation'}"


def survivors(field):
    """Of an open loop first of all: who keeps up."""
    contenders, behind = kept_up(field)
    if field.closed or not contenders:
        return ""
    rate = si(middle(field.rows["offered_ops_s"]) or 0)
    if not behind:
        return f"All {len(contenders)} strategies keep up with {rate} operations per second. " if len(contenders) > 1 else ""
    if len(behind) == len(contenders):
        return f"{strong('No strategy survives')} {rate} operations per second: all {len(behind)} are saturated. "
    left = len(contenders) - len(behind)
    return (f"{left} of {len(contenders)} strategies {'survives' if left == 1 else 'survive'} {rate} operations per second; "
            f"saturated: {names(behind)}. ")


def kept_up(field):
    """(strategies that take part, those of them that are saturated in most of their trials)."""
    contenders = field.contenders
    return contenders, [name for name in contenders
                        if (field.sound.loc[field.sound["strategy"] == name, "status"] == "saturated").mean() > 0.5]


def verdict(field, judged):
    tournament = judged.tournament
    first, runner_up = tournament.leader, tournament.duels[0]
    value = measured(judged.metric, judged.typical(first)[0])
    over = (f"{factor(runner_up.ratio)} × ({interval_text(runner_up.low, runner_up.high)}) that of the runner-up "
            f"{strong(runner_up.other)}")
    blocks = f"over {count(min(duel.blocks for duel in tournament.duels), 'block')}"
    tied = [duel for duel in tournament.duels if duel.outcome in ("unresolved", "too_few_blocks")]
    if not tied:
        return f"{strong(first)} {'survives best' if field.closed else 'responds fastest'}: {value}, {over}, {blocks}"
    if any(duel.outcome == "too_few_blocks" for duel in tied):
        return (f"{strong('Too few blocks to tell')}: foremost is {strong(first)} with {value}, {over}; "
                f"{len(tournament.duels) + 1} strategies take at least "
                f"{tournament.blocks_needed} blocks to be told apart, and there {verb(min(duel.blocks for duel in tied))}")
    seen = [duel.detectable for duel in tied if duel.detectable is not None]
    equals = among([first, *(duel.other for duel in tied)], len(tournament.duels) + 1)
    text = (f"{strong('No difference resolved')} {equals}: the foremost, {strong(first)}, has {value}, {over}, {blocks}")
    if seen:
        text += f"; a difference of {per_cent(max(seen))} would have been found in four of five such runs"
    behind = [duel for duel in tournament.duels if duel.outcome == "better"]
    if behind:
        each = ", ".join(f"{strong(duel.other)} {factor(1 / duel.ratio)} ×" for duel in behind[:MOST_NAMES])
        text += f". Told apart from it: {each}" + (" and others" if len(behind) > MOST_NAMES else "")
    return text


def among(tied, of):
    """Few are named, many are counted."""
    if len(tied) <= 3:
        return f"between {names(tied)}"
    return f"among all {of} strategies" if len(tied) == of else f"among the best {len(tied)} of {of} strategies"


def verb(blocks):
    return "is 1" if blocks == 1 else f"are {blocks}"


def but(field):
    """Who takes no part."""
    out = list(field.out)
    return f". Not compared: {names(out)}" if out else ""


def reasons(field):
    by_reason = {}
    for name, why in field.out.items():
        by_reason.setdefault(why, []).append(name)
    # A broken law is worst, then a crash.
    worst = sorted(by_reason, key=lambda why: (not why.startswith("a law broke"), not why.startswith("failed")))
    return "; ".join(f"{names(by_reason[why])}: {escape(why)}" for why in worst[:MOST_REASONS]) or "no sound trial"


def summary(fields):
    """Many configurations in one sentence."""
    resolved, foremost, alone = {}, {}, 0
    for field in fields:
        tournament = field.leading.tournament
        if tournament is None:
            alone += 1
            continue
        won = all(duel.outcome == "better" for duel in tournament.duels)
        (resolved if won else foremost).setdefault(tournament.leader, []).append(field)
    text = f"{count(len(fields), 'configuration')} measured. "
    if resolved:
        text += f"A winner is resolved in {sum(map(len, resolved.values()))}: {leads(resolved)}. "
    if foremost:
        left = sum(map(len, foremost.values()))
        detectable = [duel.detectable for field in fields if field.leading.tournament
                      for duel in field.leading.tournament.duels if duel.outcome == "unresolved" and duel.detectable is not None]
        needed = max(field.leading.tournament.blocks_needed for field in fields if field.leading.tournament)
        text += f"{strong('No winner is resolved')} in {left}, where foremost are {leads(foremost)}"
        text += (f"; a difference of {per_cent(max(detectable))} would have been found in four of five such runs. "
                 if detectable else f"; to tell so many strategies apart takes at least {needed} blocks. ")
    return (text + (f"In {alone} nothing could be compared. " if alone else "") + sustained(fields)).strip()


def sustained(fields):
    """Where the offered rate is all that varies: the largest one that each strategy keeps up with."""
    fields = [field for field in fields if not field.closed]
    if len(fields) < 2 or len({tuple(field.rows.iloc[0][["clients", "threads", "workers", "scenario"]]) for field in fields}) > 1:
        return ""
    kept = {}
    for field in fields:
        contenders, behind = kept_up(field)
        for name in contenders:
            rate = 0 if name in behind else middle(field.rows["offered_ops_s"]) or 0
            kept[name] = max(kept.get(name, 0), rate)
    good = sorted((name for name in kept if kept[name]), key=lambda name: -kept[name])
    told = [f"{strong(name)} {si(kept[name])}/s" for name in good[:MOST_NAMES]]
    none = [name for name in kept if not kept[name]]
    text = f"The largest offered rate that was kept up with: {', '.join(told)}. " if told else ""
    return text + (f"{strong('No offered rate')} was kept up with by {names(none)}." if none else "")


def leads(by_leader):
    ordered = sorted(by_leader.items(), key=lambda item: -len(item[1]))
    return ", ".join(f"{strong(name)} in {len(own)} ({widest(own)})" for name, own in ordered[:MOST_NAMES])


def widest(fields):
    leads = [field.leading.tournament.duels[0] for field in fields]
    lead = max(leads, key=lambda duel: abs(duel.ratio - 1))
    return f"at most {factor(lead.ratio)} × the runner-up, {interval_text(lead.low, lead.high)}"


def map_sentence(winners):
    resolved = winners[winners["verdict"] == "resolved"]
    text = f"{strong(f'{len(resolved)} of {len(winners)} cells')} of the map have a winner"
    if len(resolved):
        wins = resolved["leader"].value_counts()
        text += ": " + ", ".join(f"{strong(name)} in {number}" for name, number in wins.items())
        best = resolved.loc[resolved["ratio"].idxmax()]
        text += (f"; the largest lead is {factor(best['ratio'])} × ({interval_text(best['ratio_low'], best['ratio_high'])}) "
                 f"of {strong(best['leader'])} over {strong(best['runner_up'])}")
    rest = winners[winners["verdict"] != "resolved"]
    if len(rest):
        seen = rest["mde_pct"].dropna()
        text += f". In {len(rest)} no difference is resolved"
        text += (f"; there a difference of {seen.median():.3g} % (median over the cells) would have been found in four of five such runs"
                 if len(seen) else ", since they have too few blocks")
    return text + "."


def metric_name(metric):
    return {THROUGHPUT: "throughput", RESPONSE: "response 99 %", CPU: "CPU per operation"}[metric]
