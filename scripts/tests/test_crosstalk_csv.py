"""The loader reads what the program writes, refuses what is damaged, and calculates as the program does."""

import pathlib
import sys

import numpy as np
import pandas as pd
import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import crosstalk_csv  # noqa: E402
import csv_table  # noqa: E402
import sample_results  # noqa: E402
from crosstalk_csv import CsvError  # noqa: E402

LOADERS = {"runs": crosstalk_csv.load_runs, "latency": crosstalk_csv.load_latency,
           "intervals": crosstalk_csv.load_intervals, "environment": crosstalk_csv.load_environment}


@pytest.fixture
def folder(tmp_path):
    """One trial; line 2 of runs.csv, of intervals.csv and of environment.csv, lines 2 and 3 of latency.csv."""
    results = sample_results.Folder()
    interval = {"phase": "measure", "start_ns": 0, "length_ns": 1000, "completed": 3, "response_p50_ns": 140}
    results.add(service=[100, 100, 260], intervals=[interval], scenario='a "quoted", one', achieved_ops_s=1234.5)
    return results.write(tmp_path)


def damage(folder, name, old, new):
    file = folder / f"{name}.csv"
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new, 1))


def refusal(folder, name):
    """The text with which the file is refused, without the folder."""
    with pytest.raises(CsvError) as caught:
        LOADERS[name](folder)
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize("columns, schema", [
    (crosstalk_csv.RUNS_COLUMNS, "kRuns"), (crosstalk_csv.LATENCY_COLUMNS, "kLatency"),
    (crosstalk_csv.INTERVALS_COLUMNS, "kIntervals"), (crosstalk_csv.ENVIRONMENT_COLUMNS, "kEnvironment"),
    (crosstalk_csv.COMPARISON_COLUMNS, "kComparison"), (crosstalk_csv.BLOCKS_COLUMNS, "kBlocks"),
    (crosstalk_csv.MAP_COLUMNS, "kMap")])
def test_the_loader_knows_the_columns_of_the_program(columns, schema):
    assert list(columns) == sample_results.schema_columns(schema)


def test_cells_come_back_with_their_types(folder):
    row = crosstalk_csv.load_runs(folder).iloc[0]
    assert row["scenario"] == 'a "quoted", one'
    assert row["achieved_ops_s"] == 1234.5
    assert row["seed"] == 2**64 - 1
    assert row["verified"] == True  # noqa: E712
    assert row["service_max_ns"] == 260
    assert row["lock_bytes"] is pd.NA
    assert np.isnan(row["offered_ops_s"])
    latency = crosstalk_csv.load_latency(folder)
    assert latency["bucket_low_ns"].tolist() == [100, 260]
    assert latency["bucket_high_ns"].tolist() == [100, 263]
    assert latency["count"].tolist() == [2, 1]
    assert latency["metric"].tolist() == ["service", "service"]
    interval = crosstalk_csv.load_intervals(folder).iloc[0]
    assert (interval["completed"], interval["response_p50_ns"]) == (3, 140)
    assert interval["response_p99_ns"] is pd.NA
    facts = crosstalk_csv.load_environment(folder)
    assert dict(zip(facts["key"], facts["value"]))["cpu_model"] == "Example CPU, 2.1 GHz"


def test_a_header_without_rows_is_a_table_without_rows(tmp_path):
    sample_results.Folder().write(tmp_path)
    for name in ("runs", "latency", "intervals"):
        table = LOADERS[name](tmp_path)
        assert len(table) == 0
    assert len(crosstalk_csv.usable(crosstalk_csv.load_runs(tmp_path))) == 0
    assert crosstalk_csv.configurations(crosstalk_csv.load_runs(tmp_path)) == []


def test_columns_may_stand_in_any_order_and_unknown_ones_are_kept(folder):
    file = folder / "latency.csv"
    lines = [line.split(",") for line in file.read_text().splitlines()]
    more = ["colour", "007", ""]
    file.write_text("".join(",".join([extra, *reversed(line)]) + "\n" for extra, line in zip(more, lines)))
    latency = crosstalk_csv.load_latency(folder)
    assert latency["count"].tolist() == [2, 1]
    assert latency["colour"].tolist() == ["007", ""]


def test_a_growing_file_is_read_up_to_its_last_whole_line(folder):
    file = folder / "intervals.csv"
    whole = file.read_bytes()
    header = whole.index(b"\n") + 1
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        table = crosstalk_csv.load_growing_intervals(file)
        assert (table is None) == (length < header)
        assert table is None or len(table) == 0
    file.write_bytes(whole)
    assert len(crosstalk_csv.load_growing_intervals(file)) == 1


