# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""THE loader of a results folder: runs.csv, latency.csv, intervals.csv and all others as typed data frames.

A damaged file raises CsvError with file and line; columns that this version does not know are kept as text. csv_table.py
reads and checks the cells; here stands what the files are, and which of their rows may be compared.

    runs = load_runs("results/20250301-120000")
    good = usable(runs[runs.op == "all"])
    p99 = percentiles(merge_buckets(latency), [0.99])
"""

import math
from pathlib import Path

import numpy as np

from csv_checks import check_beside_ratio, check_dates, check_positive, check_trials, check_words
from csv_table import CsvError, load_table, read_bytes

SCHEMA_VERSION = 1
STATUSES = ("ok", "saturated", "generator", "contaminated", "too_short", "interrupted", "failed")
VERDICTS = ("better", "worse", "unresolved", "too_few_blocks")
GATE_VERDICTS = ("unchanged", "improved", "undecided", "regressed", "contaminated", "not_comparable", "broken")
MAP_VERDICTS = ("resolved", "unresolved", "too_few_blocks", "nothing_to_compare")

# Histogram buckets end here; what is larger lies in one bucket more, whose upper bound is the exact maximum.
HISTOGRAM_RANGE_NS = 2**45
# So many values in one bucket would take centuries; sums of fewer do not overflow.
MOST_IN_A_BUCKET = 2**53
# A percentile needs this many values beyond it: then its 95 % order-statistic interval has an upper bound.
SAMPLES_BEYOND = 5.6

# What the kinds of cells mean says load_table().
RUNS_COLUMNS = {
    **{"schema_version": "natural", "run_id": "text", "block": "natural", "trial": "natural"},
    **{"repetition": "natural", "role": "text", "status": "text", "status_reason": "text", "verified": "flag?"},
    **{"scenario": "text", "trace_hash": "text", "time_scale": "decimal", "seed": "word", "strategy": "text"},
    **dict.fromkeys(("path", "pool", "dispatch", "store", "queue_policy"), "text"),
    **{"clients": "natural", "threads": "natural", "workers": "natural", "oversubscribed": "flag", "pin": "text"},
    **{"load_model": "text", "op": "text", "offered_ops_s": "decimal?", "achieved_ops_s": "decimal"},
    **dict.fromkeys(("count", "errors", "rejected", "late"), "natural"),
    **dict.fromkeys(("expected", "delivered", "dropped", "discarded"), "natural?"),
    **{f"{metric}_{statistic}_ns": "natural?" for metric in ("service", "response")
       for statistic in ("p50", "p90", "p99", "p999", "max", "mean")},
    **dict.fromkeys(("queue_p99_ns", "lateness_p99_ns", "delivery_first_p99_ns", "delivery_last_p99_ns"), "natural?"),
    **{"reach": "decimal?", "duplicates": "natural?", "inversions": "natural?", "jain_clients": "decimal?"},
    **{"jain_threads": "decimal?", "gap_max_ns": "natural?", "floor_share": "decimal?", "check_cost_pct": "decimal?"},
    **{"cpu_user_s": "decimal", "cpu_system_s": "decimal", "switches_voluntary": "natural"},
    **{"switches_involuntary": "natural", "rss_max_bytes": "natural", "lock_bytes": "natural?"},
    **dict.fromkeys(("allocator", "build_type", "compiler", "commit", "think", "profile"), "text"),
    **dict.fromkeys(("delivery_median_p99_ns", "delivery_receive_p99_ns"), "natural?"),
    **{f"anatomy_{part}_ns": "decimal?" for part in ("lateness", "queue", "lock_wait", "lock_hold", "rest")},
    **{"faults_minor": "natural", "faults_major": "natural", "steal_pct": "decimal?", "foreign_cpu_pct": "decimal?"},
    **dict.fromkeys(("instructions", "cycles", "cache_misses", "branch_misses"), "natural?"),
    **{"little_error_pct": "decimal?", "loop_error_pct": "decimal?"},
    **dict.fromkeys(("steady_entered_ns", "steady_left_ns", "writer_gap_max_ns"), "natural?"),
    **dict.fromkeys(("lock_wait_max_ns", "writer_wait_max_ns", "bypass_max"), "natural?"),
    **{"anatomy_cost_pct": "decimal?", "settings": "text", "outside_ns": "natural", "check_loop_pct": "decimal?"},
    **{"repeat": "text", "repeats": "natural"},
    **{"counted_ops": "natural?", "locks_per_op": "decimal?", "shared_locks_per_op": "decimal?"},
    **dict.fromkeys(("allocations_per_op", "allocated_bytes_per_op", "submits_per_op", "wakeups_per_op"), "decimal?"),
    **{"contended_locks_pct": "decimal?"},
}
LATENCY_COLUMNS = {
    **{"schema_version": "natural", "run_id": "label", "trial": "natural", "op": "label", "metric": "label"},
    **{"bucket_low_ns": "natural", "bucket_high_ns": "natural", "count": "natural"},
}
INTERVALS_COLUMNS = {
    **{"schema_version": "natural", "run_id": "label", "trial": "natural", "op": "label", "phase": "label"},
    **{"start_ns": "natural", "length_ns": "natural", "offered": "natural?", "completed": "natural"},
    **dict.fromkeys(("response_p50_ns", "response_p99_ns", "response_max_ns", "lateness_p99_ns"), "natural?"),
}
ENVIRONMENT_COLUMNS = {"key": "text", "value": "text"}
COMPARISON_COLUMNS = {
    **{"schema_version": "natural", "run_id": "text", "load": "text", "metric": "text", "value": "text", "better": "text"},
    **{"leader": "text", "other": "text"},
    **dict.fromkeys(("leader_value", "other_value", "ratio", "ratio_low", "ratio_high", "confidence_pct"), "decimal?"),
    **{"p": "decimal?", "p_holm": "decimal?", "blocks": "natural", "looks": "natural", "sd_pair_pct": "decimal?"},
    **{"mde_pct": "decimal?", "verdict": "text"},
}
BLOCKS_COLUMNS = {
    **{"schema_version": "natural", "run_id": "text", "load": "text", "metric": "text", "better": "text"},
    **{"strategy": "text", "block": "natural", "value": "decimal"},
}
MAP_COLUMNS = {
    **{"schema_version": "natural", "run_id": "text", "threads": "natural", "write_share_pct": "decimal"},
    **{"zipf": "decimal", "members": "natural", "outside_ns": "natural", "outside_scaled_ns": "natural"},
    **dict.fromkeys(("strategies", "blocks", "blocks_needed"), "natural"),
    **{"leader": "text", "leader_ops_s": "decimal?", "runner_up": "text"},
    **dict.fromkeys(("ratio", "ratio_low", "ratio_high", "p", "p_holm"), "decimal?"),
    **{"verdict": "text", "tied": "text", "mde_pct": "decimal?", "floor_share": "decimal?", "left_out": "text"},
}
CAPACITY_COLUMNS = {
    **{"schema_version": "natural", "run_id": "text", "scenario": "text", "strategy": "text", "clients": "natural"},
    **{"threads": "natural", "workers": "natural", "path": "text", "slo": "text", "outcome": "text"},
    **{"capacity_ops_s": "decimal?", "failed_ops_s": "decimal?", "confirmed": "natural", "trials": "natural"},
    **{"response_p99_ns": "natural?", "remark": "text"},
}
HISTORY_COLUMNS = {
    **{"schema_version": "natural", "date": "text", "machine": "text", "kernel": "text"},
    **dict.fromkeys(("anchor", "anchor_commit", "anchor_hash", "head", "head_commit"), "text"),
    **{"scenario": "text", "work": "text", "metric": "text"},
    **dict.fromkeys(("loss", "loss_low", "loss_high", "loss_error"), "decimal?"),
    **{"pairs": "natural", "verdict": "text", "seed": "word"},
}
CLIENTS_COLUMNS = {
    **{"schema_version": "natural", "run_id": "label", "trial": "natural", "measure": "label", "share_pct": "natural"},
    **{"value": "decimal"},
}
# One file that stands alone: what scripts/microbench.py measures.
MICROBENCH_COLUMNS = {
    **{"schema_version": "natural", "run_id": "text", "seed": "word", "suite": "text", "benchmark": "text"},
    **{"family": "text", "role": "text", "contender": "text", "block": "natural", "status": "text"},
    **dict.fromkeys(("threads", "reads", "inside", "outside", "scaled", "keys", "zipf"), "natural?"),
    **dict.fromkeys(("items_per_second", "real_time_ns", "cpu_time_ns", "step_ns", "foreign_cpu_pct"), "decimal?"),
    **dict.fromkeys(("compiler", "build_type", "commit", "cpu_model", "cpus_usable", "kernel"), "text"),
}

# Rows that differ in one of these answer different questions, and are never put into one comparison.
CONFIGURATION = ("scenario", "settings", "trace_hash", "time_scale", "path", "pool", "dispatch", "store", "queue_policy",
                 "clients", "threads", "workers", "pin", "load_model", "outside_ns", "repeat", "allocator", "build_type", "compiler",
                 "commit")
# Appended since the first version: folders of an older program may lack them. Not so what tells configurations apart.
LATER_RUNS_COLUMNS = tuple(name for name in list(RUNS_COLUMNS)[list(RUNS_COLUMNS).index("commit") + 1:]
                           if name not in (*CONFIGURATION, "think", "profile"))
# Offered rates are measured, so the same --rate gives values that differ by less than this share.
SAME_RATE = 0.02


def load_runs(folder):
    """A row per trial and operation kind, and one with op "all" per trial: its totals."""
    path = Path(folder) / "runs.csv"
    runs = _load(path, RUNS_COLUMNS, later=LATER_RUNS_COLUMNS)
    check_words(path, runs["status"], STATUSES)
    again = runs.duplicated(["run_id", "trial", "op"])
    if again.any():
        row = int(again.to_numpy().argmax())
        run_id, trial, op = runs.loc[row, ["run_id", "trial", "op"]]
        raise CsvError(path, row + 2, f"op {op} of trial {trial} of run {run_id} stands here for the second time")
    check_trials(path, runs)
    return runs


def load_latency(folder):
    """A row per bucket of every histogram of every trial."""
    path = Path(folder) / "latency.csv"
    latency = _load(path, LATENCY_COLUMNS)
    reversed_bounds = (latency["bucket_high_ns"] < latency["bucket_low_ns"]).to_numpy()
    if reversed_bounds.any():
        raise CsvError(path, int(reversed_bounds.argmax()) + 2, "bucket_high_ns: below bucket_low_ns")
    unknown = ~_is_bucket(latency["bucket_low_ns"].to_numpy(), latency["bucket_high_ns"].to_numpy())
    if unknown.any():
        low, high = latency.loc[int(unknown.argmax()), ["bucket_low_ns", "bucket_high_ns"]]
        raise CsvError(path, int(unknown.argmax()) + 2, "bucket_low_ns, bucket_high_ns: no bucket of this version's"
                       f" histogram, got {low} to {high}")
    many = (latency["count"] > MOST_IN_A_BUCKET).to_numpy()
    if many.any():
        raise CsvError(path, int(many.argmax()) + 2, f"count: must be at most {MOST_IN_A_BUCKET}, got"
                       f" {latency['count'][int(many.argmax())]}")
    return latency


def load_intervals(folder):
    """A row per slice of time of every trial."""
    return _load(Path(folder) / "intervals.csv", INTERVALS_COLUMNS)


def load_growing_intervals(path):
    """What `crosstalk run --live FILE` has written so far: a last line that is cut off is left for the next time.

    None where there is no whole line yet.
    """
    data = read_bytes(path)
    whole = data[:data.rfind(b"\n") + 1]
    return _load(Path(path), INTERVALS_COLUMNS, whole) if whole else None


def load_environment(folder):
    """The facts about machine and build, one a row: key, value."""
    return _load(Path(folder) / "environment.csv", ENVIRONMENT_COLUMNS)


def load_comparison(folder):
    """A row per strategy that `crosstalk compare` compared with the leader of its field, and metric."""
    path = Path(folder) / "comparison.csv"
    comparison = _load(path, COMPARISON_COLUMNS)
    check_words(path, comparison["verdict"], VERDICTS)
    check_positive(path, comparison, ("ratio", "ratio_low", "ratio_high"))
    check_beside_ratio(path, comparison, ("p_holm",))
    return comparison


def load_blocks(folder):
    """A row per value that a verdict of comparison.csv rests on."""
    path = Path(folder) / "blocks.csv"
    blocks = _load(path, BLOCKS_COLUMNS)
    check_words(path, blocks["better"], ("larger", "smaller"))
    check_positive(path, blocks, ("value",))
    field = ["run_id", "load", "metric"]
    mixed = (blocks.groupby(field)["better"].transform("first") != blocks["better"]).to_numpy(dtype=bool)
    if mixed.any():
        raise CsvError(path, int(mixed.argmax()) + 2, "better: differs within its load and metric")
    again = blocks.duplicated([*field, "strategy", "block"]).to_numpy()
    if again.any():
        raise CsvError(path, int(again.argmax()) + 2, "a block of a strategy stands here for the second time")
    return blocks


def load_map(folder):
    """A row per cell of a map of winners."""
    path = Path(folder) / "map.csv"
    cells = _load(path, MAP_COLUMNS)
    check_words(path, cells["verdict"], MAP_VERDICTS)
    check_positive(path, cells, ("ratio", "ratio_low", "ratio_high"))
    check_beside_ratio(path, cells, ("p", "p_holm"))
    alone = ((cells["verdict"] == "resolved") & cells["ratio"].isna()).to_numpy()
    if alone.any():
        raise CsvError(path, int(alone.argmax()) + 2, "ratio: a resolved cell must have one")
    return cells


def load_capacity(folder):
    """A row per strategy and number of drivers whose capacity was searched."""
    return _load(Path(folder) / "capacity.csv", CAPACITY_COLUMNS)


def load_history(path):
    """A row per scenario and metric of each gate against a frozen build. `path`: the file, or the folder of history.csv."""
    path = Path(path) / "history.csv" if Path(path).is_dir() else Path(path)
    history = _load(path, HISTORY_COLUMNS)
    check_words(path, history["verdict"], GATE_VERDICTS)
    check_dates(path, history)
    for wrong, reason in ((history["loss_error"] < 0, "loss_error: must not be below 0"),
                          (history["loss_error"].notna() & history["loss"].isna(),
                           "loss: must stand where there is a loss_error")):
        if wrong.any():
            raise CsvError(path, int(wrong.to_numpy().argmax()) + 2, reason)
    return history


def load_clients(folder):
    """The service of each trial's clients as a curve: `value` of the client at `share_pct` of them, in ascending order.

    `measure` says what the value is: completed_share (completed / offered, open loop) or mean_response_ns.
    """
    path = Path(folder) / "clients.csv"
    clients = _load(path, CLIENTS_COLUMNS)
    check_words(path, clients["measure"].astype(str), ("completed_share", "mean_response_ns"))
    beyond = (clients["share_pct"] > 100).to_numpy()
    if beyond.any():
        raise CsvError(path, int(beyond.argmax()) + 2, "share_pct: must be from 0 to 100, got"
                       f" {clients['share_pct'][int(beyond.argmax())]}")
    return clients


def load_microbench(path):
    """A row per process of the micro-benchmarks."""
    return _load(Path(path), MICROBENCH_COLUMNS)


def usable(runs):
    """The rows that may be compared: measured soundly, every law held, and not the harness's own cost."""
    sound = runs["status"].isin(("ok", "saturated")) & runs["verified"].fillna(False).astype(bool)
    return runs[sound & (runs["role"] != "floor")]


