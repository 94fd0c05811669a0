"""Results that are sound and yet unusual: numbers at the edge, folders of an older program, names that are no text, odd outputs."""

import csv
import os
import pathlib
import stat
import subprocess
import sys

import pandas as pd
import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import crosstalk_csv  # noqa: E402
import plot_timeline  # noqa: E402
import report  # noqa: E402
import sample_results  # noqa: E402
from output_file import printable, write_whole  # noqa: E402

SCHEMA_FIELDS = {"schema_version": 1, "run_id": "20250301-120000-77", "metric": "throughput"}


def two_strategies(blocks=2, **cells):
    folder = sample_results.Folder()
    for block in range(blocks):
        for place, strategy in enumerate(("a/a", "b/b")):
            facts = {**sample_results.everything_of_a_trial(), "achieved_ops_s": 1e6 + 1e5 * place, **cells}
            folder.add(service=range(100, 3000), strategy=strategy, block=block, repetition=block, **facts)
    return folder


def without_columns(file, names):
    with open(file, newline="", encoding="utf-8") as old:
        rows = list(csv.DictReader(old))
    columns = [name for name in rows[0] if name not in names]
    with open(file, "w", newline="", encoding="utf-8") as new:
        writer = csv.DictWriter(new, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        assert write_whole(path, b"a page") == path
        assert os.read(reader, 100) == b"a page"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_whole_and_a_folder_is_not(tmp_path):
    (tmp_path / "page").write_bytes(b"old and longer")
    write_whole(tmp_path / "page", b"new")
    assert (tmp_path / "page").read_bytes() == b"new"
    with pytest.raises(IsADirectoryError) as caught:
        write_whole(tmp_path, b"new")
    assert caught.value.filename == str(tmp_path)


def test_names_that_are_not_utf8_can_be_printed(tmp_path):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    assert printable(folder).endswith("caf\ufffd")
    two_strategies().write(folder)
    for program in ("report.py", "plot_throughput.py"):
        done = subprocess.run([sys.executable, SCRIPTS / program, folder], capture_output=True, timeout=120,
                              env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"})
        assert (done.returncode, done.stderr) == (0, b"")
        assert "caf\ufffd" in done.stdout.decode("utf-8")
    assert "caf\ufffd" in (pathlib.Path(folder) / "report.html").read_text(encoding="utf-8")
    assert not list(pathlib.Path(folder).glob("*.part"))


def test_the_largest_number_stands_on_the_page(tmp_path):
    folder = two_strategies(achieved_ops_s="1.79769e308").write(tmp_path)
    assert report.main([str(folder)]) == 0


def test_a_verdict_without_a_detectable_difference_is_told_without_it(tmp_path):
    folder = two_strategies(blocks=12).write(tmp_path)
    load = "closed, 5,000 clients, 2 drivers"
    verdict = {**SCHEMA_FIELDS, "load": load, "value": "mean", "better": "larger", "leader": "b/b", "other": "a/a",
               "leader_value": 2, "other_value": 1, "ratio": 1.01, "p_holm": 0.5, "blocks": 12, "looks": 1, "verdict": "unresolved"}
    values = [{**SCHEMA_FIELDS, "load": load, "better": "larger", "strategy": name, "block": block, "value": 1000}
              for name in ("a/a", "b/b") for block in range(12)]
    for name, schema, rows in (("comparison", "kComparison", [verdict]), ("blocks", "kBlocks", values)):
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, sample_results.schema_columns(schema), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    assert report.main([str(folder)]) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "No difference resolved" in page and "would have been found in four of five such runs" not in page


def test_slices_without_a_length_are_nothing_to_draw(tmp_path, capsys):
    facts = sample_results.everything_of_a_trial()["intervals"]
    folder = two_strategies(intervals=[{**each, "length_ns": 0} for each in facts]).write(tmp_path)
    assert plot_timeline.main([str(folder), "--format", "svg"]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert report.main([str(folder)]) == 0


def test_a_folder_of_an_older_program_is_read_with_later_columns_empty(tmp_path):
    folder = two_strategies().write(tmp_path)
    assert "contended_locks_pct" in crosstalk_csv.LATER_RUNS_COLUMNS
    assert not {"think", "settings", "commit"} & set(crosstalk_csv.LATER_RUNS_COLUMNS)
    before = crosstalk_csv.load_runs(folder)
    without_columns(folder / "runs.csv", crosstalk_csv.LATER_RUNS_COLUMNS)
    runs = crosstalk_csv.load_runs(folder)
    assert sorted(runs.columns) == sorted(before.columns)
    assert runs[list(crosstalk_csv.LATER_RUNS_COLUMNS)].isna().all().all()
    kept = [name for name in runs.columns if name not in crosstalk_csv.LATER_RUNS_COLUMNS]
    pd.testing.assert_frame_equal(runs[kept], before[kept])
    assert report.main([str(folder)]) == 0
    without_columns(folder / "runs.csv", ["settings"])
    with pytest.raises(crosstalk_csv.CsvError, match=":1: column missing: settings"):
        crosstalk_csv.load_runs(folder)


@pytest.mark.parametrize("cells, line, reason", [
    ({"trace_hash": "zz"}, 5, "trace_hash: must be 16 hexadecimal digits, got 'zz'"),
    ({"trace_hash": ""}, 5, "trace_hash: must be 16 hexadecimal digits, got ''"),
    ({"op": "post"}, 5, "trial 3 of run 20250301-120000-77 has no row of op all"),
])
def test_trials_that_the_program_refuses_are_refused(tmp_path, cells, line, reason):
    sample = two_strategies()
    sample.runs[3].update(cells)
    with pytest.raises(crosstalk_csv.CsvError) as caught:
        crosstalk_csv.load_runs(sample.write(tmp_path))
    assert (caught.value.line, caught.value.reason) == (line, reason)