def test_crlf_and_a_byte_order_mark_are_accepted(folder):
    before = {name: load(folder) for name, load in LOADERS.items()}
    for name, load in LOADERS.items():
        file = folder / f"{name}.csv"
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
        pd.testing.assert_frame_equal(load(folder), before[name])


@pytest.mark.parametrize("name", LOADERS)
def test_every_prefix_of_a_file_is_refused_or_holds_whole_lines(folder, name):
    file = folder / f"{name}.csv"
    whole = file.read_bytes()
    accepted = 0
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        try:
            rows = len(LOADERS[name](folder))
            assert whole[length - 1:length] == b"\n"
            assert rows == whole[:length].count(b"\n") - 1
            accepted += 1
        except CsvError as error:
            assert str(error).startswith(f"{file}:")
    assert accepted == whole.count(b"\n") - 1


@pytest.mark.parametrize("name", LOADERS)
def test_files_that_are_no_text_are_refused(folder, name):
    file = folder / f"{name}.csv"
    text = file.read_text()
    file.write_bytes(b"")
    assert refusal(folder, name) == f"{name}.csv:1: the file is empty"
    file.write_text(text[:-1])
    assert refusal(folder, name) == f"{name}.csv:{text.count(chr(10))}: the last line is cut off"
    file.write_text(text.replace("\n", "\n\0", 1))
    assert refusal(folder, name) == f"{name}.csv:2: a NUL byte (is the file UTF-16?)"
    for encoding in ("utf-16", "utf-16-be"):
        file.write_bytes(text.encode(encoding))
        assert refusal(folder, name) == f"{name}.csv:1: a NUL byte (is the file UTF-16?)"
    file.write_bytes(text.encode() + b"\xff\n")
    assert refusal(folder, name) == f"{name}.csv:{text.count(chr(10)) + 1}: not UTF-8"
    file.unlink()
    assert refusal(folder, name) == f"{name}.csv: cannot be opened: No such file or directory"
    file.mkdir()
    assert refusal(folder, name) == f"{name}.csv: cannot be opened: Is a directory"


@pytest.mark.parametrize("name", LOADERS)
def test_lines_with_too_few_or_too_many_cells_are_refused(folder, name):
    file = folder / f"{name}.csv"
    text = file.read_text()
    columns = len(text.splitlines()[0].split(","))
    for line, cells in (("1,2,3,4,5,6,7" * 30, 181), ("x", 1), ("", 1)):
        file.write_text(text + line + "\n" + text.splitlines()[1] + "\n")
        wanted = f"{name}.csv:{text.count(chr(10)) + 1}: {cells} cells, but the header has {columns}"
        assert refusal(folder, name) == wanted


@pytest.mark.parametrize("name, column", [(name, column) for name, columns in (
    ("runs", "schema_version commit achieved_ops_s"), ("latency", "count"), ("intervals", "phase"),
    ("environment", "value")) for column in columns.split()])
def test_a_missing_column_is_named(folder, name, column):
    damage(folder, name, column.encode(), b"other")
    assert refusal(folder, name) == f"{name}.csv:1: column missing: {column}"


def test_a_column_that_stands_twice_is_named(folder):
    text = (folder / "environment.csv").read_text().replace("\n", ",x\n").replace("value,x", "value,key")
    (folder / "environment.csv").write_text(text)
    assert refusal(folder, "environment") == "environment.csv:1: column twice: 'key'"


@pytest.mark.parametrize("bad", ["nan", "inf", "-inf", "1e999", "", "12x", " 5", "5 ", "0x10", "1_000", "1,5", "١"])
def test_bad_decimals_are_refused(folder, bad):
    damage(folder, "runs", b"1234.5", f'"{bad}"'.encode())
    assert refusal(folder, "runs") == f"runs.csv:2: achieved_ops_s: must be a number, got {bad!r}"


@pytest.mark.parametrize("good, value", [("1e3", 1e3), (".5", 0.5), ("5.", 5), ("-2.5e-3", -0.0025), ("0", 0)])
def test_decimals_may_have_any_plain_form(folder, good, value):
    damage(folder, "runs", b"1234.5", good.encode())
    assert crosstalk_csv.load_runs(folder)["achieved_ops_s"][0] == value


@pytest.mark.parametrize("bad", ["nan", "", "-1", "-0", "+1", "1.0", "1e3", " 1", "1\t", "True", "9223372036854775808",
                                 "99999999999999999999999", "１"])
