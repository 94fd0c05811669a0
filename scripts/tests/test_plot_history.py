"""The plot of a history draws what `crosstalk report --history --points` found, and computes nothing of it itself."""

import csv
import pathlib
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import plot_history  # noqa: E402
import plot_style  # noqa: E402
from csv_table import CsvError  # noqa: E402
from plot_texts import figure_texts, overlaps, texts  # noqa: E402


def point(number, metric="throughput", **cells):
    return {**dict.fromkeys(plot_history.COLUMNS, ""), "machine": "m", "anchor": "crosstalk 1", "anchor_hash": "aa",
            "scenario": "solo_team", "work": "team", "metric": metric, "point": number, "head": "crosstalk 2",
            "date": f"2026-01-{number:02}T04:00:00Z", "head_commit": f"c{number}", "pairs": 18, "verdict": "undecided",
            "loss_pct": number / 10, "loss_low_pct": number / 10 - 1, "loss_high_pct": number / 10 + 1, "drift_sum": 0,
            "drift_limit": 4, "drift_raised": 0, "drift_stands": 0, "stretch": 1, "stretch_pct": 0.5, **cells}


def write(path, points):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, plot_history.COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(points)
    return path


def two_stretches(**cells):
    """Ten points at a median of 0.2 %, ten at one of 4.1 %."""
    return [point(number, stretch=1 + number // 11, stretch_pct=4.1 if number > 10 else 0.2,
                  change_p=0.001 if number == 11 else "", **cells) for number in range(1, 21)]


def lines(axes, label):
    return [line for line in axes.get_lines() if line.get_label() == label]


def titles(figure):
    return [axes.get_title(loc) for axes in figure.axes for loc in ("left", "right")]


def test_medians_and_changes_are_those_of_the_report(tmp_path):
    figure, = plot_history.figures(write(tmp_path / "points.csv", two_stretches()))
    axes, = figure.axes
    first, second = lines(axes, "median")
    assert list(first.get_xdata()) == [-0.5, 9.5] and list(first.get_ydata()) == [0.2, 0.2]
    assert list(second.get_xdata()) == [9.5, 19.5] and list(second.get_ydata()) == [4.1, 4.1]
    assert "c11: +0.2 → +4.1 %" in figure_texts(figure)
    dots, = lines(axes, "loss")
    assert list(dots.get_ydata()) == pytest.approx([number / 10 for number in range(1, 21)])


def test_a_drift_is_shaded_from_its_first_point_and_named(tmp_path):
    points = two_stretches()
    for at in points[4:]:
        at |= {"drift": 1, "drift_stands": 1, "drift_raised": int(at["point"] == 9)}
    figure, = plot_history.figures(write(tmp_path / "points.csv", points))
    axes, = figure.axes
    assert "drift since 2026-01-05 (c5), seen 2026-01-09 (c9)" in titles(figure)
    shade, = axes.patches
    assert shade.get_xy()[:, 0].min() == 3.5 and shade.get_xy()[:, 0].max() == 19.5
    assert list(lines(axes, "seen")[0].get_xdata()) == [8]
    assert "Shaded: a drift" in figure_texts(figure)


def test_a_drift_that_is_over_is_called_so(tmp_path):
    points = two_stretches()
    for at in points[4:10]:
        at |= {"drift": 1, "drift_raised": int(at["point"] == 9)}
    figure, = plot_history.figures(write(tmp_path / "points.csv", points))
    assert "over: drift since 2026-01-05 (c5), seen 2026-01-09 (c9)" in titles(figure)


def test_metrics_of_a_scenario_are_panels_and_nights_stand_below_each_other(tmp_path):
    points = [point(1), point(3), point(1, "cpu_per_op"), point(2, "cpu_per_op"), point(3, "cpu_per_op")]
    figure, = plot_history.figures(write(tmp_path / "points.csv", points))
    assert [axes.get_title("left") for axes in figure.axes] == ["throughput", "cpu_per_op"]
    assert [list(lines(axes, "loss")[0].get_xdata()) for axes in figure.axes] == [[0, 2], [0, 1, 2]]
    assert "3 gates" in figure_texts(figure)


def test_gates_of_one_second_are_different_points(tmp_path):
    points = [point(1), point(2, date="2026-01-01T04:00:00Z")]
    figure, = plot_history.figures(write(tmp_path / "points.csv", points))
    assert list(lines(figure.axes[0], "loss")[0].get_xdata()) == [0, 1]


def test_machines_anchors_scenarios_and_works_have_figures_of_their_own(tmp_path):
    points = [point(1), point(2, machine="another"), point(3, anchor_hash="another"), point(4, scenario="another"),
              point(5, work="another"), point(6)]
    assert len(plot_history.figures(write(tmp_path / "points.csv", points))) == 5


def test_many_changes_do_not_cover_each_other(tmp_path):
    points = [point(number, stretch=1 + number // 5, stretch_pct=number // 5, change_p="0.001" if number % 5 == 0 else "",
                    head_commit=f"0123456789{number:02}") for number in range(1, 25)]
    figure, = plot_history.figures(write(tmp_path / "points.csv", points))
    assert overlaps(figure) == []


def test_a_point_without_an_interval_and_one_point_alone_are_drawn(tmp_path):
    alone = point(1, loss_low_pct="", loss_high_pct="", stretch="", stretch_pct="")
    figure, = plot_history.figures(write(tmp_path / "points.csv", [alone]))
    assert list(lines(figure.axes[0], "loss")[0].get_ydata()) == [0.1]
    assert lines(figure.axes[0], "median") == []


def test_a_night_of_few_pairs_does_not_flatten_the_others(tmp_path):
    points = two_stretches()
    points[3] |= {"loss_low_pct": -90, "loss_high_pct": 90}
    figure, = plot_history.figures(write(tmp_path / "points.csv", points))
    low, high = figure.axes[0].get_ylim()
    assert -4 < low < -0.9 and 3 < high < 7


def test_the_program_writes_both_pictures_beside_the_points_or_says_why_not(tmp_path, capsys):
    path = write(tmp_path / "points.csv", two_stretches())
    assert plot_history.main([str(path)]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "history.png"), str(tmp_path / "history.svg")]
    assert "solo_team: losses against the anchor" in texts(tmp_path / "history.svg")
    assert plot_history.main([str(write(tmp_path / "none.csv", []))]) == 4
    assert capsys.readouterr().err == f"plot_history.py: {tmp_path}/none.csv: holds no points\n"
    (tmp_path / "bad.csv").write_text(path.read_text().replace(",18,", ",many,", 1))
    assert plot_history.main([str(tmp_path / "bad.csv")]) == 2
    assert capsys.readouterr().err.startswith(f"plot_history.py: {tmp_path}/bad.csv:2: pairs: must be a whole number")


def test_a_history_itself_is_refused_by_name_of_a_column(tmp_path):
    (tmp_path / "history.csv").write_text("schema_version,date\n1,x\n")
    with pytest.raises(CsvError, match="history.csv:1: column missing: machine"):
        plot_history.figures(tmp_path / "history.csv")


def test_equal_points_give_equal_pictures(tmp_path):
    figures = [plot_history.figures(write(tmp_path / "points.csv", two_stretches()))[0] for _ in range(2)]
    one, other = (plot_style.save(figure, tmp_path / f"{number}.svg") for number, figure in enumerate(figures))
    assert one.read_bytes() == other.read_bytes()