def configurations(runs, apart_from=()):
    """Splits rows into the groups within which strategies may be compared, as a list of data frames.

    Rates are told apart by the offered load, everything else by the columns in CONFIGURATION. Traces of different
    hashes stay together where every one of them was run with the same strategies, as when each block has its own
    seed: then each strategy met the same work. `apart_from` names what may differ within a group: columns of
    CONFIGURATION, or "rate".
    """
    keys = [key for key in CONFIGURATION if key != "trace_hash" and key not in apart_from]
    groups = []
    for _, group in runs.groupby(keys, sort=True):
        if "rate" in apart_from:
            groups.append(group)  # each rate has traces of its own
            continue
        met = group.groupby("trace_hash")["strategy"].agg(lambda names: frozenset(names))
        traces = [group] if met.nunique() <= 1 else [same for _, same in group.groupby("trace_hash")]
        groups += [rated for trace in traces for _, rated in split_by_rate(trace)]
    return groups


def merge_buckets(latency):
    """One histogram from the rows of any number of them: counts of equal buckets are added."""
    buckets = latency.groupby("bucket_low_ns", sort=True).agg(
        bucket_high_ns=("bucket_high_ns", "max"), count=("count", "sum"))
    return buckets.reset_index()


def percentiles(buckets, shares, longest_ns=None):
    """The values below which the given shares of all values lie, from ascending buckets; NaN where there are too few.

    The rule is that of reports/histogram.h: the midpoint of the bucket that holds the value, not above the exact
    maximum `longest_ns` where that is known.
    """
    shares = np.asarray(shares, dtype=float)
    low, high = buckets["bucket_low_ns"].to_numpy(), buckets["bucket_high_ns"].to_numpy()
    reached = np.cumsum(buckets["count"].to_numpy())
    total = int(reached[-1]) if len(reached) else 0
    if total == 0:
        return np.full(shares.shape, np.nan)
    values = low + (high - low) // 2
    if longest_ns is not None:
        values = np.minimum(values, longest_ns)
    values = np.where(low >= HISTOGRAM_RANGE_NS, high, values)
    rank = np.clip(np.ceil(shares * total), 1, total)
    chosen = values[np.searchsorted(reached, rank)].astype(float)
    # A hair below, so that 1 - 0.9 and the like do not ask for one sample more than they should.
    return np.where(total * (1 - shares) < SAMPLES_BEYOND - 1e-9, np.nan, chosen)


