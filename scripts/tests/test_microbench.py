"""microbench.py on a program that only pretends to measure, and its statistics on figures worked out by hand."""

import csv
import itertools
import math
import os
import pathlib
import subprocess
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import microbench  # noqa: E402
import microbench_results  # noqa: E402
from crosstalk_csv import load_microbench  # noqa: E402
from microbench_results import FAILS, OPEN, PASS, Measured, Ratio  # noqa: E402
from paired_statistics import hodges_lehmann  # noqa: E402
from microbench_suites import SUITES, Target, Unreadable, parse  # noqa: E402

MIX = "guard_mix/{}/threads:{}/reads:{}/inside:50/outside:100/scaled:0/manual_time"
# What the pretended program measures: operations a second of a contender with so many threads, or what it does instead.
SPEEDS = {"own/futex_mutex": 12e6, "peer/std_mutex": 8e6, "peer/tbb_mutex": 10e6, "peer/ck_mcs": "hang",
          "peer/ck_ticket": "crash", "peer/nsync_mu": 0, "ceiling/unlocked": 13e6}
PROGRAM = '''#!{python}
import json, os, re, signal, sys
SPEEDS = {speeds!r}
NAMES = {names!r}
flags = dict(word[2:].split("=", 1) for word in sys.argv[1:])
if "benchmark_list_tests" in flags:
    print("\\n".join(NAMES))
    sys.exit()
chosen = [name for name in NAMES if re.search(flags["benchmark_filter"], name)]
assert len(chosen) == 1 and float(flags["benchmark_min_time"]) > 0 and flags["benchmark_format"] == "json"
speed = SPEEDS["/".join(chosen[0].split("/")[1:3])]
if speed == "hang":
    signal.pause()
if speed == "crash":
    os.abort()
print(json.dumps({{"context": {{"compiler": "none 1", "commit": "c0ffee", "cpus_usable": "2"}}, "benchmarks": [
    {{"name": chosen[0], "items_per_second": speed, "real_time": 5e7, "cpu_time": 1e4, "step_ns": 1.1,
      "wall_ns_per_op": 1e9 / max(speed, 1), "cpu_ns_per_op": 2e9 / max(speed, 1)}}]}}))
'''


def pretended(tmp_path, names=None):
    names = names or [MIX.format(who, threads, 0) for who in SPEEDS for threads in (2, 64)]
    path = tmp_path / "program"
    path.write_text(PROGRAM.format(python=sys.executable, speeds=SPEEDS, names=names), encoding="utf-8")
    path.chmod(0o755)
    return path


def run(*arguments):
    return subprocess.run([sys.executable, str(SCRIPTS / "microbench.py"), *map(str, arguments)],
                          capture_output=True, text=True, timeout=300)


def measured(suite, blocks):
    """A Measured of {benchmark name: figures block by block}; None for a process that came to no end."""
    import pandas as pd
    rows = [{"benchmark": name, "status": "timeout" if figure is None else "ok", "run_id": "r", "block": block,
             "items_per_second": figure} for name, figures in blocks.items() for block, figure in enumerate(figures)]
    return Measured(SUITES[suite], pd.DataFrame(rows))


def mix(who, threads=2, reads=0):
    return MIX.format(who, threads, reads)


def test_every_contender_is_measured_once_a_block_in_a_process_of_its_own(tmp_path):
    out = tmp_path / "out.csv"
    done = run("--suite", "futex_mutex", "--blocks", 2, "--out", out, "--program", pretended(tmp_path), "--seed", 7,
               "--contenders", "futex_mutex,std_mutex,tbb_mutex")
    assert done.returncode == 5, done.stderr  # two blocks resolve nothing
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert sorted((row["block"], row["threads"], row["contender"]) for row in rows) == sorted(itertools.product(
        "12", ("2", "64"), ("futex_mutex", "std_mutex", "tbb_mutex")))
    for row in rows:
        assert (row["schema_version"], row["suite"], row["family"], row["status"]) == (
            "1", "futex_mutex", "guard_mix", "ok")
        assert (row["seed"], row["reads"], row["inside"], row["outside"], row["scaled"], row["keys"]) == (
            "7", "0", "50", "100", "0", "")
        assert (row["compiler"], row["commit"], row["cpus_usable"], row["kernel"]) == (
            "none 1", "c0ffee", "2", "unknown")
        speed = SPEEDS[f"{row['role']}/{row['contender']}"]
        assert float(row["items_per_second"]) == speed
        assert math.isclose(float(row["real_time_ns"]), 1e9 / speed, rel_tol=1e-5)
        assert math.isclose(float(row["cpu_time_ns"]), 2e9 / speed, rel_tol=1e-5)
    # Contenders of one cell and block are neighbours in time.
    cells = [(row["block"], row["threads"]) for row in rows]
    assert len([None for before, after in zip(cells, cells[1:]) if before != after]) == 3


