"""A history of 60 nights with a slow drift and a step: what a long row of gates would have written."""

import csv
import datetime

import numpy as np

from crosstalk_csv import HISTORY_COLUMNS

FIRST = datetime.datetime(2026, 9, 1, 4)


def losses(seed=1, nights=60, error=0.004):
    """{metric: log-ratios}: throughput creeps 3 % down from night 15 on, response_p99 has a step of 4 % at night 40."""
    random = np.random.default_rng(seed)
    creep = np.log(1.03) * np.clip((np.arange(nights) - 15) / (nights - 16), 0, 1)
    step = np.log(1.04) * (np.arange(nights) >= 40)
    return {"throughput": creep + random.normal(0, error, nights), "response_p99": step + random.normal(0, error, nights),
            "cpu_per_op": random.normal(0, error, nights)}


def row(night, metric, loss, error=0.004, **cells):
    date = FIRST + datetime.timedelta(days=night)
    return {"schema_version": 1, "date": f"{date:%Y-%m-%dT%H:%M:%SZ}", "machine": "AMD EPYC, 2 CPUs, x86_64", "kernel": "Linux 6.18",
            "anchor": "crosstalk 1.0.0 (commit 0123456789ab, g++ 12.2.0, Release)", "anchor_commit": "0123456789ab",
            "anchor_hash": "00ff00ff00ff00ff", "head": f"crosstalk 1.0.0 (commit {night + 0xa00000:x}, g++ 12.2.0, Release)",
            "head_commit": f"{night + 0xa00000:x}", "scenario": "solo_team",
            "work": "team sharded/std_mutex direct threads=1 clients=1000 block=500ms", "metric": metric, "loss": loss,
            "loss_low": loss - 1.96 * error, "loss_high": loss + 1.96 * error, "loss_error": error, "pairs": 18,
            "verdict": "undecided", "seed": night, **cells}


def rows(**options):
    series = losses(**options)
    return [row(night, metric, values[night]) for night in range(len(series["throughput"]))
            for metric, values in series.items()]


def write(path, table):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HISTORY_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    return path
