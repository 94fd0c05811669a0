# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""THE loader of a results folder: runs.csv, latency.csv, intervals.csv, environment.csv as typed data frames.

A damaged file raises CsvError with file and line; columns that this version does not know are kept as text. Cells are
converted here and not by pandas, which would take an empty number for NaN, " 12" for 12 and a short row for a full
one.

    runs = load_runs("results/20250301-120000")
    good = usable(runs[runs.op == "all"])
    p99 = percentiles(merge_buckets(latency), [0.99])
"""

import csv
import io
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd

SCHEMA_VERSION = 1
STATUSES = ("ok", "saturated", "generator", "contaminated", "too_short", "interrupted", "failed")

# Histogram buckets end here; what is larger lies in one bucket more, whose upper bound is the exact maximum.
HISTOGRAM_RANGE_NS = 2**45
# A percentile needs this many values beyond it: then its 95 % order-statistic interval has an upper bound.
SAMPLES_BEYOND = 5.6

# Kinds of cells. A "?" allows an empty one, which means "not measured" and never zero. A label is a text of which a
# column holds few different ones; a word is an unsigned number that needs all of its 64 bits.
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
    **{"anatomy_cost_pct": "decimal?", "settings": "text", "outside_ns": "natural"},
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
    **dict.fromkeys(("run_id", "load", "metric", "value", "better", "leader", "other", "verdict"), "text"),
    **dict.fromkeys(("leader_value", "other_value", "ratio", "ratio_low", "ratio_high", "confidence_pct"), "decimal?"),
    **dict.fromkeys(("p", "p_holm", "sd_pair_pct", "mde_pct"), "decimal?"),
    **dict.fromkeys(("schema_version", "blocks", "looks"), "natural")}
BLOCKS_COLUMNS = {**dict.fromkeys(("run_id", "load", "metric", "better", "strategy"), "text"),
                  "schema_version": "natural", "block": "natural", "value": "decimal"}
MAP_COLUMNS = {
    **dict.fromkeys(("run_id", "leader", "runner_up", "verdict", "tied", "left_out"), "text"),
    **dict.fromkeys(("schema_version", "threads", "members", "outside_ns", "outside_scaled_ns", "strategies"), "natural"),
    **{"blocks": "natural", "blocks_needed": "natural", "write_share_pct": "decimal", "zipf": "decimal"},
    **dict.fromkeys(("leader_ops_s", "ratio", "ratio_low", "ratio_high", "p", "p_holm", "mde_pct", "floor_share"), "decimal?"),
}
# One file that stands alone: what scripts/microbench.py measures.
MICROBENCH_COLUMNS = {
    **{"schema_version": "natural", "run_id": "text", "seed": "word", "suite": "text", "benchmark": "text"},
    **{"family": "text", "role": "text", "contender": "text", "block": "natural", "status": "text"},
    **dict.fromkeys(("threads", "reads", "inside", "outside", "scaled", "keys", "zipf"), "natural?"),
    **dict.fromkeys(("items_per_second", "real_time_ns", "cpu_time_ns", "step_ns", "foreign_cpu_pct"), "decimal?"),
    **dict.fromkeys(("compiler", "build_type", "commit", "cpu_model", "cpus_usable", "kernel"), "text"),
}

# Files are checked in pieces of about this size.
PIECE_BYTES = 1 << 24

# Rows that differ in one of these answer different questions, and are never put into one comparison.
CONFIGURATION = ("scenario", "settings", "trace_hash", "time_scale", "path", "pool", "dispatch", "store", "queue_policy",
                 "clients", "threads", "workers", "pin", "load_model", "outside_ns", "allocator", "build_type", "compiler",
                 "commit")
# Offered rates are measured, so the same --rate gives values that differ by less than this share.
SAME_RATE = 0.02


class CsvError(ValueError):
    """A damaged file. The text is FILE:LINE: reason, or FILE: reason where it could not be read at all."""

    def __init__(self, path, line, reason):
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path, self.line, self.reason = Path(path), line, reason


def load_runs(folder):
    """A row per trial and operation kind, and one with op "all" per trial: its totals."""
    path = Path(folder) / "runs.csv"
    runs = _load(path, RUNS_COLUMNS)
    unknown = ~runs["status"].isin(STATUSES)
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        raise CsvError(path, row + 2, f"status: unknown: {_quoted(runs['status'][row])}")
    again = runs.duplicated(["run_id", "trial", "op"])
    if again.any():
        row = int(again.to_numpy().argmax())
        run_id, trial, op = runs.loc[row, ["run_id", "trial", "op"]]
        raise CsvError(path, row + 2, f"op {op} of trial {trial} of run {run_id} stands here for the second time")
    return runs


def load_latency(folder):
    """A row per bucket of every histogram of every trial."""
    path = Path(folder) / "latency.csv"
    latency = _load(path, LATENCY_COLUMNS)
    reversed_bounds = (latency["bucket_high_ns"] < latency["bucket_low_ns"]).to_numpy()
    if reversed_bounds.any():
        raise CsvError(path, int(reversed_bounds.argmax()) + 2, "bucket_high_ns: below bucket_low_ns")
    return latency


def load_intervals(folder):
    """A row per slice of time of every trial."""
    return _load(Path(folder) / "intervals.csv", INTERVALS_COLUMNS)


def load_environment(folder):
    """The facts about machine and build, one a row: key, value."""
    return _load(Path(folder) / "environment.csv", ENVIRONMENT_COLUMNS)


def load_comparison(folder):
    """A row per strategy that `crosstalk compare` compared with the leader of its field, and metric."""
    return _load(Path(folder) / "comparison.csv", COMPARISON_COLUMNS)


def load_blocks(folder):
    """A row per value that a verdict of comparison.csv rests on."""
    return _load(Path(folder) / "blocks.csv", BLOCKS_COLUMNS)


def load_map(folder):
    """A row per cell of a map of winners."""
    return _load(Path(folder) / "map.csv", MAP_COLUMNS)


def load_microbench(path):
    """A row per process of the micro-benchmarks."""
    return _load(Path(path), MICROBENCH_COLUMNS)


def usable(runs):
    """The rows that may be compared: measured soundly, every law held, and not the harness's own cost."""
    sound = runs["status"].isin(("ok", "saturated")) & runs["verified"].fillna(False).astype(bool)
    return runs[sound & (runs["role"] != "floor")]


