"""Writes results folders like those of the program: its headers, its buckets, and numbers of a plausible shape."""

import csv
import re
from pathlib import Path

import numpy as np

SCHEMA = Path(__file__).resolve().parents[2] / "reports"
SECOND = 1_000_000_000
RATE = 60_000

# Operations per second in a closed loop, and how heavy the tail of the service time is.
STRATEGIES = {
    "coarse/rw_lock": (410e3, 0.9), "coarse/std_mutex": (640e3, 0.8), "coarse/std_shared_mutex": (350e3, 1.0),
    "coarse/ticket": (180e3, 1.3), "coarse/ttas": (720e3, 1.1), "sharded/rw_lock": (1.9e6, 0.5),
    "sharded/std_mutex": (2.4e6, 0.45), "sharded/std_shared_mutex": (1.7e6, 0.55), "sharded/ticket": (2.5e6, 0.6),
    "sharded/ttas": (2.7e6, 0.5),
}


def schema_kinds(name):
    """[(column, kind), ...] of kRuns, kLatency, kIntervals, ... as the C++ source has them, in order."""
    text = "".join(path.read_text() for path in sorted(SCHEMA.glob("schema*.cpp")))
    size, body = re.search(rf"std::array<Column, (\d+)> {name}{{{{(.*?)}}}};", text, re.DOTALL).groups()
    columns = re.findall(r'\{"(\w+)",\s*(\w+),', body)
    assert len(columns) == int(size)
    return columns


def schema_columns(name):
    return [column for column, _ in schema_kinds(name)]


def buckets(values):
    """(low, high, count) of every bucket with values: 64 an octave, exact below 128."""
    values = np.asarray(values, dtype=np.int64)
    shift = np.maximum(np.frexp(values.astype(float))[1] - 7, 0)
    low = (values >> shift) << shift
    lows, first, counts = np.unique(low, return_index=True, return_counts=True)
    return [(int(a), int(a + (1 << s) - 1), int(n)) for a, s, n in zip(lows, shift[first], counts)]


def shares_of(values, metric):
    statistics = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
    cells = {f"{metric}_{name}_ns": int(np.quantile(values, share)) for name, share in statistics.items()
             if len(values) * (1 - share) >= 5.6}
    return {**cells, f"{metric}_max_ns": int(np.max(values)), f"{metric}_mean_ns": int(np.mean(values))}