def test_bad_whole_numbers_are_refused_by_the_fast_and_the_strict_way(folder, bad):
    reason = f"must be a whole number from 0 to 9223372036854775807, got {bad!r}"
    damage(folder, "latency", b",260,263,1\n", f",260,263,{bad}\n".encode())
    assert refusal(folder, "latency") == f"latency.csv:3: count: {reason}"
    damage(folder, "latency", b"1,", b'"1",')
    assert refusal(folder, "latency") == f"latency.csv:3: count: {reason}"
    damage(folder, "intervals", b",1000,", f",{bad},".encode())
    assert refusal(folder, "intervals") == f"intervals.csv:2: length_ns: {reason}"


@pytest.mark.parametrize("name", ["runs", "latency", "intervals"])
def test_the_fast_and_the_strict_way_read_the_same(tmp_path, monkeypatch, name):
    results = sample_results.realistic(blocks=2, samples=500)
    results.runs[3].update(verified="", offered_ops_s="", jain_clients=".1", status_reason='a "b", c', delivered=10**15)
    folder = results.write(tmp_path)
    taken = []
    fast_way = csv_table._parse_plain
    monkeypatch.setattr(csv_table, "_parse_plain", lambda data, kinds: taken.append(fast_way(data, kinds)) or taken[-1])
    fast = LOADERS[name](folder)
    assert len(taken) == (0 if name == "runs" else 1)  # sixteen digits are too many for it
    results.runs[3].update(delivered=10**15 - 1)
    fast = LOADERS[name](results.write(tmp_path))
    assert taken and all(frame is not None for frame in taken)
    monkeypatch.setattr(csv_table, "_parse_plain", lambda data, kinds: None)
    pd.testing.assert_frame_equal(fast, LOADERS[name](folder))


@pytest.mark.parametrize("good, bad", [("1e3", "1e"), ("5.", "."), (".5", "+5"), ("-2.5e-3", "--5"), ("1E+2", "1e999")])
def test_the_fast_way_takes_the_decimals_that_the_strict_one_takes(folder, monkeypatch, good, bad):
    whole = (folder / "runs.csv").read_bytes()
    with monkeypatch.context() as patch:
        # The strict way is not there to help.
        patch.setattr(csv_table, "_convert", lambda *_: pytest.fail("not the fast way"))
        damage(folder, "runs", b"1234.5", good.encode())
        assert crosstalk_csv.load_runs(folder)["achieved_ops_s"][0] == float(good)
    (folder / "runs.csv").write_bytes(whole)
    damage(folder, "runs", b"1234.5", bad.encode())
    assert refusal(folder, "runs") == f"runs.csv:2: achieved_ops_s: must be a number, got {bad!r}"


def test_a_long_bad_cell_is_shown_shortened_and_in_one_line(folder):
    damage(folder, "runs", b"1234.5", b"\x1b" + b"7" * 500)
    message = refusal(folder, "runs")
    assert message == f"runs.csv:2: achieved_ops_s: must be a number, got '\\x1b{'7' * 59}'..."


def test_unknown_states_are_refused(folder):
    damage(folder, "runs", b",ok,", b",fine,")
    assert refusal(folder, "runs") == "runs.csv:2: status: unknown: 'fine'"
    damage(folder, "runs", b",fine,,1,", b",ok,,2,")
    assert refusal(folder, "runs") == "runs.csv:2: verified: must be 0 or 1, got '2'"


@pytest.mark.parametrize("name", ["runs", "latency", "intervals"])
def test_another_schema_version_is_refused(folder, name):
    damage(folder, name, b"\n1,", b"\n2,")
    assert refusal(folder, name) == f"{name}.csv:2: schema_version: must be 1, got 2"


def test_a_trial_that_stands_twice_is_refused(folder):
    file = folder / "runs.csv"
    file.write_text(file.read_text() + file.read_text().splitlines()[1] + "\n")
    assert refusal(folder, "runs") == (
        "runs.csv:3: op all of trial 0 of run 20250301-120000-77 stands here for the second time")


def test_a_bucket_that_ends_before_it_begins_is_refused(folder):
    damage(folder, "latency", b",260,263,", b",260,259,")
    assert refusal(folder, "latency") == "latency.csv:3: bucket_high_ns: below bucket_low_ns"


@pytest.mark.parametrize("cell", ['"open', 'in"side', '"closed"too late', '"a" "b"', '"a""'])
def test_quotes_in_the_wrong_place_are_refused(folder, cell):
    file = folder / "environment.csv"
    file.write_text(file.read_text() + f"kernel,{cell}\n" + 'more,"fine"\n')
    assert refusal(folder, "environment") == (
        "environment.csv:4: a quote that is not closed, or stands within a cell")


