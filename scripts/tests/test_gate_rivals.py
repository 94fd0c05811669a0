"""The gate beside other tools: chart and tables."""

import pathlib
import re
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import clopper_pearson  # noqa: E402
import validate_gate  # noqa: E402

HEADER = "noise,tool,effect,pairs,minutes,trials,red,red_fair\n"
ROWS = ["quiet,crosstalk gate,0,14,0.3,200,0,0", "quiet,crosstalk gate,0.05,14,0.4,200,198,198",
        "quiet,crosstalk gate,0.05,40,0.6,200,200,200", "quiet,hyperfine,0,14,0.33,200,12,2",
        "quiet,hyperfine,0,40,0.93,200,30,2", "quiet,hyperfine,0.05,14,0.33,200,190,90",
        "quiet,hyperfine,0.05,40,0.93,200,200,100"]


@pytest.fixture
def trials(tmp_path):
    file = tmp_path / "trials.csv"
    file.write_text(HEADER + "\n".join(ROWS) + "\n")
    return file


@pytest.mark.parametrize("red, trials", [(0, 300), (1, 300), (15, 300), (299, 300), (300, 300), (40, 1000)])
def test_intervals_are_those_of_scipy(red, trials):
    stats = pytest.importorskip("scipy.stats")
    expected = stats.binomtest(red, trials).proportion_ci(0.95, "exact")
    assert clopper_pearson.clopper_pearson(red, trials) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_tables_hold_the_worst_false_alarms_and_the_fair_power(trials, capsys):
    assert validate_gate.main(["rivals", str(trials)]) == 0
    out = capsys.readouterr().out
    assert "| quiet | hyperfine | 40 | 200 | 30 | 15.0 (10.4 to 20.7) |" in out
    assert "| quiet | crosstalk gate | 14 | 200 | 0 | 0.0 (0.0 to 1.8) |" in out
    assert "| quiet | 5 % | hyperfine | 45 | 50 |" in out
    assert "| quiet | 5 % | crosstalk gate | 99 | 100 |" in out


def test_the_chart_is_written_as_png_and_svg_and_names_each_tool(trials):
    assert validate_gate.main(["rivals", str(trials)]) == 0
    assert trials.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    text = re.sub(r"<[^>]+>", " ", trials.with_suffix(".svg").read_text())
    assert "quiet: 5 % slower" in text
    assert "hyperfine (as it is 6 to 15 % false alarms)" in text
    assert "crosstalk gate (as it is 0 to 0 % false alarms)" in text


@pytest.mark.parametrize("text, code, message", [
    (HEADER, 4, "holds no trial"),
    (HEADER + "quiet,tool,0,14,0.3,200,1,1\n", 4, "no trial has an effect above 0"),
    (HEADER + "quiet,tool,0,14,much,200,1,1\n", 2, ":2:"),
    ("noise,tool\n", 2, "effect"),
])
def test_what_cannot_be_drawn_is_one_line(tmp_path, capsys, text, code, message):
    file = tmp_path / "trials.csv"
    file.write_text(text)
    assert validate_gate.main(["rivals", str(file)]) == code
    errors = capsys.readouterr().err
    assert message in errors and errors.count("\n") == 1
