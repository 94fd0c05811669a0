"""The tables of the gate's validation."""

import math
import pathlib
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import validate_gate  # noqa: E402

METRICS = ("throughput", "cpu_per_op", "response_p50", "response_p99", "delivery_last_p99")


def write_pairs(file, ratios, disturbed=()):
    """Pairs of solo_team whose heads have these ratios to base, base and head first in turn."""
    lines = ["scenario,use,first,disturbed,base_seconds,head_seconds," +
             ",".join(f"{side}_{metric}" for side in ("base", "head") for metric in METRICS)]
    for number, ratio in enumerate(ratios):
        lines.append(f"solo_team,search,{('base', 'head')[number % 2]},{int(number in disturbed)},0.5,0.75,"
                     f"10,10,10,10,,{10 * ratio},{10 * ratio},10,10,")
    file.write_text("\n".join(lines) + "\n")


def table(capsys, *arguments):
    assert validate_gate.main([str(each) for each in arguments]) == 0
    return capsys.readouterr().out


def test_spread_is_that_of_the_log_ratios_of_sound_pairs(tmp_path, capsys):
    ratios = [math.exp(each / 100) for each in (1, -1, 3, -3, 99)]
    folder = tmp_path / "recording"
    (folder / "run-00001").mkdir(parents=True)
    write_pairs(folder / "run-00001/pairs.csv", ratios, disturbed=[4])
    text = table(capsys, "spread", folder)
    # sd of 1, -1, 3, -3: sqrt(20 / 3); median distance from their median 0: 2.
    assert "| solo_team | 4 | 2.6 (3.0) | 2.6 (3.0) | 0.0 (0.0) | 0.0 (0.0) |  | 1.25 |" in text
    assert "4 pairs, 1 more were disturbed" in text
    # Second over first: 1, 1, 3, 3.
    assert "| solo_team | +2.00 (0.58) | +0.50 |" in text


RUNS = """number,kind,exit_code,verdict,seconds,pairs,pairs_repeated,control_differs,regressed
1,same,0,unchanged,100.0,90,1,0,
2,same,5,undecided,200.0,150,0,0,
3,inject=5%,1,regressed,150.0,120,0,0,solo_team throughput
4,neighbour,4,contaminated,50.0,40,20,0,
"""


def test_runs_are_counted_by_kind(tmp_path, capsys):
    (tmp_path / "runs.csv").write_text(RUNS)
    text = table(capsys, "runs", tmp_path / "runs.csv")
    assert "| same | 2 | 0.00 (0.00 to 84.19) | 1 | 0 | 150, 200 | 120 | 1 |" in text
    assert "| inject=5% | 1 | 100.00 (2.50 to 100.00) | 0 | 0 | 150, 150 | 120 | 0 |" in text
    assert "| neighbour | 1 | 0.00 (0.00 to 97.50) | 0 | 1 | 50, 50 | 40 | 20 |" in text
    assert "- inject=5%: solo_team throughput" in text


REPLAY = """plan,slowed,effect,trial,exit_code,seconds,caught_seconds,first_look,pairs,wrongly_red,wrongly_unchanged,intervals,covered
default,all,0,0,0,100,,0,90,0,0,30,30
default,all,0,1,1,140,,0,120,1,0,30,27
default,all,0.05,0,1,150,120,1,130,0,0,30,29
default,all,0.05,1,5,200,,0,160,0,1,30,29
"""


def test_replayed_gates_are_counted_by_effect(tmp_path, capsys):
    (tmp_path / "replay.csv").write_text(REPLAY)
    text = table(capsys, "replay", tmp_path / "replay.csv")
    assert ("| default |  | 0 % | 2 | 50.00 (1.26 to 98.74) | 0.0 |  | 120, 138 | 0.0, 0.0 | 50.00 (1.26 to 98.74) |"
            " 0.00 (0.00 to 84.19) | 95.0 |") in text
    assert ("| default | all | 5 % | 2 | 50.00 (1.26 to 98.74) | 50.0 | 120, 120 | 175, 198 | 50.0, 0.0 |"
            " 0.00 (0.00 to 84.19) | 50.00 (1.26 to 98.74) | 96.7 |") in text


@pytest.mark.parametrize("command", ["spread", "runs", "replay"])
def test_a_damaged_file_is_one_line(tmp_path, capsys, command):
    file = tmp_path / "file.csv"
    file.write_text("scenario,kind\nteam\n")
    assert validate_gate.main([command, str(file)]) == 2
    errors = capsys.readouterr().err
    assert str(file) in errors and errors.count("\n") == 1


def test_an_empty_folder_is_nothing_to_show(tmp_path, capsys):
    assert validate_gate.main(["spread", str(tmp_path)]) == 4
    assert "holds no pairs" in capsys.readouterr().err