def test_what_hangs_or_crashes_is_told_and_not_left_out(tmp_path):
    out = tmp_path / "out.csv"
    done = run("--suite", "futex_mutex", "--blocks", 1, "--out", out, "--program", pretended(tmp_path),
               "--threads", 2, "--timeout", "5s")
    assert done.returncode == 8
    statuses = {row["contender"]: row["status"] for row in csv.DictReader(out.open(encoding="utf-8"))}
    assert statuses == {"futex_mutex": "ok", "std_mutex": "ok", "tbb_mutex": "ok", "ck_mcs": "timeout",
                        "ck_ticket": "failed", "nsync_mu": "idle"}
    assert "3 of 6 processes came to no result: ck_mcs (timeout), ck_ticket (failed), nsync_mu (idle)" in done.stdout
    assert [line.split() for line in done.stdout.splitlines() if line.startswith("ck_mcs ")][0][:6] == [
        "ck_mcs", "peer", "no", "result", "1", "of"]


def test_more_blocks_are_added_to_a_file_and_read_without_measuring(tmp_path):
    out, program = tmp_path / "out.csv", pretended(tmp_path)
    common = ("--suite", "futex_mutex", "--out", out, "--program", program, "--threads", 2,
              "--contenders", "futex_mutex,std_mutex,tbb_mutex")
    assert run(*common, "--blocks", 3).returncode == 5
    again = run(*common, "--blocks", 3)
    assert (again.returncode, again.stderr) == (2, f"microbench.py: {out}: exists; --append adds to it\n")
    assert run(*common, "--blocks", 3, "--append").returncode in (1, 5)
    assert len(load_microbench(out)) == 18
    done = run("--from", out)
    assert "1.200 [1.200, 1.200]" in done.stdout and "to tbb_mutex" in done.stdout
    markdown = run("--from", out, "--markdown").stdout
    assert "| 0 % reads, 2 threads | 12 [12, 12] | tbb_mutex: 10 [10, 10] | 1.200 [1.200, 1.200] |" in markdown
    assert "| pass | no exclusive cell below 0.9 |" in markdown


def test_no_block_begins_that_would_not_end_in_time(tmp_path):
    done = run("--suite", "futex_mutex", "--blocks", 1000, "--budget", "2s", "--out", tmp_path / "out.csv",
               "--program", pretended(tmp_path), "--threads", 2, "--contenders", "futex_mutex,std_mutex,tbb_mutex")
    assert "the time is used up after" in done.stderr


@pytest.mark.parametrize("arguments, message", [
    ((), "one of --out and --from must be given"),
    (("--out", "a", "--from", "b"), "one of --out and --from must be given"),
    (("--out", "a", "--blocks", "0"), "--blocks: must be at least 1, got 0"),
    (("--out", "a", "--min-time", "0"), "--min-time: must be above 0, got 0"),
    (("--out", "a", "--budget", "soon"), "argument --budget: must be a duration as 90s, 10m or 1h, got soon"),
    (("--out", "a", "--threads", "2;4"), "argument --threads: must be numbers with commas between, got 2;4")])
def test_bad_arguments_are_one_line_and_exit_code_2(arguments, message):
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"microbench.py: {message}\n")


def test_files_that_cannot_be_used_are_one_line(tmp_path):
    done = run("--from", tmp_path / "none.csv")
    assert (done.returncode, done.stderr) == (
        2, f"microbench.py: {tmp_path}/none.csv: cannot be opened: No such file or directory\n")
    done = run("--out", tmp_path / "out.csv", "--program", tmp_path / "none")
    assert done.returncode == 8 and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"microbench.py: {tmp_path}/none: cannot be run: ")
    assert not (tmp_path / "out.csv").exists()
    done = run("--out", tmp_path / "no" / "out.csv", "--program", pretended(tmp_path))
    assert (done.returncode, done.stderr) == (7, f"microbench.py: {tmp_path}/no/out.csv: No such file or directory\n")
    done = run("--out", tmp_path / "out.csv", "--program", pretended(tmp_path), "--threads", "3")
    assert (done.returncode, done.stderr) == (
        2, "microbench.py: no benchmark fits --suite, --threads and --contenders\n")


