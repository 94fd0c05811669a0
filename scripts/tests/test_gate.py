"""`crosstalk gate` with real programs: against itself, against a slower one, and against ones that fail in each way.

A slower program is the same one behind a script that changes the plan; CROSSTALK as in test_program.py.
"""

import csv
import json
import resource
import shutil
import signal
import xml.etree.ElementTree

import pytest

from test_program import PROGRAM, crosstalk

SHORT = ("--scenarios", "team", "--clients", "100", "--block", "30ms", "--warmup", "10ms", "--seed", "1", "--quiet")


def script(folder, name, body):
    """A program that answers --version and plans as the real one does, and does this when it is to measure."""
    path = folder / name
    path.write_text(f'#!/bin/sh\ncase "$*" in\n  *--row*) ;;\n  *) exec "{PROGRAM}" "$@" ;;\nesac\n{body}\n')
    path.chmod(0o755)
    return path


def gate(base, head, out, *more, **options):
    return crosstalk("gate", "--base", base, "--head", head, "--out", out, *SHORT, *more, **options)


needs_valgrind = pytest.mark.skipif(shutil.which("valgrind") is None, reason="no valgrind")


def rows_of(folder):
    with open(folder / "runs.csv", newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["op"] == "all"]


def last_line(done):
    """What the gate says of its end, beside where the results are."""
    return [line for line in done.stderr.splitlines() if not line.startswith("results: ")][-1]


def test_a_program_is_no_slower_than_itself(tmp_path):
    out = tmp_path / "gate"
    done = gate(PROGRAM, PROGRAM, out, "--pairs", "12", "--budget", "30s", "--metrics", "throughput,cpu_per_op")
    assert done.returncode in (0, 4, 5), done.stderr  # never 1 or 3; the machine may be too busy to decide
    assert "same program, byte for byte" in done.stdout
    found = json.loads((out / "gate.json").read_text())
    assert found["exit_code"] == done.returncode
    assert {row["metric"] for row in found["rows"]} == {"throughput", "cpu_per_op"}
    suites = xml.etree.ElementTree.parse(out / "junit.xml").getroot()
    assert int(suites.get("tests")) == len(found["rows"]) + 1  # a case for what was counted
    assert len(found["rows"]) == len(list(csv.DictReader(open(out / "gate.csv", newline=""))))
    assert (out / "summary.md").read_text().startswith("## Performance gate: ")
    assert not (out / "programs").exists()


def test_equal_programs_count_the_same_to_the_last_digit(tmp_path):
    out = tmp_path / "gate"
    gate(PROGRAM, PROGRAM, out, "--pairs", "12", "--budget", "5s", "--metrics", "throughput")
    with open(out / "counts.csv", newline="", encoding="utf-8") as file:
        counts = [row for row in csv.DictReader(file) if row["operations"]]
    assert {"locks", "allocations", "allocated bytes", "pool submits", "wake-ups"} <= {row["what"] for row in counts}
    assert {"all", "post", "receive"} <= {row["operation"] for row in counts}
    assert all(row["exact"] == "1" and row["base"] == row["head"] for row in counts)
    assert {row["base"] for row in counts if row["what"] == "locks" and row["operation"] == "post"} == {"1"}
    assert next(each for each in json.loads((out / "gate.json").read_text())["scenarios"])["counted"]


def test_every_pair_is_written_with_what_was_drawn_for_it(tmp_path):
    out = tmp_path / "gate"
    gate(PROGRAM, PROGRAM, out, "--pairs", "12", "--budget", "10m", "--metrics", "throughput", timeout=900)
    with open(out / "pairs.csv", newline="", encoding="utf-8") as file:
        pairs = list(csv.DictReader(file))
    assert [int(pair["pair"]) for pair in pairs] == list(range(1, len(pairs) + 1))
    assert {"search", "control"} <= {pair["use"] for pair in pairs}
    assert {pair["first"] for pair in pairs} == {"base", "head"}
    assert len({pair["trace_hash"] for pair in pairs}) == 1
    assert len({pair["base_environment_pad"] for pair in pairs}) > len(pairs) / 2
    assert all(pair["base_count"] == pair["head_count"] for pair in pairs)  # equal work
    assert all(float(pair["base_throughput"]) > 0 and float(pair["head_cpu_per_op"]) > 0 for pair in pairs)