def median_interval(values, confidence=0.95):
    """Exact interval of the median from order statistics (Thompson 1936), as (low, high).

    The number of values below the median is binomial with p = 1/2. None where no interval reaches the confidence:
    with fewer than 6 values for 95 %.
    """
    ordered = sorted(values)
    size = len(ordered)
    allowed = (1 - confidence) / 2 * 2**size
    below, rank = 0, 0
    while rank < size and below + math.comb(size, rank) <= allowed:
        below += math.comb(size, rank)
        rank += 1
    return (ordered[rank - 1], ordered[size - rank]) if rank > 0 else None


def split_by_rate(group):
    """[(rate, rows), ...] in ascending order; the rate is NaN where none was offered or it is not known."""
    offered = group["offered_ops_s"]
    # A trial that crashed or was interrupted was offered less than planned, so it founds no group of its own.
    whole = offered[~group["status"].isin(("failed", "interrupted"))].dropna()
    rates = (whole if len(whole) else offered.dropna()).sort_values()
    if rates.empty:
        return [(math.nan, group)]
    middles = rates.groupby((rates / rates.shift() > 1 + SAME_RATE).cumsum()).median().to_numpy()
    nearest = abs(offered.to_numpy()[:, None] - middles).argmin(axis=1)
    # Where a trial has no rate at all, it belongs to the only one there is, or nobody knows to which.
    number = np.where(offered.notna() | (len(middles) == 1), nearest, -1)
    return [(middles[index] if index >= 0 else math.nan, rated) for index, rated in group.groupby(number)]


def _load(path, kinds, data=None, later=()):
    frame = load_table(path, kinds, data, later)
    if "schema_version" in kinds:
        wrong = (frame["schema_version"] != SCHEMA_VERSION).to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            found = frame["schema_version"][row]
            raise CsvError(path, row + 2, f"schema_version: must be {SCHEMA_VERSION}, got {found}")
    return frame


def _is_bucket(low, high):
    """Whether a histogram has such buckets: 64 an octave, exact below 128, and a last one that may end anywhere."""
    # The exponent is exact: a double holds every bound below the range.
    octave = np.frexp(np.minimum(low, HISTOGRAM_RANGE_NS).astype(float))[1] - 1
    width = np.left_shift(1, np.maximum(octave - 6, 0).astype(np.int64))
    last = (low == HISTOGRAM_RANGE_NS) & (high >= low)
    return last | ((low < HISTOGRAM_RANGE_NS) & (low % width == 0) & (high - low == width - 1))