def test_help_is_the_docstring():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert microbench.__doc__.strip() in done.stdout and "--budget TIME" in done.stdout


def test_names_are_read_with_role_contender_and_arguments():
    benchmark = parse("map_churn/peer/tbb_map/threads:2/keys:10000/reads:95/zipf:1/manual_time")
    assert (benchmark.role, benchmark.contender, benchmark.cell.family) == ("peer", "tbb_map", "map_churn")
    assert dict(benchmark.cell.arguments) == {"threads": 2, "keys": 10000, "reads": 95, "zipf": 1}
    assert benchmark.cell.label() == "10k keys, Zipf, 95 % reads, 2 threads"
    for name in ("guard_mix/mine/x/threads:2", "guard_mix/own/threads:2", "guard_mix/own/x/colour:2",
                 "guard_mix/own/x/threads:two"):
        with pytest.raises(Unreadable):
            parse(name)


def test_suites_take_their_cells_and_contenders_only():
    def takes(suite, name):
        return SUITES[suite].takes(parse(name))
    assert takes("rw_lock", mix("own/rw_lock", 64, 99)) and takes("rw_lock", mix("ceiling/unlocked", 2, 50))
    assert not takes("rw_lock", mix("own/bravo")) and not takes("rw_lock", mix("peer/ck_pflock"))
    assert not takes("rw_lock", mix("own/rw_lock", 1)) and not takes("rw_lock", mix("own/rw_lock").replace("scaled:0",
                                                                                                           "scaled:1"))
    assert takes("futex_mutex", "guard_alone/peer/std_mutex/reads:0") and takes("futex_mutex", mix("peer/any"))
    assert not takes("futex_mutex", mix("own/futex_mutex", 2, 50))
    assert takes("read_optimised", mix("own/rcu_cell", 4, 99)) and not takes("read_optimised", mix("own/rcu_cell", 4, 95))


def test_the_centre_of_differences_and_its_interval_are_those_of_the_signed_rank_test():
    # Means of two of 1, 2, 4: 1, 1.5, 2, 2.5, 3, 4.
    assert hodges_lehmann([4, 1, 2]) == (2.25, None, None)
    assert hodges_lehmann([]) is None
    # Middle ones of the 21 means: 3.5. Of six, the least and the largest mean of two are all that 95 % allow (2 / 64 = 3.1 %).
    assert hodges_lehmann([1, 2, 3, 4, 5, 9]) == (3.5, 1, 9)
    # Of ten, the ninth smallest and largest: P(W <= 8) = 25 / 1024 (Wilcoxon's table: 8).
    values = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    means = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
    assert hodges_lehmann(values)[1:] == (means[8], means[-9])
    # The approximation goes on where counting ends: at 60 and 61 nearly the same share of the means lies outside.
    low, high = (hodges_lehmann(range(size))[1] / size for size in (60, 61))
    assert abs(low - high) < 0.01


def test_the_interval_of_the_centre_is_that_of_a_count_of_all_signs():
    size = 8
    sums = [sum(rank for rank, sign in zip(range(1, size + 1), signs) if sign)
            for signs in itertools.product((0, 1), repeat=size)]
    cut = max(k for k in range(40) if sum(total < k for total in sums) <= 0.025 * 2**size)
    values = [3.1, 0.2, 5.5, 8.4, 2.2, 9.7, 4.1, 1.3]
    means = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
    assert hodges_lehmann(values)[1:] == (means[cut - 1], means[-cut])


@pytest.mark.parametrize("low, high, verdict", [
    (0.95, 1.1, PASS), (0.9, 1.2, OPEN), (0.8, 0.949, FAILS), (0.8, 0.95, OPEN), (None, None, OPEN)])
def test_a_ratio_passes_or_fails_with_its_whole_interval(low, high, verdict):
    assert Ratio(1.0, low, high, 9).verdict(0.95) == verdict


def test_the_best_peer_is_the_one_with_the_highest_median_in_the_cell():
    found = measured("futex_mutex", {mix("own/futex_mutex"): [10] * 6, mix("peer/std_mutex"): [30, 5, 5, 5, 5, 5],
                                     mix("peer/tbb_mutex"): [8] * 6, mix("peer/ck_mcs"): [90, None, None, None]})
    cell = found.cells[0]
    assert found.ranking(cell, "peer") == ["tbb_mutex", "std_mutex"]  # ck_mcs came to an end once in four times
    assert found.median(cell, "ck_mcs") is None and found.lost(cell, "ck_mcs") == 3
    ratio = found.ratio(cell, "futex_mutex", found.best_peer(cell))
    assert (round(ratio.estimate, 6), ratio.pairs) == (1.25, 6)