class Folder:
    """Rows to be written; add() one trial after the other, then write()."""

    def __init__(self):
        self.runs, self.latency, self.intervals = [], [], []
        self.cells = None  # of map.csv, which is written only where there is a list
        self.environment = [("cpu_model", "Example CPU, 2.1 GHz"), ("cpus_usable", "2")]

    def add(self, *, service=(), response=(), intervals=(), **cells):
        """One trial: the values measured, its slices of time, and cells that differ from the usual ones."""
        row = {"schema_version": 1, "run_id": "20250301-120000-77", "block": 0, "trial": len(self.runs),
               "repetition": 0, "status": "ok", "verified": 1, "scenario": "community", "time_scale": 1,
               "trace_hash": "00c0ffee00c0ffee", "seed": 2**64 - 1, "strategy": "coarse/ticket", "path": "direct",
               "dispatch": "inline", "store": "memory", "queue_policy": "block", "clients": 5000, "threads": 2,
               "workers": 0, "oversubscribed": 0, "pin": "spread", "load_model": "closed", "outside_ns": 0, "repeats": 0, "op": "all",
               "achieved_ops_s": 1e6, "count": len(service), "errors": 0, "rejected": 0, "late": 0,
               "cpu_user_s": 0.5, "cpu_system_s": 0.01, "switches_voluntary": 5, "switches_involuntary": 7,
               "faults_minor": 12, "faults_major": 0,
               "rss_max_bytes": 9_000_000, "allocator": "glibc 2.36", "build_type": "Release",
               "compiler": "GNU 12.2.0", "commit": "0123abcd"}
        key = {"schema_version": 1, "run_id": cells.get("run_id", row["run_id"]),
               "trial": cells.get("trial", row["trial"]), "op": "all"}
        for metric, values in (("service", service), ("response", response)):
            if len(values):
                row.update(shares_of(values, metric))
                self.latency += [{**key, "metric": metric, "bucket_low_ns": low, "bucket_high_ns": high, "count": n}
                                 for low, high, n in buckets(values)]
        self.intervals += [{**key, **interval} for interval in intervals]
        self.runs.append({**row, **cells})

    def write(self, folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, schema, rows in (("runs", "kRuns", self.runs), ("latency", "kLatency", self.latency),
                                   ("intervals", "kIntervals", self.intervals), ("map", "kMap", self.cells)):
            if rows is None:
                continue
            with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, schema_columns(schema), restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        with open(folder / "environment.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([("key", "value"), *self.environment])
        return folder


def everything_of_a_trial():
    """Cells of a trial that has deliveries, an anatomy, measures of fairness and slices of time."""
    return {
        **{f"delivery_{stage}_p99_ns": 1000 * (1 + index)
           for index, stage in enumerate(("first", "median", "last", "receive"))},
        **{f"anatomy_{part}_ns": 100 for part in ("lateness", "queue", "lock_wait", "lock_hold", "rest")},
        "reach": 1, "jain_clients": 0.9, "jain_threads": 0.99, "gap_max_ns": 5000, "writer_gap_max_ns": 4000,
        "bypass_max": 3, "anatomy_cost_pct": 0.5,
        "intervals": [{"phase": "measure", "start_ns": start * SECOND, "length_ns": SECOND, "offered": 1000,
                       "completed": 990, "response_p50_ns": 500, "response_p99_ns": 900} for start in range(3)],
    }


def map_cell(threads, writes, leader, **cells):
    """A row of map.csv with a winner."""
    return {"schema_version": 1, "run_id": "20250301-120000-77", "threads": threads, "write_share_pct": writes,
            "zipf": 0.99, "members": 64, "outside_ns": 0, "outside_scaled_ns": 0, "strategies": 3, "blocks": 20,
            "blocks_needed": 11, "leader": leader, "leader_ops_s": 1e6, "runner_up": "a/b", "ratio": 1.3,
            "ratio_low": 1.2, "ratio_high": 1.4, "p": 0.0001, "p_holm": 0.0003, "verdict": "resolved",
            "floor_share": 0.1, **cells}


def slices(random, rate, typical_ns, warmup_s, measure_s, offered):
    """Interval rows of a warm-up and a measured phase, 64 slices each."""
    rows = []
    for phase, seconds in (("warmup", warmup_s), ("measure", measure_s)):
        length = int(seconds * SECOND / 64)
        for index in range(64 if length else 0):
            ramp = 1 - 0.4 * np.exp(-index / 12) if phase == "warmup" else 1
            response = typical_ns * random.lognormal(0, 0.15) * (2 - ramp)
            row = {"phase": phase, "start_ns": index * length, "length_ns": length,
                   "completed": int(rate * ramp * random.lognormal(0, 0.03) * length / SECOND),
                   "response_p50_ns": int(response), "response_p99_ns": int(response * 9),
                   "response_max_ns": int(response * 40)}
            rows.append({**row, **({"offered": int(offered * length / SECOND)} if offered else {})})
    return rows


def realistic(blocks=11, strategies=None, samples=20_000, loads=("closed", "poisson"), seed=1):
    """What the main job writes: every strategy and the null floor, closed and open loop, in blocks."""
    random = np.random.default_rng(seed)
    folder = Folder()
    speeds = {"null/null": (21e6, 0.2), **(STRATEGIES if strategies is None else strategies)}
    for load in loads:
        for block in range(blocks):
            for strategy, (speed, tail) in speeds.items():
                floor = strategy == "null/null"
                reached = speed * random.lognormal(0, 0.02 if floor else 0.12)
                service = SECOND / reached * 2 * random.lognormal(0, tail, samples)
                stalls = random.random(samples) < (1e-4 if floor else 2e-3 * tail)
                service = service + stalls * random.exponential(4e5, samples)
                cells = {"strategy": strategy, "block": block, "repetition": block, "load_model": load,
                         "role": "floor" if floor else ""}
                if load == "closed":
                    over_time = slices(random, reached, np.median(service), 0.1, 0.5, None)
                    folder.add(service=service, intervals=over_time, achieved_ops_s=reached, **cells)
                    continue
                busy = min(RATE / speed * 2, 0.9)
                waits = (random.random(samples) < busy) * random.exponential(np.mean(service) / (1 - busy), samples)
                response = service + waits + random.exponential(60, samples)
                over_time = slices(random, RATE, np.median(response), 0.1, 0.5, RATE)
                folder.add(service=service, response=response, intervals=over_time, offered_ops_s=RATE,
                           achieved_ops_s=RATE * random.normal(0.999, 5e-4), **cells)
    return folder
