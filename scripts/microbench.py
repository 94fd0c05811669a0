#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""Measures locks, cells and maps beside their peers with crosstalk_microbench, and judges them by what they are to reach.

Contended results depend on how a process's threads happen to meet, so one process proves nothing. Every figure comes from
many short ones: a block goes through the cells of a suite in random order, and runs every contender of a cell once, in
random order, each in a fresh process. Contenders of one cell and block are neighbours in time, and are compared in pairs.

  suites  futex_mutex     exclusive locks: alone, and 50 ns inside, 100 ns outside, 2 to 64 threads
          rw_lock         reader-writer locks: the same with 0 to 100 % of reads, beside no lock at all
          read_optimised  cells and locks for readers, 99 and 100 % of reads, beside no lock at all
          map             maps that can erase: 10,000 and a million keys, uniform and Zipf, 95 and 50 % of reads
          all             these four
          locks, maps     everything of ours and every peer, for tables; nothing is judged

The figures of a cell are medians with exact 95 % intervals of the median. A ratio is that of operations a second in the
same block: the Hodges-Lehmann estimate of its logarithm with Wilcoxon's interval. The best peer of a cell is the one with
the highest median there. A target fails where the whole interval lies below its bound, passes where the whole interval lies
at or above it, and is not resolved else; intervals are not widened for their number. Six blocks are the least for any.