def test_a_slower_program_regresses_and_the_summary_says_what(tmp_path):
    # Ten microseconds of other work between two operations, which take a thirtieth of that. In processor time, for on a machine that
    # tests other things beside it the clock says little.
    head = script(tmp_path, "slow",
                  'mkdir -p "$7"; awk -F, -v OFS=, '
                  '"NR == 1 { for (i = 1; i <= NF; ++i) if (\\$i == \\"outside_ns\\") column = i } '
                  'NR > 1 { \\$column = 10000 } 1" "$3" >"$7.plan"\n'
                  f'exec "{PROGRAM}" run --plan "$7.plan" "$4" "$5" "$6" "$7" "$8" "$9" "${{10}}"')
    out = tmp_path / "gate"
    done = gate(PROGRAM, head, out, "--pairs", "12", "--budget", "10m", "--metrics", "cpu_per_op", timeout=900)
    assert done.returncode == 1, done.stdout + done.stderr
    assert (out / "summary.md").read_text().startswith("## Performance gate: REGRESSED\n\n- **team got slower: processor time")
    with open(out / "pairs.csv", newline="", encoding="utf-8") as file:
        assert "confirm" in {pair["use"] for pair in csv.DictReader(file)}


@pytest.mark.parametrize("thing", ["lock", "pool", "map"])
def test_what_is_injected_is_done_by_head_alone_and_its_cost_is_told(tmp_path, thing):
    out = tmp_path / "gate"
    name = {"lock": "solo_team", "map": "solo_map", "pool": "pooled_mixed"}[thing]
    done = crosstalk("gate", "--base", PROGRAM, "--head", PROGRAM, "--out", out, "--scenarios", name, *SHORT[2:], "--pairs", "14",
                     "--budget", "20s", "--timeout", "300s", "--metrics", "throughput", "--inject", f"{thing}=50%", timeout=900)
    assert done.returncode in (0, 1, 4, 5), done.stderr
    cost = next(each["injection"] for each in json.loads((out / "gate.json").read_text())["scenarios"])
    assert cost["injected"] == f"--repeat {thing}=50%" and cost["pairs"] > 0 and cost["throughput"] is not None
    assert f"{name}: head is slowed down on purpose, by --repeat {thing}=50%" in " ".join(done.stdout.split())
    for side in ("base", "head"):
        rows = rows_of(out / side / name)
        assert {row["repeat"] for row in rows} == {f"{thing}=50%" if side == "head" else ""}
        assert all(row["verified"] == "1" for row in rows)
        for row in rows:
            share = int(row["repeats"]) / int(row["count"])
            assert (0.2 < share < 0.55) if side == "head" else share == 0
    with open(out / "pairs.csv", newline="", encoding="utf-8") as file:
        assert len({pair["trace_hash"] for pair in csv.DictReader(file)}) == 1


@pytest.mark.parametrize(("flags", "words"), [
    (("--inject", "lock=101%"), "--inject: must be between 0.1 and 100, got 101"),
    (("--inject", "disk=5%"), "--inject: must be total=, lock=, map= or pool= and a share, such as total=5%, got 'disk=5%'"),
    (("--inject", "map=5%"), "--inject: nothing that is measured can be slowed down by 'map=5%'"),
    (("--metrics", "instructions", "--threads", "2"), "--metrics: instructions are counted of scenarios with one driver"),
])
def test_what_cannot_be_injected_or_counted_is_one_line_and_exit_2(tmp_path, flags, words):
    done = gate(PROGRAM, PROGRAM, tmp_path / "gate", *flags)
    assert done.returncode == 2 and words in last_line(done), done.stderr
    assert not (tmp_path / "gate").exists()


@needs_valgrind
def test_instructions_are_judged_alone_and_exactly(tmp_path):
    out = tmp_path / "gate"
    done = gate(PROGRAM, PROGRAM, out, "--metrics", "instructions")
    assert done.returncode == 0, done.stdout + done.stderr
    row, = json.loads((out / "gate.json").read_text())["rows"]
    assert (row["metric"], row["verdict"], row["pairs"]) == ("instructions", "unchanged", 0)
    assert abs(row["change_pct"]) < 0.5
    done = gate(PROGRAM, PROGRAM, tmp_path / "slowed", "--metrics", "instructions", "--inject", "lock=100%")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "team does more: instructions an operation +" in (tmp_path / "slowed" / "summary.md").read_text()
    assert ", grown: " in (tmp_path / "slowed" / "summary.md").read_text()


