"""The built program from outside: what it writes, what it refuses, and what is left when it is stopped.

CROSSTALK names the program; without it the one of preset ci or bench is taken.
"""

import csv
import io
import os
import pathlib
import resource
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = "time_ms,user,room,event,bytes\n"


def find_program():
    named = os.environ.get("CROSSTALK")
    candidates = [named] if named else [ROOT / "build" / preset / "crosstalk" for preset in ("ci", "bench")]
    for candidate in candidates:
        if pathlib.Path(candidate).is_file():
            return str(candidate)
    pytest.fail("no program to test: build preset ci or set CROSSTALK")


PROGRAM = find_program()


def crosstalk(*arguments, **options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSTALK_")}
    environment["CROSSTALK_FOREIGN_LIMIT"] = "100"  # whatever else this machine is doing
    options.setdefault("timeout", 120)
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, env=environment, **options)


def rows(folder):
    with open(folder / "runs.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def quick(out, *more):
    return ("run", "--clients", "50", "--ops", "5000", "--seed", "1", "--out", out, *more)


def test_a_run_writes_verified_rows_and_a_table(tmp_path):
    done = crosstalk(*quick(tmp_path / "r", "--strategy", "*/std_mutex"))
    assert done.returncode == 0, done.stderr
    assert "sharded/std_mutex" in done.stdout and "null/null (floor)" in done.stdout
    totals = [row for row in rows(tmp_path / "r") if row["op"] == "all"]
    assert {row["strategy"] for row in totals} == {"coarse/std_mutex", "sharded/std_mutex", "null/null"}
    assert all(row["verified"] == "1" for row in totals)
    assert len({row["trace_hash"] for row in totals}) == 1
    for name in ("latency.csv", "intervals.csv", "environment.csv", "plan.csv"):
        assert (tmp_path / "r" / name).stat().st_size > 0
    # Machine-readable output is data alone.
    done = crosstalk(*quick(tmp_path / "c", "--strategy", "sharded/ttas", "--format", "csv"))
    assert done.stdout.splitlines()[0].startswith("load,strategy,")


def test_a_pooled_replay_is_verified(tmp_path):
    log = tmp_path / "log.csv"
    lines = [f"{i * 10},{i % 7},{i % 3},message,{20 + i % 50}\n" for i in range(500)]
    log.write_text(HEADER + "".join(lines))
    for path in ("direct", "pooled"):
        out = tmp_path / path
        done = crosstalk("run", "--trace", log, "--time-scale", 20, "--path", path, "--threads", 1, "--out", out,
                         "--strategy", "coarse/rw_lock,reference/none")
        assert done.returncode in (0, 4), done.stderr  # 4: a busy machine may make every trial's generator late
        totals = [row for row in rows(out) if row["op"] == "all"]
        assert all(row["verified"] == "1" for row in totals), done.stderr
        assert {row["count"] for row in totals} == {"500"}


def test_a_plan_runs_row_by_row_and_the_rows_agree(tmp_path):
    plan = tmp_path / "plan.csv"
    assert crosstalk(*quick(tmp_path / "x", "--strategy", "*/ticket", "--dry-run", "--plan", plan)).returncode == 0
    assert not (tmp_path / "x").exists()
    with open(plan, newline="", encoding="utf-8") as file:
        planned = list(csv.DictReader(file))
    for row in planned:
        done = crosstalk("run", "--plan", plan, "--row", row["row"], "--out", tmp_path / "merged")
        assert done.returncode == 0, done.stderr
    measured = [row for row in rows(tmp_path / "merged") if row["op"] == "all"]
    assert [row["trial"] for row in measured] == [row["row"] for row in planned]
    assert len({row["trace_hash"] for row in measured}) == 1
    missing = crosstalk("run", "--plan", plan, "--row", 99, "--out", tmp_path / "y")
    assert missing.returncode == 2 and "--row" in missing.stderr


def test_a_plan_that_was_given_is_never_replaced(tmp_path):
    out = tmp_path / "r"
    assert crosstalk(*quick(out, "--strategy", "*/ticket")).returncode == 0
    plan = (out / "plan.csv").read_bytes()
    for row in (("--row", "1"), ()):
        done = crosstalk("run", "--plan", out / "plan.csv", *row, "--out", out)
        assert done.returncode == 0, done.stderr
        assert (out / "plan.csv").read_bytes() == plan
    alone = tmp_path / "alone"
    assert crosstalk("run", "--plan", out / "plan.csv", "--row", "1", "--out", alone).returncode == 0
    assert not (alone / "plan.csv").exists()  # one row is not the plan
    other = tmp_path / "other"
    assert crosstalk("run", "--plan", out / "plan.csv", "--out", other).returncode == 0
    assert (other / "plan.csv").read_bytes() == plan


def test_thresholds_are_judged_or_refused(tmp_path):
    done = crosstalk("compare", "--clients", "40", "--duration", "20ms", "--warmup", "5ms", "--repetitions", "1", "--strategy",
                     "*/ticket", "--threshold", "achieved_ops_s>=1G", "--out", tmp_path / "c")
    assert done.returncode in (1, 4), done.stderr  # 4: a busy machine may leave a strategy without a sound trial
    assert "achieved_ops_s>=1G" in done.stdout and "CROSSED" in done.stdout
    for command in ("run", "compare"):
        done = crosstalk(command, "--strategy", "null/null", "--threshold", "reach>=1", "--out", tmp_path / "n")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("crosstalk: --threshold: judges nothing here") and done.stderr.count("\n") == 1
    plan = tmp_path / "plan.csv"
    assert crosstalk(*quick(tmp_path / "x", "--strategy", "null/null", "--dry-run", "--plan", plan)).returncode == 0
    done = crosstalk("run", "--plan", plan, "--threshold", "reach>=1", "--out", tmp_path / "n")
    assert (done.returncode, (tmp_path / "n").exists()) == (2, False)


def test_a_trace_from_a_pipe_is_refused_before_it_is_read(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(HEADER + "0,1,1,message,5\n")
    shell = '"$1" run --trace <(cat "$2") --out "$3"'
    done = subprocess.run(["bash", "-c", shell, "-", PROGRAM, log, tmp_path / "r"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "--trace: must be a regular file" in done.stderr
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(("arguments", "words"), [
    (("--clients", "0"), ("--clients", "between 1 and 10000000", "got 0")),
    (("--strategy", "sharded/tiket"), ("sharded/ticket",)),
    (("--strategie", "x"), ("--strategie", "--strategy")),
    (("--scenario", "comunity"), ("community",)),
    (("--rate", "5", "--load", "closed"), ("--rate",)),
    (("--trace", "/nonexistent.csv"), ("/nonexistent.csv",)),
])
def test_a_wrong_flag_is_one_line_and_exit_2(tmp_path, arguments, words):
    done = crosstalk("run", *arguments, "--out", tmp_path / "r")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
    assert all(word in done.stderr for word in words), done.stderr
    assert not (tmp_path / "r").exists()


BAD_TRACES = {
    "missing_column": (b"time_ms,user,room,event\n1,2,3,join\n", ":1: ", "bytes"),
    "bad_number": (HEADER.encode() + b"1,x,3,join,0\n", ":2: ", "user"),
    "time_goes_back": (HEADER.encode() + b"5,1,1,join,0\n4,1,1,leave,0\n", ":3: ", "time_ms"),
    "unknown_event": (HEADER.encode() + b"5,1,1,mesage,0\n", ":2: ", "message"),
    "truncated": (HEADER.encode() + b"5,1,1,message,10", ":2: ", ""),
    "nul": (HEADER.encode() + b"5,1,1,mess\x00age,10\n", ":2: ", "NUL"),
    "utf16": ((HEADER + "5,1,1,message,1\n").encode("utf-16"), "", "UTF-16"),
    "empty": (b"", "", "empty"),
    "long_line": (HEADER.encode() + b"5," + b"1" * 20_000_000 + b",1,message,1\n", ":2: ", ""),
}


@pytest.mark.parametrize("name", BAD_TRACES)
def test_a_damaged_trace_is_refused_with_file_and_line(tmp_path, name):
    content, place, word = BAD_TRACES[name]
    trace = tmp_path / (name + ".csv")
    trace.write_bytes(content)
    done = crosstalk("run", "--trace", trace, "--out", tmp_path / "r")
    assert done.returncode == 2, done.stderr
    assert str(trace) + place in done.stderr and word in done.stderr, done.stderr
    assert not (tmp_path / "r").exists()


def test_crlf_and_a_byte_order_mark_are_accepted(tmp_path):
    trace = tmp_path / "windows.csv"
    trace.write_bytes(b"\xef\xbb\xbf" + (HEADER + "0,1,1,message,10\n1,2,1,message,10\n").replace("\n", "\r\n").encode())
    done = crosstalk("trace", "--trace", trace, "--describe")
    assert done.returncode == 0, done.stderr


def test_an_unknown_key_of_a_scenario_has_file_line_and_key(tmp_path):
    scenario = tmp_path / "mine.ini"
    scenario.write_text("rooms = 3\nroms = 4\n")
    done = crosstalk("run", "--scenario", scenario, "--out", tmp_path / "r")
    assert done.returncode == 2 and f"{scenario}:2: " in done.stderr and "rooms" in done.stderr


def test_a_folder_that_cannot_be_written_is_exit_7_before_measuring(tmp_path):
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file" / "r", pathlib.Path("/proc/crosstalk")):
        done = crosstalk(*quick(out))
        assert done.returncode == 7 and str(out) in done.stderr
        assert done.stderr.splitlines()[-1].startswith("crosstalk: ")


def test_a_full_disk_is_exit_7_and_leaves_complete_rows(tmp_path):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = crosstalk(*quick(tmp_path / "r", "--strategy", "*/std_mutex,*/ttas", "--repetitions", "20"), preexec_fn=limit)
    assert done.returncode == 7, done.stderr
    assert all(path.read_bytes().endswith(b"\n") for path in (tmp_path / "r").glob("*.csv"))
    columns = len((tmp_path / "r" / "runs.csv").read_text().splitlines()[0].split(","))
    assert all(None not in row and len(row) == columns for row in rows(tmp_path / "r"))


def started(out, *more, command=("run", "--clients", "50")):
    """A long run that is measuring: its first line of progress on stderr has been read."""
    process = subprocess.Popen([PROGRAM, *command, "--duration", "60s", "--out", str(out), "--strategy",
                                "coarse/std_mutex", *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    assert process.stderr.readline().startswith("seed: ")
    while not (out / "environment.csv").exists() or (out / "environment.csv").stat().st_size < 100:
        os.sched_yield()
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_was_measured_and_marks_it(tmp_path, number, code):
    process = started(tmp_path / "r")
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == code
    totals = [row for row in rows(tmp_path / "r") if row["op"] == "all"]
    assert [row["status"] for row in totals] in (["interrupted"], [])
    assert "strategy" in output or not totals


def test_kill_9_leaves_complete_rows_only(tmp_path):
    process = started(tmp_path / "r", "--repetitions", "3")
    process.kill()
    process.communicate(timeout=60)
    for path in (tmp_path / "r").glob("*.csv"):
        content = path.read_bytes()
        assert content == b"" or content.endswith(b"\n")


def test_the_demo_refuses_what_it_chooses_itself(tmp_path):
    for flag in ("--rate", "--load", "--plan"):
        done = crosstalk("compare", flag, "5", "--out", tmp_path / "r")
        assert done.returncode == 2 and flag in done.stderr
    done = crosstalk("compare", "--clients", "40", "--duration", "20ms", "--warmup", "5ms", "--repetitions", "1", "--strategy",
                     "*/ticket", "--out", tmp_path / "r")
    assert done.returncode in (0, 4), done.stderr
    totals = [row for row in rows(tmp_path / "r") if row["op"] == "all"]
    assert {row["load_model"] for row in totals} == {"closed", "poisson"}
    assert len({row["trial"] for row in totals}) == len(totals)


def test_a_map_can_be_interrupted_and_keeps_what_was_measured(tmp_path):
    process = started(tmp_path / "r", "--threads", "1,2", "--write-share", "10%", "--zipf", "0", "--members", "4", "--outside", "0",
                      "--strategy", "sharded/std_mutex", "--format", "csv", command=("compare", "--map"))
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    cells = list(csv.DictReader(io.StringIO(output)))
    assert [(cell["threads"], cell["verdict"]) for cell in cells] == [("1", "nothing_to_compare"), ("2", "nothing_to_compare")]
    assert len((tmp_path / "r" / "map.csv").read_text().splitlines()) == 3
