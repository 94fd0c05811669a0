"""findings.py says what comparison.csv resolves, and no more."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import findings  # noqa: E402

HEADER = ("schema_version,run_id,load,metric,value,better,leader,other,leader_value,other_value,ratio,ratio_low,ratio_high,"
          "confidence_pct,p,p_holm,blocks,looks,sd_pair_pct,mde_pct,verdict\n")
CLOSED = "closed, 5 clients"
OPEN = "poisson 1k/s, 5 clients"


def line(load, metric, other, ratio, verdict, leader_value=1000, blocks=36, mde="3.5"):
    return (f'1,r,"{load}",{metric},v,larger,a/a,{other},{leader_value},1,{ratio},{ratio * 0.98},{ratio * 1.02},95,0,0,'
            f"{blocks},1,5,{mde},{verdict}\n")


@pytest.fixture
def said(tmp_path, capsys):
    def run(*lines):
        folder = tmp_path / "team"
        folder.mkdir(exist_ok=True)
        (folder / "comparison.csv").write_text(HEADER + "".join(lines))
        assert findings.main([str(folder)]) == 0
        return capsys.readouterr().out

    return run


def test_a_winner_is_told_from_all_others(said):
    text = said(line(CLOSED, "throughput", "b/b", 1.25, "better", 123456), line(CLOSED, "throughput", "c/c", 1.01, "better", 123456))
    assert text.startswith("## team\n\nClosed, 5 clients, 36 blocks: **`a/a` wins** by throughput, 123 k/s; of that have ")
    assert "`b/b` 0.80 (0.78 to 0.82), `c/c` 0.990 (0.971 to 1.010)." in text


def test_a_foremost_one_is_no_winner(said):
    text = said(line(CLOSED, "throughput", "b/b", 1.25, "better"), line(CLOSED, "throughput", "c/c", 1.01, "unresolved"))
    assert "wins" not in text
    assert "`a/a` is foremost by throughput, 1 k/s, not told apart from `c/c` (3.5 % would have been seen)" in text


def test_nothing_resolved_is_said(said):
    text = said(line(CLOSED, "throughput", "b/b", 1.1, "unresolved"), line(CLOSED, "throughput", "c/c", 1.1, "unresolved", mde="12"))
    assert "**No difference in throughput is resolved**: the foremost, `a/a`, has 1 k/s, and 12 % would have been seen." in text


def test_times_are_spoken_of_where_they_differ(said):
    text = said(line(CLOSED, "throughput", "b/b", 1.25, "better"), line(CLOSED, "response_p99", "b/b", 0.5, "better", 1500),
                line(CLOSED, "cpu_per_op", "b/b", 1.25, "worse", 80))
    assert " p99 of the operations 1.5 us for `a/a`; more for `b/b` 2.00 (1.96 to 2.04)." in text
    assert " Processor time an operation 80 ns for `a/a`; less for `b/b` 0.80" in text
    assert "p99" not in said(line(CLOSED, "throughput", "b/b", 1.25, "better"),
                             line(CLOSED, "response_p99", "b/b", 0.99, "unresolved", 1500))


def test_an_open_loop_has_a_sentence_of_its_own(said):
    closed = line(CLOSED, "throughput", "b/b", 1.25, "better")
    assert "Open loop, poisson 1k/s, 5 clients: p99 2 ms for `a/a`; more for `b/b` 2.00" in said(
        closed, line(OPEN, "response_p99", "b/b", 0.5, "better", 2e6))
    assert "no difference in p99 resolved, 3.5 % would have been seen." in said(
        closed, line(OPEN, "response_p99", "b/b", 0.9, "unresolved", 2e6))
    assert "too few trials were sound" in said(closed, line(OPEN, "response_p99", "b/b", 0.9, "too_few_blocks", 2e6, 3, ""))


@pytest.mark.parametrize("content, reason", [(HEADER, "holds no comparison"), ("load,metric\na,b\n", ":2: no leader"), (None, "No such file")])
def test_what_cannot_be_read_is_named(tmp_path, capsys, content, reason):
    if content is not None:
        (tmp_path / "comparison.csv").write_text(content)
    assert findings.main([str(tmp_path)]) == 2
    assert reason in capsys.readouterr().err
