"""`crosstalk gate --history` and `crosstalk report --history` as programs, over gates of the real program and over a made history.

CROSSTALK as in test_program.py.
"""

import csv
import io
import json
import pathlib
import resource
import signal
import sys

import pytest
from test_gate import gate, last_line, script
from test_program import PROGRAM, crosstalk

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import plot_history  # noqa: E402
import sample_history  # noqa: E402
from crosstalk_csv import CsvError, load_history  # noqa: E402
from plot_texts import overlaps  # noqa: E402

QUICK = ("--pairs", "12", "--budget", "30s", "--metrics", "throughput,cpu_per_op")


def report(history, *more):
    return crosstalk("report", "--history", history, *more)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return sample_history.write(tmp_path_factory.mktemp("history") / "history.csv", sample_history.rows())


def test_two_gates_append_to_one_history_of_one_anchor(tmp_path):
    path = tmp_path / "history.csv"
    done = gate(PROGRAM, PROGRAM, tmp_path / "one", *QUICK, "--history", path)
    assert done.returncode in (0, 4, 5), done.stderr  # never 1 or 3; the machine may be too busy to decide
    assert f"history: {path}: 2 rows added" in done.stderr
    first = path.read_bytes()
    gate(PROGRAM, PROGRAM, tmp_path / "two", *QUICK, "--history", path)
    assert path.read_bytes().startswith(first)
    rows = load_history(path)
    assert rows["metric"].tolist() == ["throughput", "cpu_per_op"] * 2
    for column in ("machine", "anchor", "anchor_hash", "work", "scenario"):
        assert rows[column].nunique() == 1
    assert rows["work"][0] == "team sharded/std_mutex direct threads=1 clients=100 block=30ms"
    assert rows["anchor_commit"][0] in rows["anchor"][0] and rows["seed"].tolist() == [1] * 4
    done = report(path, "--format", "csv")
    found = list(csv.DictReader(io.StringIO(done.stdout)))
    assert (done.returncode, len(found)) == (0, 2)
    for row in found:
        assert int(row["points"]) + int(row["left_out"]) == 2


def test_another_anchor_is_another_series(tmp_path):
    path = tmp_path / "history.csv"
    other = script(tmp_path, "anchor", f'exec "{PROGRAM}" "$@"')
    for number, base in enumerate((PROGRAM, other)):
        gate(base, PROGRAM, tmp_path / str(number), *QUICK, "--history", path)
    assert load_history(path)["anchor_hash"].nunique() == 2
    assert len(list(csv.DictReader(io.StringIO(report(path, "--format", "csv").stdout)))) == 4


def test_a_history_that_cannot_be_continued_or_written(tmp_path):
    runs = tmp_path / "runs.csv"
    runs.write_text("schema_version,run_id\n")
    done = gate(PROGRAM, PROGRAM, tmp_path / "gate", *QUICK, "--history", runs)
    assert done.returncode == 2 and f"{runs}:1: column missing: date" in last_line(done)
    done = gate(PROGRAM, PROGRAM, tmp_path / "gate", *QUICK, "--history", tmp_path / "none" / "history.csv")
    assert done.returncode == 7 and "No such file or directory" in last_line(done)
    assert not (tmp_path / "gate" / "pairs.csv").exists()  # both before anything was measured
    done = gate(PROGRAM, PROGRAM, tmp_path / "gate", "--history", tmp_path / "h.csv", "--inject", "total=5%")
    assert done.returncode == 2 and "--history: cannot be combined with --inject" in last_line(done)


def test_a_full_disk_costs_the_history_its_night_and_nothing_else(tmp_path):
    path = sample_history.write(tmp_path / "history.csv", sample_history.rows() * 60)
    before = path.read_bytes()
    # The gate's own files are smaller than the history, so the limit is that of the history alone.
    assert len(before) > 2_000_000

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        # Programs under test are copied: as large as they may be, but for the last bytes of the history.
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, len(before) + 10))

    fake = script(tmp_path, "fake", f'exec "{PROGRAM}" "$@"')
    done = gate(fake, fake, tmp_path / "gate", *QUICK, "--history", path, preexec_fn=limit)
    assert done.returncode == 7, done.stderr
    assert f"{path}: File too large" in last_line(done)
    assert path.read_bytes() == before
    assert json.loads((tmp_path / "gate" / "gate.json").read_text())["rows"]
    assert "team" in done.stdout


def test_a_drift_and_a_step_are_reported_where_they_are(history):
    done = report(history)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("DRIFT in 2 of 3 series; ")
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    found = list(csv.DictReader(io.StringIO(report(history, "--format", "csv").stdout)))
    step, = (row for row in found if row["metric"] == "response_p99")
    assert (step["change_point"], step["change_commit"], step["drift_since_commit"]) == ("41", "a00028", "a00028")
    assert float(step["before_pct"]) == pytest.approx(0, abs=0.3) and float(step["after_pct"]) == pytest.approx(4, abs=0.3)
    creep = [row for row in found if row["metric"] == "throughput"][0]
    assert creep["drift"] == "stands" and float(creep["last_pct"]) == pytest.approx(3, abs=1)
    quiet, = (row for row in found if row["metric"] == "cpu_per_op")
    assert (quiet["drift"], quiet["changes"]) == ("none", "0")
    assert json.loads(report(history, "--format", "json").stdout)[0]["points"] == 60
    assert report(history, "--format", "markdown").stdout.startswith("## Performance history: DRIFT in 2 of 3 series")


def test_a_drift_fails_only_where_that_is_asked_for(history, tmp_path):
    assert report(history, "--fail-on-drift").returncode == 1
    quiet = sample_history.write(tmp_path / "h.csv", [row for row in sample_history.rows() if row["metric"] == "cpu_per_op"])
    assert report(quiet, "--fail-on-drift").returncode == 0


def test_rows_that_are_not_understood_are_refused_by_both_readers_with_their_line(history, tmp_path):
    lines = history.read_text().splitlines(keepends=True)
    for number, (old, new) in enumerate(((",undecided,", ",unsure,"), ("2026-", "26-"), (",18,", ",-1,"))):
        bad = tmp_path / f"{number}.csv"
        bad.write_text("".join([*lines[:4], lines[4].replace(old, new, 1), *lines[5:]]))
        done = report(bad)
        assert done.returncode == 2 and f"{bad}:5: " in done.stderr and done.stdout == ""
        with pytest.raises(CsvError) as error:
            load_history(bad)
        assert error.value.line == 5


def test_the_points_of_the_report_are_drawn(history, tmp_path):
    points = tmp_path / "points.csv"
    points.write_text(report(history, "--points", "--format", "csv").stdout)
    figure, = plot_history.figures(points)
    assert [axes.get_title("left") for axes in figure.axes] == ["throughput", "response_p99", "cpu_per_op"]
    assert [axes.get_title("right").startswith("drift since ") for axes in figure.axes] == [True, True, False]
    assert overlaps(figure) == []
