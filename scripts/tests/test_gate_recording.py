"""Recording gates: what is run, what is kept, and what a kill leaves."""

import csv
import pathlib
import signal
import subprocess
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import gate_recording  # noqa: E402
import validate_gate  # noqa: E402

# A gate that writes the files that are read; $GATE_EXIT and $GATE_SAYS are its end, $GATE_WAITS makes it wait for its end.
GATE = r"""#!/bin/sh
[ "$1" = gate ] || exit 2
echo "$*" >> "$GATE_LOG"
while [ $# -gt 0 ]; do [ "$1" = --out ] && out=$2; shift; done
mkdir -p "$out/base/solo_team"
if [ -n "$GATE_WAITS" ]; then echo waiting >> "$GATE_LOG"; exec sleep 60; fi
[ -z "$GATE_SAYS" ] || { echo "$GATE_SAYS" >&2; exit "$GATE_EXIT"; }
echo pair > "$out/pairs.csv"
cat > "$out/gate.csv" <<'END'
scenario,metric,verdict
solo_team,throughput,regressed
solo_team,cpu_per_op,unchanged
solo_map,throughput,undecided
geometric mean,throughput,undecided
END
echo '{"verdict":"regressed","pairs":30,"pairs_repeated":2,"control":{"differs":false}}' > "$out/gate.json"
exit "${GATE_EXIT:-1}"
"""


@pytest.fixture
def gate(tmp_path, monkeypatch):
    program = tmp_path / "crosstalk"
    program.write_text(GATE)
    program.chmod(0o755)
    monkeypatch.setenv("GATE_LOG", str(tmp_path / "log"))
    return program


def calls(tmp_path):
    return (tmp_path / "log").read_text().splitlines()


def rows(folder):
    with open(folder / "runs.csv", newline="") as file:
        return list(csv.DictReader(file))


def record(folder, program, count, kinds="same", **more):
    recorder = gate_recording.Recorder(folder, program, **more)
    for _ in range(count):
        recorder.run(validate_gate.kinds(kinds)[recorder.done % len(kinds.split(","))], 600)
    return recorder


def test_a_gate_becomes_a_row_and_a_folder(tmp_path, gate):
    record(tmp_path / "out", gate, 1, first_seed=100)
    row, = rows(tmp_path / "out")
    assert float(row.pop("seconds")) >= 0
    assert row == {"number": "1", "kind": "same", "seed": "101", "exit_code": "1", "verdict": "regressed", "pairs": "30",
                   "pairs_repeated": "2", "control_differs": "0", "regressed": "solo_team throughput", "improved": "",
                   "undecided": "1", "flags": "",
                   "verdicts": "solo_team: regressed; solo_map: undecided; geometric mean: undecided"}
    assert (tmp_path / "out/run-00001/pairs.csv").exists()
    assert not (tmp_path / "out/run-00001/base").exists()


def test_kinds_take_turns_and_say_what_is_measured(tmp_path, gate):
    links = [tmp_path / f"link{number}" for number in range(4)]
    for link in links:
        link.write_text(GATE)
        link.chmod(0o755)
    record(tmp_path / "out", gate, 4, "same,inject=5%,links,series", links=links, flags=["--block", "250ms"])
    assert [row["kind"] for row in rows(tmp_path / "out")] == ["same", "inject=5%", "links", "series"]
    same, inject, linked, series = calls(tmp_path)
    assert f"--base {gate} --head {gate} --seed 2 " in same
    assert "--inject total=5% --block 250ms" in inject and "--inject" not in same
    base, head = (linked.split(f"--{side} ")[1].split()[0].split(",") for side in ("base", "head"))
    assert len(base) == len(head) == 2 and {*base, *head} == {str(link) for link in links}
    assert "--pairs 10000 --budget 300s" in series