@pytest.mark.parametrize(("body", "code", "words"), [
    ("kill -9 $$", 8, "killed by signal 9"),
    ("exec sleep 1000", 8, "hung, and was killed"),
    ("echo 'trial failed' >&2; exit 8", 8, "exit code 8: trial failed"),
    ("echo 'a law' >&2; exit 3", 3, "a law was broken"),
    ("echo 'no room' >&2; exit 7", 7, "could not be written"),
    ("exit 2", 6, "the plan of the base is refused"),
])
def test_a_program_that_fails_has_its_exit_code_and_one_line(tmp_path, body, code, words):
    done = gate(PROGRAM, script(tmp_path, "head", body), tmp_path / "gate", "--timeout", "5s")
    assert done.returncode == code, done.stderr
    line = last_line(done)
    assert line.startswith("crosstalk: gate: --head: team: ") and words in line
    assert words in (tmp_path / "gate" / "summary.md").read_text()


def test_a_base_that_fails_is_named_as_well(tmp_path):
    base = script(tmp_path, "base", "kill -9 $$")
    done = gate(base, PROGRAM, tmp_path / "gate")
    assert done.returncode == 8 and last_line(done) == "crosstalk: gate: --base: team: killed by signal 9"
    base.write_text('#!/bin/sh\n[ "$1" != --version ] || exec "%s" "$@"\nkill -SEGV $$\n' % PROGRAM)
    done = gate(base, PROGRAM, tmp_path / "gate")
    assert done.returncode == 8 and last_line(done) == "crosstalk: gate: --base: making the plan of team: killed by signal 11"


def test_what_is_no_crosstalk_is_told_before_anything_is_measured(tmp_path):
    for program in ("/bin/true", "/etc/passwd"):
        done = gate(PROGRAM, program, tmp_path / "gate")
        assert done.returncode == 8 and last_line(done).startswith("crosstalk: gate: --head: "), done.stderr


def test_another_trace_cannot_be_compared(tmp_path):
    head = script(tmp_path, "other",
                  'mkdir -p "$7"; sed "s/,100,1,0,0,closed,/,90,1,0,0,closed,/" "$3" >"$7.plan"\n'
                  f'exec "{PROGRAM}" run --plan "$7.plan" "$4" "$5" "$6" "$7" "$8" "$9" "${{10}}"')
    done = gate(PROGRAM, head, tmp_path / "gate")
    assert done.returncode == 6, done.stderr
    assert "different traces of the same plan" in last_line(done)


def test_a_missing_program_and_a_full_disk(tmp_path):
    done = gate(PROGRAM, tmp_path / "nobody", tmp_path / "gate")
    assert done.returncode == 2 and "--head: no such program" in last_line(done)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = gate(PROGRAM, PROGRAM, tmp_path / "gate", preexec_fn=limit)
    assert done.returncode == 7, done.stderr
    assert last_line(done).startswith("crosstalk: gate: ") and "File too large" in last_line(done)


def test_stored_results_are_judged_and_say_what_they_cannot_know(tmp_path):
    for name in ("old", "new"):
        done = crosstalk("run", "--scenario", "team", "--clients", "100", "--strategy", "sharded/std_mutex", "--threads", "1",
                         "--ops", "20k", "--warmup", "0", "--repetitions", "12", "--seed", "1", "--quiet", "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    done = crosstalk("gate", "--baseline", tmp_path / "old", "--candidate", tmp_path / "new", "--out", tmp_path / "gate")
    assert done.returncode in (0, 1, 5), done.stderr  # hours, or a compiler beside it, may lie between them
    assert "not measured in pairs" in " ".join(done.stdout.split())
    environment = tmp_path / "new" / "environment.csv"
    lines = ["cpu_model,another" if line.startswith("cpu_model,") else line for line in environment.read_text().splitlines()]
    environment.write_text("\n".join(lines) + "\n")
    done = crosstalk("gate", "--baseline", tmp_path / "old", "--candidate", tmp_path / "new", "--out", tmp_path / "gate")
    assert done.returncode == 6 and "different machines: cpu_model is" in last_line(done)