Exit codes: 0 all targets passed, or none was judged; 1 one failed; 2 usage; 5 one is not resolved; 7 the file could not be
written; 8 a benchmark crashed or the program could not be run; 130 interrupted. What was measured is in the file in any case.
"""

import argparse
import csv
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = "microbench.py"
ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PROGRAM = ROOT / "build" / "ci" / "crosstalk_microbench"

try:
    import microbench_report
    from crosstalk_csv import MICROBENCH_COLUMNS, SCHEMA_VERSION, CsvError, load_microbench
    from microbench_results import ABSENT, FAILS, OPEN, Measured
    from microbench_suites import ARGUMENTS, JUDGED_SUITES, SUITES, Unreadable, parse
except ImportError as missing:
    sys.exit(f"{PROGRAM}: {missing}; try /usr/bin/python3, with python3-numpy and python3-pandas")

COLUMNS = tuple(MICROBENCH_COLUMNS)
FACTS = ("compiler", "build_type", "commit", "cpu_model", "cpus_usable", "kernel")


class Unusable(Exception):
    """The program cannot be run, or lists what this script does not know; exit code 8."""


def listed(program):
    """The Benchmarks of the program that are made of cells and contenders."""
    command = [str(program), "--benchmark_list_tests=true", "--benchmark_filter=^(guard_alone|guard_mix|map_churn)/"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unusable(f"{program}: cannot be run: {error}; build it with: cmake --preset ci && "
                       "ninja -C build/ci crosstalk_microbench") from error
    if done.returncode != 0:
        raise Unusable(f"{program}: --benchmark_list_tests ended with code {done.returncode}")
    try:
        return [parse(line) for line in done.stdout.split()]
    except Unreadable as error:
        raise Unusable(f"{program}: {error}") from error


def chosen(benchmarks, suite, threads, contenders):
    """{cell: its Benchmarks}, for the wanted numbers of threads and contenders (None: all)."""
    cells = {}
    for benchmark in benchmarks:
        wanted = benchmark.cell.get("threads")
        if (suite.takes(benchmark) and (threads is None or wanted is None or wanted in threads)
                and (contenders is None or benchmark.contender in contenders)):
            cells.setdefault(benchmark.cell, []).append(benchmark)
    return cells


class Processors:
    """What others than our children used of the processors since this was made."""

    def __init__(self):
        self._before = self._now()

    def foreign_pct(self):
        """None if it cannot be known."""
        before, now = self._before, self._now()
        if before is None or now is None or now[0] <= before[0]:
            return None
        whole, busy, ours = (after - earlier for after, earlier in zip(now, before))
        return max(0.0, busy - ours) / whole * 100

    @staticmethod
    def _now():
        """Seconds of all processors: passed, used, used by ended children."""
        try:
            ticks = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
        except (OSError, ValueError):
            return None
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        second = os.sysconf("SC_CLK_TCK")
        return (sum(ticks) / second, (sum(ticks) - ticks[3] - ticks[4]) / second,
                children.ru_utime + children.ru_stime)


def run_one(program, benchmark, min_time, timeout):
    """Runs one benchmark in a process of its own; the measured part of its row."""
    name = re.sub(r"([.+*?()\[\]{}^$|\\])", r"\\\1", benchmark.name)
    command = [str(program), f"--benchmark_filter=^{name}$", f"--benchmark_min_time={min_time}",
               "--benchmark_format=json"]
    processors = Processors()
    # A session of its own, so that Ctrl-C reaches this script alone, which then ends the benchmark.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            return {"status": "timeout", "foreign_cpu_pct": None}
        except BaseException:
            process.kill()
            raise
    row = {"status": "failed", "foreign_cpu_pct": processors.foreign_pct()}
    try:
        result = json.loads(output)
        measured = result["benchmarks"][0]
        if process.returncode == 0 and not measured.get("error_occurred"):
            row.update(status="ok", items_per_second=measured["items_per_second"], step_ns=measured.get("step_ns"),
                       real_time_ns=measured.get("wall_ns_per_op", measured["real_time"]),
                       cpu_time_ns=measured.get("cpu_ns_per_op", measured["cpu_time"]),
                       **{fact: result["context"].get(fact, "unknown") for fact in FACTS})
    except (ValueError, KeyError, IndexError):
        pass
    # Nothing done within a window is no figure, and has no logarithm.
    if row["status"] == "ok" and not row["items_per_second"] > 0:
        row["status"] = "idle"
    return row


class Rows:
    """The CSV, written row by row, so that an end by force loses nothing."""

    def __init__(self, path, append):
        self._number = 0
        exists = append and path.exists() and path.stat().st_size > 0
        self._file = open(path, "a" if append else "x", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, COLUMNS, restval="", lineterminator="\n")
        if not exists:
            self._writer.writeheader()

    def write(self, row):
        plain = {key: ("" if value is None else f"{value:.6g}" if isinstance(value, float) else value)
                 for key, value in row.items()}
        self._writer.writerow(plain)
        self._file.flush()

    def close(self):
        self._file.close()


def measure(options, plan, rows, log):
    """Goes through the blocks until their number or the time is used up. `plan`: [(suite, {cell: Benchmarks})]."""
    chance = random.Random(options.seed)
    run_id = time.strftime("%Y%m%d-%H%M%S") + f"-{os.getpid()}"
    size = sum(len(contenders) for _, cells in plan for contenders in cells.values())
    start, longest = time.monotonic(), 0.0
    for block in range(1, options.blocks + 1):
        begun = time.monotonic()
        if begun - start + longest > options.budget:
            log(f"the time is used up after {block - 1} of {options.blocks} blocks")
            return
        work = [(suite, cell, contenders) for suite, cells in plan for cell, contenders in cells.items()]
        chance.shuffle(work)
        for suite, cell, contenders in work:
            for benchmark in chance.sample(contenders, len(contenders)):
                row = run_one(options.program, benchmark, options.min_time, options.timeout)
                rows.write({"schema_version": SCHEMA_VERSION, "run_id": run_id, "seed": options.seed,
                            "suite": suite.name, "benchmark": benchmark.name, "family": cell.family,
                            "role": benchmark.role, "contender": benchmark.contender, "block": block,
                            **dict(cell.arguments), **row})
        longest = max(longest, time.monotonic() - begun)
        left = min((options.blocks - block) * (time.monotonic() - start) / block,
                   options.budget - (time.monotonic() - start))
        log(f"block {block} of {options.blocks}: {size} processes, {time.monotonic() - begun:.0f} s; "
            f"about {max(0.0, left) / 60:.0f} min left")


def analyse(path, suites, markdown):
    """Prints what the file says; the exit code."""
    rows = load_microbench(path)
    verdicts = []
    print(microbench_report.conditions(rows))
    for name in suites:
        of_suite = rows[rows["suite"] == name]
        if len(of_suite):
            measured = Measured(SUITES[name], of_suite)
            print(microbench_report.report(measured, markdown))
            verdicts += [judged.verdict for judged in measured.judge()]
    if (rows["status"] == "failed").any():
        return 8
    return 1 if FAILS in verdicts else 5 if OPEN in verdicts or ABSENT in verdicts else 0


def duration(text):
    """Seconds of 90, 90s, 10m or 1h."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"must be a duration as 90s, 10m or 1h, got {text}")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def numbers(text):
    try:
        return {int(word) for word in text.split(",")}
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be numbers with commas between, got {text}") from error


