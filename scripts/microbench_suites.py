# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""What scripts/microbench.py measures: which cells and contenders make a suite, and what a suite is to reach.

A cell is a family of benchmarks with its arguments; its contenders are the benchmarks that differ in role and name
alone: FAMILY/ROLE/NAME/argument:value/...
"""

from dataclasses import dataclass
from typing import Callable, Optional

ARGUMENTS = ("threads", "reads", "inside", "outside", "scaled", "keys", "zipf")
ROLES = ("own", "peer", "ceiling")
THREADS = (2, 4, 16, 64)


class Unreadable(ValueError):
    """A name that does not follow the form."""


@dataclass(frozen=True)
class Cell:
    """The conditions under which contenders meet. `arguments` are sorted pairs of a name and a number."""
    family: str
    arguments: tuple

    def get(self, name):
        return dict(self.arguments).get(name)

    def label(self):
        """Without what is the same in all cells of a suite."""
        values = dict(self.arguments)
        parts = [{"guard_alone": "alone"}.get(self.family, "")]
        if "keys" in values:
            parts.append({10_000: "10k", 1_000_000: "1M"}.get(values["keys"], str(values["keys"])) + " keys")
            parts.append("Zipf" if values["zipf"] else "uniform")
        parts.append(f"{values['reads']} % reads" if "reads" in values else "")
        parts.append(f"{values['threads']} threads" if "threads" in values else "")
        parts.append("outside x threads" if values.get("scaled") else "")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Benchmark:
    name: str  # as the program knows it
    cell: Cell
    role: str
    contender: str


def parse(name):
    """A Benchmark from its name, or Unreadable."""
    family, role, *rest = name.split("/")
    words = [part for part in rest if ":" not in part and part not in ("manual_time", "real_time")]
    try:
        arguments = {key: int(value) for key, value in (part.split(":") for part in rest if ":" in part)}
    except ValueError as error:
        raise Unreadable(f"{name}: an argument is not NAME:NUMBER") from error
    if role not in ROLES or not words or any(key not in ARGUMENTS for key in arguments):
        raise Unreadable(f"{name}: not of the form FAMILY/ROLE/NAME/argument:value/...")
    return Benchmark(name, Cell(family, tuple(sorted(arguments.items()))), role, "/".join(words))


@dataclass(frozen=True)
class Target:
    """What a suite is to reach. `kind` names the rule in microbench_report.py."""
    kind: str
    text: str
    bound: float
    other: str = ""  # the one rival, where it is not the best peer
    share: float = 1.0  # of the cells


@dataclass(frozen=True)
class Suite:
    name: str
    has_cell: Callable
    own: Optional[tuple]  # None: all
    peers: Optional[tuple]
    targets: tuple = ()
    judged: str = ""  # whose targets they are; empty: those of the best own contender
    ceiling: bool = False

    def takes(self, benchmark):
        chosen = {"own": self.own, "peer": self.peers, "ceiling": None if self.ceiling else ()}[benchmark.role]
        return self.has_cell(benchmark.cell) and (chosen is None or benchmark.contender in chosen)


def _mix(reads, scaled=0):
    return lambda cell: (cell.family == "guard_mix" and cell.get("threads") in THREADS
                         and cell.get("reads") in reads and cell.get("scaled") == scaled)


def _or_alone(reads, others):
    return lambda cell: (cell.family == "guard_alone" and cell.get("reads") in reads) or others(cell)


# Locks that admit several readers; of the read-optimised ones, those of which a peer could be the baseline.
RW_PEERS = ("std_shared_mutex", "tbb_rw_mutex", "tbb_spin_rw_mutex", "nsync_mu", "absl_mutex", "ck_rwlock",
            "boost_shared_mutex")
READ_OPTIMISED = ("left_right", "rcu_cell", "seq_lock", "bravo", "distributed_rw")

SUITES = {suite.name: suite for suite in (
    Suite("futex_mutex", _or_alone((0,), _mix((0,))), ("futex_mutex",), None, judged="futex_mutex", targets=(
        Target("alone", "uncontended, as fast as std_mutex", 1.0, other="std_mutex"),
        Target("mean_of_cells", "exclusive cells, geometric mean of the ratios to each cell's best peer", 0.95),
        Target("every_cell", "no exclusive cell below", 0.9))),
    Suite("rw_lock", _or_alone((0, 100), _mix((0, 50, 95, 99, 100))), ("rw_lock",), RW_PEERS, judged="rw_lock",
          ceiling=True, targets=(
              Target("mean_over_peer", "geometric mean over the cells, to the best single peer's", 1.0),
              Target("every_cell", "no cell below, to its best peer", 0.85),
              Target("crowd", "64 threads to its own 2, each share of reads", 0.8))),
    Suite("read_optimised", _mix((99, 100)), (*READ_OPTIMISED, "flat_combining", "rw_lock"),
          ("std_shared_mutex", "tbb_rw_mutex", "ck_brlock"), ceiling=True, targets=(
              Target("ceiling", "some read-optimised form, geometric mean over the cells, to no lock at all", 0.95),)),
    Suite("map", lambda cell: cell.family == "map_churn", ("flat",), ("tbb_map", "cuckoo_map", "urcu_map"), targets=(
        Target("share_of_cells", "best own form to each cell's best peer, in three quarters of the cells", 1.3,
               share=0.75),
        Target("every_cell", "no cell below, to its best peer", 0.9))),
    # Everything beside everything, for tables; nobody has anything to reach.
    Suite("locks", _or_alone((0, 100), _mix((0, 50, 95))), None, None, ceiling=True),
    Suite("maps", lambda cell: cell.family == "map_churn", None, None),
)}
JUDGED_SUITES = tuple(name for name, suite in SUITES.items() if suite.targets)