def test_a_newline_within_quotes_and_a_lone_carriage_return_are_refused(folder):
    text = (folder / "environment.csv").read_text()
    (folder / "environment.csv").write_text(text + 'kernel,"two\nlines"\n')
    assert refusal(folder, "environment").startswith("environment.csv:4: a quote that is not closed")
    (folder / "environment.csv").write_bytes(text.encode() + b"kernel,two\rlines\n")
    assert refusal(folder, "environment") == "environment.csv:4: a carriage return within the line"


def test_lines_are_counted_across_the_pieces_of_a_big_file(folder, monkeypatch):
    monkeypatch.setattr(csv_table, "PIECE_BYTES", 50)
    file = folder / "environment.csv"
    good = file.read_text() + "".join(f'fact {number},"a ""b"", c"\n' for number in range(100))
    file.write_text(good)
    assert crosstalk_csv.load_environment(folder)["value"].tolist()[2:] == ['a "b", c'] * 100
    for bad in ("one cell", '"open', "a,b,c"):
        file.write_text(good + f"{bad}\nlast,line\n")
        assert refusal(folder, "environment").startswith("environment.csv:104: ")


def test_a_line_of_20_megabytes_is_refused_or_read(folder):
    file = folder / "runs.csv"
    text = file.read_text()
    file.write_text("x" * 20_000_000 + "\n")
    assert refusal(folder, "runs").startswith("runs.csv:1: not a header: ")
    file.write_text(text + "," * 20_000_000 + "\n")
    assert refusal(folder, "runs") == f"runs.csv:3: 20000001 cells, but the header has {len(crosstalk_csv.RUNS_COLUMNS)}"


def test_usable_rows_are_sound_verified_and_no_floor(tmp_path):
    results = sample_results.Folder()
    for status in crosstalk_csv.STATUSES:
        results.add(status=status, strategy=status)
    results.add(verified=0, strategy="broken")
    results.add(verified="", strategy="unchecked")
    results.add(role="floor", strategy="null/null")
    runs = crosstalk_csv.load_runs(results.write(tmp_path))
    assert crosstalk_csv.usable(runs)["strategy"].tolist() == ["ok", "saturated"]


def groups_of(tmp_path, trials):
    results = sample_results.Folder()
    for trial in trials:
        results.add(**{"strategy": "a/a", **trial})
    runs = crosstalk_csv.load_runs(results.write(tmp_path))
    return [group["trial"].tolist() for group in crosstalk_csv.configurations(runs)]


@pytest.mark.parametrize("column, values", [
    ("clients", [10, 9]), ("load_model", ["poisson", "closed"]), ("path", ["pooled", "direct"]),
    ("commit", ["b", "a"]), ("scenario", ["team", "stream"]), ("threads", [16, 2])])
def test_rows_that_answer_different_questions_are_kept_apart(tmp_path, column, values):
    trials = [{column: value} for value in values + values]
    assert groups_of(tmp_path, trials) == [[1, 3], [0, 2]]


def test_rates_are_told_apart_but_not_split_by_noise(tmp_path):
    rates = [20_000, 10_010, 9_990, 20_100, 10_000, 30_000]
    trials = [{"load_model": "poisson", "offered_ops_s": rate} for rate in rates]
    assert groups_of(tmp_path, trials) == [[1, 2, 4], [0, 3], [5]]


def test_a_crashed_trial_belongs_to_the_rate_that_it_nearly_had(tmp_path):
    rates = [(20_000, "ok"), (10_000, "ok"), (9_000, "failed"), (15_500, "interrupted"), (10_100, "saturated")]
    trials = [{"load_model": "poisson", "offered_ops_s": rate, "status": status} for rate, status in rates]
    assert groups_of(tmp_path / "some", trials) == [[1, 2, 4], [0, 3]]
    assert groups_of(tmp_path / "alone", trials[2:4]) == [[0], [1]]


def test_a_crashed_trial_without_a_rate_belongs_to_the_only_rate(tmp_path):
    crashed = {"load_model": "poisson", "status": "failed"}
    one_rate = [{"load_model": "poisson", "offered_ops_s": 100}, crashed]
    assert groups_of(tmp_path / "one", one_rate) == [[0, 1]]
    two_rates = [*one_rate, {"load_model": "poisson", "offered_ops_s": 200}]
    assert groups_of(tmp_path / "two", two_rates) == [[1], [0], [2]]


def test_traces_of_different_hashes_are_kept_apart_unless_every_strategy_met_each(tmp_path):
    both = [{"trace_hash": digit * 16, "strategy": name} for digit in "12" for name in ("a/a", "a/b")]
    assert groups_of(tmp_path / "fair", both) == [[0, 1, 2, 3]]
    assert groups_of(tmp_path / "unfair", both[:3]) == [[0, 1], [2]]