def configurations(runs):
    """Splits rows into the groups within which strategies may be compared, as a list of data frames.

    Rates are told apart by the offered load, everything else by the columns in CONFIGURATION. Traces of different
    hashes stay together where every one of them was run with the same strategies, as when each block has its own
    seed: then each strategy met the same work.
    """
    keys = [key for key in CONFIGURATION if key != "trace_hash"]
    groups = []
    for _, group in runs.groupby(keys, sort=True):
        met = group.groupby("trace_hash")["strategy"].agg(lambda names: frozenset(names))
        traces = [group] if met.nunique() <= 1 else [same for _, same in group.groupby("trace_hash")]
        groups += [rated for trace in traces for rated in _split_by_rate(trace)]
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


def _split_by_rate(group):
    offered = group["offered_ops_s"]
    # A trial that crashed or was interrupted was offered less than planned, so it founds no group of its own.
    whole = offered[~group["status"].isin(("failed", "interrupted"))].dropna()
    rates = (whole if len(whole) else offered.dropna()).sort_values()
    if rates.empty:
        return [group]
    middles = rates.groupby((rates / rates.shift() > 1 + SAME_RATE).cumsum()).median().to_numpy()
    nearest = abs(offered.to_numpy()[:, None] - middles).argmin(axis=1)
    # Where a trial has no rate at all, it belongs to the only one there is, or nobody knows to which.
    number = np.where(offered.notna() | (len(middles) == 1), nearest, -1)
    return [rated for _, rated in group.groupby(number)]


def _load(path, kinds):
    data = _read(path)
    names = _check_header(path, data, kinds)
    _check_shape(path, data, len(names))
    kinds = {name: kinds.get(name, "text") for name in names}
    frame = _load_plain(data, names, kinds)
    if frame is None:
        cells = pd.read_csv(io.BytesIO(data), dtype=str, **_as_it_stands(names))
        frame = pd.DataFrame({name: _convert(path, name, kind, cells[name]) for name, kind in kinds.items()})
    if "schema_version" in kinds:
        wrong = (frame["schema_version"] != SCHEMA_VERSION).to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            found = frame["schema_version"][row]
            raise CsvError(path, row + 2, f"schema_version: must be {SCHEMA_VERSION}, got {found}")
    return frame


def _quoted(text):
    """A cell as it may stand in a message: in one line, and not a screenful."""
    return repr(text) if len(text) <= 60 else repr(text[:60]) + "..."


def _read(path):
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CsvError(path, None, f"cannot be opened: {error.strerror}") from error
    data = data[3:] if data.startswith(b"\xef\xbb\xbf") else data

    def fail(position, reason):
        raise CsvError(path, data.count(b"\n", 0, position) + 1, reason)

    if not data:
        fail(0, "the file is empty")
    if b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        fail(max(data.find(b"\0"), 0), "a NUL byte (is the file UTF-16?)")
    if not data.endswith(b"\n"):
        fail(len(data), "the last line is cut off")
    if b"\r" in data:
        alone = re.search(rb"\r(?!\n)", data)
        if alone:
            fail(alone.start(), "a carriage return within the line")
        data = data.replace(b"\r\n", b"\n")
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            fail(error.start, "not UTF-8")
    return data