def test_a_changed_program_is_drawn_by_the_seed_for_head_alone(tmp_path, gate):
    changed = [tmp_path / f"changed{number}" for number in range(3)]
    record(tmp_path / "out", gate, 6, "changed", changed=changed)
    heads = [call.split("--head ")[1].split()[0] for call in calls(tmp_path)]
    assert all(f"--base {gate} " in call for call in calls(tmp_path))
    assert {*heads} <= {str(program) for program in changed} and len({*heads}) > 1


def test_it_goes_on_where_it_was_killed(tmp_path, gate):
    out = tmp_path / "out"
    record(out, gate, 2).file.close()
    with open(out / "runs.csv", "a") as file:
        file.write("3,same,4,0,unch")  # and no more
    (out / "run-00003").mkdir()
    (out / "run-00003/pairs.csv").write_text("half of it")
    record(out, gate, 1)
    assert [row["number"] for row in rows(out)] == ["1", "2", "3"]
    assert (out / "run-00003/pairs.csv").read_text() == "pair\n"


def test_nobody_else_may_record_into_the_same_folder(tmp_path, gate, capsys):
    recorder = record(tmp_path / "out", gate, 1)
    assert validate_gate.main(["record", "--base", str(gate), "--out", str(tmp_path / "out"), "--minutes", "1"]) == 4
    assert "somebody else records there" in capsys.readouterr().err
    assert recorder.done == 1


def test_a_gate_that_could_not_be_run_ends_the_recording(tmp_path, gate, monkeypatch, capsys):
    monkeypatch.setenv("GATE_SAYS", "crosstalk: no")
    monkeypatch.setenv("GATE_EXIT", "8")
    assert validate_gate.main(["record", "--base", str(gate), "--out", str(tmp_path / "out"), "--minutes", "1"]) == 8
    assert "the gate ended with 8: crosstalk: no" in capsys.readouterr().err
    assert rows(tmp_path / "out") == []


def test_no_gate_begins_when_the_time_is_over(tmp_path, gate, capsys):
    assert validate_gate.main(["record", "--base", str(gate), "--out", str(tmp_path / "out"), "--minutes", "0"]) == 0
    assert "0 gates recorded, 0 in" in capsys.readouterr().out


def test_sigterm_ends_the_gate_that_runs_and_leaves_no_row(tmp_path, gate, monkeypatch):
    monkeypatch.setenv("GATE_WAITS", "1")
    recorder = subprocess.Popen([sys.executable, str(SCRIPTS / "validate_gate.py"), "record", "--base", str(gate), "--out",
                                 str(tmp_path / "out"), "--minutes", "1"], stdout=subprocess.DEVNULL)
    while not (tmp_path / "log").exists() or calls(tmp_path)[-1:] != ["waiting"]:
        assert recorder.poll() is None
    recorder.send_signal(signal.SIGTERM)
    assert recorder.wait(30) == 143
    assert rows(tmp_path / "out") == []


@pytest.mark.parametrize("flags, message", [
    (["--kinds", "same,other"], "must be same, inject=PCT, links, changed, neighbour or series, got 'other'"),
    (["--kinds", "links"], "needs two programs"),
    (["--kinds", "changed"], "needs a program"),
    (["--minutes", "-1"], "between 0 and 100000"),
    (["--base", "/nowhere/crosstalk"], "no such program"),
])
def test_a_wrong_call_is_one_line(tmp_path, gate, capsys, flags, message):
    arguments = ["record", "--base", str(gate), "--out", str(tmp_path / "out"), "--minutes", "1", *flags]
    try:
        code = validate_gate.main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 2
    errors = capsys.readouterr().err
    assert message in errors and errors.count("\n") == 1


def test_a_file_that_is_no_recording_is_refused(tmp_path, gate):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/runs.csv").write_text("scenario\nteam\n")
    with pytest.raises(gate_recording.Failed, match="runs.csv:1: not the columns of a recording"):
        gate_recording.Recorder(tmp_path / "out", gate)
