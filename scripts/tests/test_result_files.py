"""The loader reads the files that compare, compare --map and capacity add to a results folder."""

import pathlib
import sys

import numpy as np
import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import crosstalk_csv  # noqa: E402
from crosstalk_csv import CsvError  # noqa: E402


def write(folder, name, columns, *rows):
    folder.mkdir(exist_ok=True)
    lines = [",".join(columns), *(",".join(str(row.get(column, "")) for column in columns) for row in rows)]
    (folder / f"{name}.csv").write_text("".join(f"{line}\n" for line in lines))


CELL = {"schema_version": 1, "run_id": "r", "threads": 2, "write_share_pct": 1, "zipf": 0.5, "members": 64,
        "outside_ns": 0, "outside_scaled_ns": 0, "strategies": 0, "blocks": 0, "blocks_needed": 0,
        "verdict": "nothing_to_compare"}
DUEL = {"schema_version": 1, "run_id": "r", "load": "closed", "metric": "throughput", "value": "v", "better": "larger",
        "leader": "a/a", "other": "a/b", "ratio": 1.5, "p_holm": 1, "blocks": 3, "looks": 1, "verdict": "too_few_blocks"}

BUCKET = {"schema_version": 1, "run_id": "r", "trial": 0, "op": "all", "metric": "service", "bucket_low_ns": 260,
          "bucket_high_ns": 263, "count": 1}


def test_what_the_other_commands_write_is_read_too(tmp_path):
    write(tmp_path, "map", crosstalk_csv.MAP_COLUMNS, CELL)
    cell = crosstalk_csv.load_map(tmp_path).iloc[0]
    assert (cell["zipf"], cell["leader"], np.isnan(cell["ratio"])) == (0.5, "", True)
    write(tmp_path, "comparison", crosstalk_csv.COMPARISON_COLUMNS, DUEL)
    assert crosstalk_csv.load_comparison(tmp_path)["ratio"].tolist() == [1.5]
    write(tmp_path, "blocks", crosstalk_csv.BLOCKS_COLUMNS,
          {**DUEL, "strategy": "a/a", "block": 0, "value": 7.5})
    assert crosstalk_csv.load_blocks(tmp_path)["value"].tolist() == [7.5]
    write(tmp_path, "capacity", crosstalk_csv.CAPACITY_COLUMNS,
          {"schema_version": 1, "clients": 9, "threads": 2, "workers": 0, "confirmed": 0, "trials": 3})
    assert np.isnan(crosstalk_csv.load_capacity(tmp_path)["capacity_ops_s"][0])
    write(tmp_path, "clients", crosstalk_csv.CLIENTS_COLUMNS,
          {"schema_version": 1, "run_id": "r", "trial": 0, "measure": "completed_share", "share_pct": 100, "value": 0.5})
    assert crosstalk_csv.load_clients(tmp_path)["value"].tolist() == [0.5]


@pytest.mark.parametrize("load, name, columns, row, reason", [
    (crosstalk_csv.load_map, "map", crosstalk_csv.MAP_COLUMNS, {**CELL, "verdict": "won"}, "verdict: unknown: 'won'"),
    (crosstalk_csv.load_map, "map", crosstalk_csv.MAP_COLUMNS, {**CELL, "ratio": 0}, "ratio: must be above 0, got 0"),
    (crosstalk_csv.load_comparison, "comparison", crosstalk_csv.COMPARISON_COLUMNS, {**DUEL, "ratio_low": -1},
     "ratio_low: must be above 0, got -1"),
    (crosstalk_csv.load_comparison, "comparison", crosstalk_csv.COMPARISON_COLUMNS, {**DUEL, "p_holm": ""},
     "p_holm: must stand where there is a ratio"),
    (crosstalk_csv.load_map, "map", crosstalk_csv.MAP_COLUMNS, {**CELL, "ratio": 2, "p_holm": 1},
     "p: must stand where there is a ratio"),
    (crosstalk_csv.load_map, "map", crosstalk_csv.MAP_COLUMNS, {**CELL, "verdict": "resolved"},
     "ratio: a resolved cell must have one"),
    (crosstalk_csv.load_latency, "latency", crosstalk_csv.LATENCY_COLUMNS, {**BUCKET, "bucket_high_ns": 262},
     "bucket_low_ns, bucket_high_ns: no bucket of this version's histogram, got 260 to 262"),
    (crosstalk_csv.load_latency, "latency", crosstalk_csv.LATENCY_COLUMNS, {**BUCKET, "count": 2**53 + 1},
     "count: must be at most 9007199254740992, got 9007199254740993"),
    (crosstalk_csv.load_clients, "clients", crosstalk_csv.CLIENTS_COLUMNS,
     {"schema_version": 1, "trial": 0, "measure": "luck", "share_pct": 1, "value": 1}, "measure: unknown: 'luck'"),
    (crosstalk_csv.load_clients, "clients", crosstalk_csv.CLIENTS_COLUMNS,
     {"schema_version": 1, "trial": 0, "measure": "completed_share", "share_pct": 101, "value": 1},
     "share_pct: must be from 0 to 100, got 101")])
def test_cells_that_no_command_writes_are_refused(tmp_path, load, name, columns, row, reason):
    write(tmp_path, name, columns, row)
    with pytest.raises(CsvError, match=f"{name}.csv:2: {reason}"):
        load(tmp_path)