def _check_header(path, data, kinds):
    try:
        names = next(csv.reader([data[:data.index(b"\n")].decode("utf-8")]))
    except csv.Error as error:
        raise CsvError(path, 1, f"not a header: {error}") from error
    for name in kinds:
        if name not in names:
            raise CsvError(path, 1, f"column missing: {name}")
    for name in sorted(set(names)):
        if names.count(name) > 1:
            raise CsvError(path, 1, f"column twice: {_quoted(name)}")
    return names


def _check_shape(path, data, columns):
    """Refuses lines with too few or too many cells, and quotes that do not follow RFC 4180 or span lines."""
    line, start = 1, 0
    while start < len(data):
        # A piece ends with a line.
        end = data.find(b"\n", min(start + PIECE_BYTES, len(data) - 1)) + 1
        text = np.frombuffer(data, np.uint8, end - start, start)
        ends = np.flatnonzero(text == ord("\n"))
        commas = np.flatnonzero(text == ord(","))
        if data.find(b'"', start, end) >= 0:
            inside = np.cumsum(text == ord('"'), dtype=np.int64) % 2 == 1
            open_lines = inside[ends]
            stray = _stray_quote(text, inside)
            if open_lines.any() or stray is not None:
                where = int(open_lines.argmax()) if open_lines.any() else len(ends)
                where = where if stray is None else min(where, int(np.searchsorted(ends, stray)))
                raise CsvError(path, line + where, "a quote that is not closed, or stands within a cell")
            commas = commas[~inside[commas]]
        cells = np.diff(np.searchsorted(commas, ends), prepend=0) + 1
        wrong = cells != columns
        if wrong.any():
            where = int(wrong.argmax())
            raise CsvError(path, line + where, f"{cells[where]} cells, but the header has {columns}")
        line, start = line + len(ends), end


def _stray_quote(text, inside):
    """Position of the first quote that neither opens, closes nor doubles; None if there is none."""
    quotes = np.flatnonzero(text == ord('"'))
    before = np.where(quotes > 0, text[quotes - 1], ord("\n"))
    after = text[quotes + 1]
    opens = inside[quotes]
    edge = np.where(opens, before, after)
    wrong = quotes[~np.isin(edge, (ord(","), ord("\n"), ord('"')))]
    return int(wrong[0]) if len(wrong) else None


def _load_plain(data, names, kinds):
    """The fast way for millions of rows: pandas' own parser of numbers, or None where it is laxer than _value()."""
    if any(kind not in ("natural", "label") for kind in kinds.values()):
        return None
    if any(lenient in data for lenient in (b" ", b"\t", b"\v", b"\f", b"+", b'"', b",-", b"\n-")):
        return None
    labels = {name: "category" for name, kind in kinds.items() if kind == "label"}
    frame = pd.read_csv(io.BytesIO(data), dtype=labels, low_memory=False, **_as_it_stands(names))
    # Any cell that is not a plain number in range, be it 1.0, makes pandas choose another type for the whole column.
    return frame if all(frame[name].dtype == "int64" for name in names if name not in labels) else None


def _as_it_stands(names):
    return {"names": names, "header": 0, "index_col": False, "na_filter": False, "skip_blank_lines": False}


def _convert(path, name, kind, cells):
    """A column of text as its type. Each different text is looked at once."""
    if kind == "text":
        return cells
    if kind == "label":
        return cells.astype("category")
    codes, texts = pd.factorize(cells)
    values = []
    for text in texts:
        value, reason = _value(kind, text)
        if reason:
            raise CsvError(path, int((codes == len(values)).argmax()) + 2, f"{name}: {reason}, got {_quoted(text)}")
        values.append(value)
    return pd.Series(pd.array(values, dtype=_DTYPES[kind]).take(codes), name=name)


_DTYPES = {"natural": "int64", "natural?": "Int64", "word": "uint64", "decimal": "float64", "decimal?": "float64",
           "flag": "bool", "flag?": "boolean"}
_DECIMAL = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _value(kind, text):
    """The value of a cell and None, or None and the reason why it has none."""
    if text == "" and kind.endswith("?"):
        return (math.nan if kind == "decimal?" else pd.NA), None
    if kind.startswith("flag"):
        return (text == "1", None) if text in ("0", "1") else (None, "must be 0 or 1")
    if kind.startswith("decimal"):
        value = float(text) if _DECIMAL.fullmatch(text) else math.inf
        return (value, None) if math.isfinite(value) else (None, "must be a number")
    largest = 2**64 - 1 if kind == "word" else 2**63 - 1
    value = int(text) if re.fullmatch("[0-9]{1,20}", text) else largest + 1
    return (value, None) if value <= largest else (None, f"must be a whole number from 0 to {largest}")