def parsed(argv):
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda message: parser.exit(2, f"{PROGRAM}: {message}\n")
    parser.add_argument("--suite", choices=(*SUITES, "all"),
                        help="what to measure (default all), or to read of a file (default what it holds)")
    parser.add_argument("--blocks", metavar="N", type=int, default=20, help="at most so many (default 20)")
    parser.add_argument("--budget", metavar="TIME", type=duration, default=duration("1h"),
                        help="begin no block that would not end within this time (default 1h)")
    parser.add_argument("--threads", metavar="N,N", type=numbers, help="only cells with so many threads")
    parser.add_argument("--contenders", metavar="NAME,NAME", type=lambda text: set(text.split(",")),
                        help="only these")
    parser.add_argument("--out", metavar="FILE.csv", type=Path, help="where the rows go; must not exist")
    parser.add_argument("--append", action="store_true", help="add to --out what it does not have yet: more blocks")
    parser.add_argument("--from", metavar="FILE.csv", type=Path, dest="source", help="measure nothing, read that file")
    parser.add_argument("--markdown", action="store_true", help="tables for pool/BENCHMARKS.md")
    parser.add_argument("--program", metavar="FILE", type=Path, default=DEFAULT_PROGRAM,
                        help="crosstalk_microbench (default build/ci/crosstalk_microbench)")
    parser.add_argument("--min-time", metavar="S", type=float, default=0.05, help="of a process (default 0.05)")
    parser.add_argument("--timeout", metavar="TIME", type=duration, default=30.0,
                        help="a process that takes longer is ended, and told of (default 30s)")
    parser.add_argument("--seed", metavar="N", type=int, help="of the random orders")
    options = parser.parse_args(argv)
    if (options.out is None) == (options.source is None):
        parser.error("one of --out and --from must be given")
    if options.blocks < 1:
        parser.error(f"--blocks: must be at least 1, got {options.blocks}")
    if options.min_time <= 0:
        parser.error(f"--min-time: must be above 0, got {options.min_time:g}")
    if options.seed is None:
        options.seed = random.SystemRandom().getrandbits(32)
    if options.source is not None and options.suite is None:
        options.suites = tuple(SUITES)
    else:
        options.suites = JUDGED_SUITES if options.suite in (None, "all") else (options.suite,)
    return options


def main(argv=None):
    options = parsed(argv)

    def log(text):
        print(f"{PROGRAM}: {text}", file=sys.stderr, flush=True)

    interrupted = False
    try:
        if options.source is None:
            benchmarks = listed(options.program)
            plan = [(SUITES[name], chosen(benchmarks, SUITES[name], options.threads, options.contenders))
                    for name in options.suites]
            if not any(cells for _, cells in plan):
                log("no benchmark fits --suite, --threads and --contenders")
                return 2
            rows = Rows(options.out, options.append)
            log(f"--seed {options.seed}")
            try:
                measure(options, plan, rows, log)
            except KeyboardInterrupt:
                interrupted = True
                log("interrupted; what was measured:")
            finally:
                rows.close()
        code = analyse(options.source or options.out, options.suites, options.markdown)
    except Unusable as error:
        log(error)
        return 8
    except (CsvError, Unreadable) as error:
        log(error)
        return 2
    except FileExistsError:
        log(f"{options.out}: exists; --append adds to it")
        return 2
    except OSError as error:
        log(f"{options.out or options.source}: {error.strerror}")
        return 7
    return 130 if interrupted else code


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