def test_blocks_in_which_one_of_two_is_missing_are_no_pairs():
    found = measured("futex_mutex", {mix("own/futex_mutex"): [10, None, 10], mix("peer/std_mutex"): [5, 5, None]})
    assert list(found.logs(found.cells[0], "futex_mutex", "std_mutex")) == [("r", 0)]


def rw_lock_field(own, peers):
    """Six equal blocks; `own` and each of `peers` by cell (reads, threads), else 10."""
    cells = list(itertools.product((0, 50, 95, 99, 100), (2, 4, 16, 64)))
    field = {"own/rw_lock": own, **{f"peer/{name}": speeds for name, speeds in peers.items()}}
    return measured("rw_lock", {mix(who, threads, reads): [speeds.get((reads, threads), 10)] * 6
                                for who, speeds in field.items() for reads, threads in cells})


def test_rw_lock_is_judged_by_the_mean_of_the_best_single_peer_by_every_cell_and_by_the_crowd():
    peers = {"std_shared_mutex": {(0, 2): 11}, "tbb_rw_mutex": {(50, 4): 5}}
    verdicts = [judged.verdict for judged in rw_lock_field({(99, 2): 12}, peers).judge()]
    assert verdicts == [PASS, PASS, PASS]
    mean, cells, crowd = rw_lock_field({(95, 64): 7}, peers).judge()
    assert "to std_shared_mutex" in mean.found and mean.verdict == FAILS
    assert cells.verdict == FAILS and "worst 0.700 [0.700, 0.700] at 95 % reads, 64 threads" in cells.found
    assert "19 above, 1 below, of 20" in cells.found
    assert crowd.verdict == FAILS and "worst 0.700" in crowd.found and "95 % reads" in crowd.found


def test_the_best_read_optimised_form_is_held_against_no_lock_at_all():
    cells = list(itertools.product((99, 100), (2, 4)))
    speeds = {"own/rcu_cell": 9.8, "own/left_right": 9, "own/rw_lock": 20, "ceiling/unlocked": 10}
    found = measured("read_optimised", {mix(who, threads, reads): [speed] * 6
                                        for who, speed in speeds.items() for reads, threads in cells})
    (judged,) = found.judge()
    assert (judged.verdict, judged.found) == (PASS, "0.980 [0.980, 0.980] by rcu_cell")  # rw_lock is none


def churn(who, threads):
    return f"map_churn/{who}/threads:{threads}/keys:10000/reads:95/zipf:0/manual_time"


@pytest.mark.parametrize("slow, verdict", [(1, PASS), (2, FAILS)])
def test_maps_are_judged_by_the_share_of_cells(slow, verdict):
    blocks = {}
    for threads in (1, 2, 4, 8):
        blocks[churn("own/flat", threads)] = [10 if threads <= slow else 14] * 6
        blocks[churn("own/sharded_std_mutex", threads)] = [5] * 6
        blocks[churn("peer/cuckoo_map", threads)] = [10] * 6
    share, every = measured("map", blocks).judge()
    assert (share.verdict, every.verdict) == (verdict, PASS)
    assert f"flat: {4 - slow} above, {slow} below, of 4" in share.found


def test_what_was_not_measured_is_judged_as_such():
    found = measured("rw_lock", {mix("peer/std_shared_mutex"): [1] * 6})
    assert {judged.verdict for judged in found.judge()} == {microbench_results.ABSENT}
    alone = microbench_results._RULES["alone"](found, "rw_lock", Target("alone", "x", 1.0, other="std_mutex"))
    assert alone.verdict == microbench_results.ABSENT


def test_the_processors_of_others_are_what_is_left_of_all_that_was_used():
    class Scripted(microbench.Processors):
        """Half a second of two processors, of which 0.6 s were used, 0.4 s by our own."""
        readings = [(100.0, 40.0, 3.0), (101.0, 40.6, 3.4)]

        @classmethod
        def _now(cls):
            return cls.readings.pop(0)

    assert round(Scripted().foreign_pct(), 6) == 20
    whole, busy, ours = microbench.Processors._now() or (2, 1, 0)
    assert whole >= busy > 0 <= ours
