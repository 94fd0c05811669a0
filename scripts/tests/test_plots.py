"""What the plots draw and say is what the rows say."""

import pathlib
import sys

import numpy as np
import pandas
import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import plot_latency  # noqa: E402
import plot_style  # noqa: E402
import plot_throughput  # noqa: E402
import plot_timeline  # noqa: E402
import sample_results  # noqa: E402
from crosstalk_csv import load_runs  # noqa: E402
from plot_texts import figure_texts, texts  # noqa: E402

PLOTS = {"throughput": plot_throughput, "latency": plot_latency, "timeline": plot_timeline}
SECOND = sample_results.SECOND


def line_of(axes, label):
    found = [line for line in axes.get_lines() if line.get_label() == label]
    assert len(found) == 1, label
    return found[0]


def blocks_of(tmp_path, values_of, **cells):
    """A folder with one closed-loop trial per strategy and block."""
    folder = sample_results.Folder()
    for strategy, values in values_of.items():
        for block, value in enumerate(values):
            role = "floor" if strategy == "null/null" else ""
            folder.add(strategy=strategy, block=block, achieved_ops_s=value, role=role, **cells)
    return folder.write(tmp_path)


def test_throughput_is_the_median_over_blocks_with_its_interval(tmp_path):
    folder = blocks_of(tmp_path, {
        "coarse/a": [1e6, 2e6, 3e6, 4e6, 5e6, 60e6], "coarse/b": [4.1e6] * 5, "null/null": [30e6, 31e6, 32e6]})
    figure, = plot_throughput.figures(folder)
    shown = figure_texts(figure)
    assert "3.50 M/s [1.00 M, 60.0 M]" in shown  # 6 blocks: the interval is their range
    assert "4.10 M/s" in shown and "4.10 M/s [" not in shown  # 5 blocks give none
    assert "null floor 31.0 M/s" in shown
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["coarse/b", "coarse/a"]


def test_trials_of_one_block_count_once(tmp_path):
    folder = sample_results.Folder()
    for block, value in ((0, 1e6), (1, 9e6), (2, 2e6), (2, 3e6), (2, 11e6)):
        folder.add(block=block, achieved_ops_s=value)
    assert "3.00 M/s" in figure_texts(plot_throughput.figures(folder.write(tmp_path))[0])


def test_the_axis_of_throughput_is_logarithmic_only_for_a_wide_span(tmp_path):
    narrow = plot_throughput.figures(blocks_of(tmp_path / "narrow", {"a/a": [1e6], "a/b": [19e6]}))[0].axes[0]
    assert (narrow.get_xscale(), narrow.get_xlim()[0]) == ("linear", 0)
    wide = plot_throughput.figures(blocks_of(tmp_path / "wide", {"a/a": [1e6], "a/b": [21e6]}))[0].axes[0]
    assert (wide.get_xscale(), wide.get_xlabel()) == ("log", "operations per second, logarithmic")


def test_a_floor_far_beyond_is_written_and_does_not_squeeze_the_strategies(tmp_path):
    near = plot_throughput.figures(blocks_of(tmp_path / "near", {"a/a": [1e6], "null/null": [19e6]}))[0]
    assert near.axes[0].get_xlim()[1] > 19e6
    far = plot_throughput.figures(blocks_of(tmp_path / "far", {"a/a": [1e6], "null/null": [21e6]}))[0]
    assert far.axes[0].get_xlim()[1] < 2e6
    assert "null floor 21.0 M/s, far beyond" in figure_texts(far)


def test_unsound_trials_are_crosses_and_change_no_median(tmp_path):
    folder = sample_results.Folder()
    for block, value in enumerate((1e6, 2e6, 3e6)):
        folder.add(strategy="a/a", block=block, achieved_ops_s=value)
    folder.add(strategy="a/a", block=3, achieved_ops_s=50e6, verified=0)
    folder.add(strategy="a/b", block=0, achieved_ops_s=40e6, status="contaminated")
    folder.add(strategy="a/c", block=0, achieved_ops_s=45e6, verified="")
    figure, = plot_throughput.figures(folder.write(tmp_path))
    shown = figure_texts(figure)
    assert "2.00 M/s" in shown
    assert shown.count("no comparable trial") == 2
    assert ("a/a 1 of 4 trials (1 a law broke); a/b 1 of 1 trial (1 contaminated); "
            "a/c 1 of 1 trial (1 not checked).") in shown
    crosses = [line.get_xdata() for line in figure.axes[0].get_lines() if line.get_marker() == "x"]
    assert [list(xs) for xs in crosses] == [[50e6], [40e6], [45e6]]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["a/a", "a/b", "a/c"]


def test_every_strategy_has_a_row_up_to_sixty_and_then_there_is_a_note(tmp_path):
    folder = blocks_of(tmp_path, {f"a/m{number:02}": [number * 1e6] for number in range(1, 64)})
    figure, = plot_throughput.figures(folder)
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == [f"a/m{number:02}" for number in range(63, 3, -1)]
    assert "The 60 best of 63 strategies are drawn." in figure_texts(figure)


def test_of_more_than_twelve_lines_the_best_are_drawn_and_a_note(tmp_path):
    folder = sample_results.Folder()
    for number in range(1, 16):
        open_loop(folder, f"a/m{number:02}", 0, np.full(600, 90), np.full(600, 100 * number))
    figure, = plot_latency.figures(folder.write(tmp_path))
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert names == [f"a/m{number:02}" for number in range(12, 0, -1)]
    assert "The 12 best of 15 strategies are drawn." in figure_texts(figure)


def test_each_configuration_has_a_figure_of_its_own_that_says_which(tmp_path, capsys):
    folder = sample_results.Folder()
    for clients, policy in ((100, "block"), (200, "block"), (200, "reject")):
        folder.add(clients=clients, queue_policy=policy, path="pooled", workers=3, threads=1)
    folder.write(tmp_path)
    arguments = [str(tmp_path), "--output", f"{tmp_path}/x.svg"]
    assert plot_style.main("throughput", "", plot_throughput.figures, arguments) == 0
    names = ["x.svg", "x-2.svg", "x-3.svg"]
    assert capsys.readouterr().out.split() == [f"{tmp_path}/{name}" for name in names]
    subtitles = [next(text for text in texts(tmp_path / name) if text.startswith("community")) for name in names]
    for text, clients, policy in zip(subtitles, (100, 200, 200), ("", "queue_policy block · ", "queue_policy reject · ")):
        assert f"{clients} clients · 1 driver thread · pooled path, 3 workers · closed loop · {policy}1 block" in text


def open_loop(folder, strategy, block, service, response, **cells):
    folder.add(strategy=strategy, block=block, service=service, response=response, load_model="poisson",
               offered_ops_s=1000, achieved_ops_s=1000, **cells)


def test_latency_curves_are_the_percentiles_and_end_where_the_operations_end(tmp_path):
    folder = sample_results.Folder()
    open_loop(folder, "a/a", 0, np.full(5600, 100), np.repeat([100, 120], 2800))
    open_loop(folder, "a/b", 0, np.full(560, 90), np.full(560, 110))
    figure, = plot_latency.figures(folder.write(tmp_path))
    axes, = figure.axes
    first, second = line_of(axes, "a/a"), line_of(axes, "a/b")
    value = dict(zip(first.get_xdata(), first.get_ydata()))
    assert value[1.0] == 120 and value[np.log10(2)] == 100 and value[3.0] == 120
    # 5600 operations carry 99.9 %, 560 carry 99 %, and not a step further.
    assert first.get_xdata()[np.isfinite(first.get_ydata())].max() == 3
    assert second.get_xdata()[np.isfinite(second.get_ydata())].max() == 2
    dashed = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert [set(line.get_ydata()[np.isfinite(line.get_ydata())]) for line in dashed] == [{100.0}, {90.0}]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["50 %", "90 %", "99 %", "99.9 %"]
    # The slowest at 99 % stands first.
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a/a", "a/b"]


def test_latency_is_the_median_over_blocks_with_its_interval_from_six_blocks_on(tmp_path):
    few, many = sample_results.Folder(), sample_results.Folder()
    for folder, blocks in ((few, 5), (many, 7)):
        for block in range(blocks):
            open_loop(folder, "a/a", block, np.full(100, 60), np.full(100, 60 + block**2))
    figures = plot_latency.figures(few.write(tmp_path / "few")), plot_latency.figures(many.write(tmp_path / "many"))
    (few_axes,), (many_axes,) = (figure.axes for figure, in figures)
    assert set(line_of(few_axes, "a/a").get_ydata()[:20]) == {64.0}
    assert set(line_of(many_axes, "a/a").get_ydata()[:20]) == {69.0}
    dots = [line for line in few_axes.get_lines() if line.get_marker() == "."]
    assert sorted(dots[0].get_ydata()) == [60, 61, 64, 69, 76]
    bars = [collection.get_segments()[0][:, 1].tolist() for collection in many_axes.collections]
    assert bars == [[60, 96]] * 2  # at 50 and 90 %; 100 operations carry no more
    assert "fewer than 6 blocks give no interval" in figure_texts(figures[0][0])
    assert "bars beside the markers: its 95 % confidence interval" in figure_texts(figures[1][0])


def test_saturated_and_hopeless_strategies_are_marked_in_the_legend(tmp_path):
    folder = sample_results.Folder()
    open_loop(folder, "a/a", 0, np.full(100, 60), np.full(100, 900), status="saturated")
    open_loop(folder, "a/a", 1, np.full(100, 60), np.full(100, 900))
    open_loop(folder, "a/b", 0, np.full(100, 60), np.full(100, 70), verified=0)
    open_loop(folder, "null/null", 0, np.full(100, 10), np.full(100, 11), role="floor")
    axes, = plot_latency.figures(folder.write(tmp_path))[0].axes
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["a/a (saturated: 1 of 2)", "a/b (not comparable)", "null floor"]
    assert line_of(axes, "a/b (not comparable)").get_linestyle() == ":"
    assert line_of(axes, "null floor").get_color() == plot_style.FLOOR


def test_closed_loop_latency_says_that_it_shows_no_waiting(tmp_path):
    folder = sample_results.Folder()
    folder.add(strategy="a/a", service=np.full(100, 60))
    figure, = plot_latency.figures(folder.write(tmp_path))
    shown = figure_texts(figure)
    assert "Service time, closed loop" in shown
    assert "Closed loop: waiting before an operation starts is not part of it." in shown


def timed(folder, block, warmup_starts, measure_starts, completed, **responses):
    rows = [{"phase": phase, "start_ns": start, "length_ns": SECOND, "completed": completed, **responses}
            for phase, starts in (("warmup", warmup_starts), ("measure", measure_starts)) for start in starts]
    folder.add(strategy="a/a", block=block, intervals=rows)


@pytest.mark.parametrize("measure_starts", [(0, SECOND), (2 * SECOND, 3 * SECOND)])
def test_the_timeline_begins_with_the_measured_phase_wherever_its_slices_count_from(tmp_path, measure_starts):
    folder = sample_results.Folder()
    for block, completed in enumerate((100, 300, 200)):
        timed(folder, block, (0, SECOND), measure_starts, completed, response_p99_ns=1000 * completed)
    figure, = plot_timeline.figures(folder.write(tmp_path))
    throughput, latency = figure.axes
    line = line_of(throughput, "a/a")
    assert list(line.get_xdata()) == [-1.5, -0.5, 0.5, 1.5]
    assert list(line.get_ydata()) == [200] * 4
    assert list(line_of(latency, "a/a").get_ydata()) == [200_000] * 4
    assert latency.get_xlim() == (-2, 2)
    assert latency.get_ylabel() == "response time, 99 %"
    assert "warm-up" in figure_texts(figure)


def test_the_timeline_joins_slices_where_there_are_many(tmp_path):
    folder = sample_results.Folder()
    starts = range(0, 128 * SECOND, SECOND)
    rows = [{"phase": "measure", "start_ns": start, "length_ns": SECOND, "completed": 10 + start // SECOND % 4,
             "response_p99_ns": 100 + start // SECOND % 4} for start in starts]
    rows += [{"phase": "warmup", "start_ns": start, "length_ns": SECOND // 4, "completed": 3, "response_p99_ns": 50}
             for start in range(0, 4 * SECOND, SECOND // 4)]
    rows = [{**row, "offered": row["completed"] + 1} for row in rows]
    folder.add(strategy="a/a", intervals=rows, load_model="constant", offered_ops_s=12)
    throughput, latency = plot_timeline.figures(folder.write(tmp_path))[0].axes
    line = line_of(throughput, "a/a")
    # Four slices of 10, 11, 12, 13 operations: 46 in four seconds; sixteen of the warm-up hold 48.
    assert list(line.get_xdata()) == [-2, *range(2, 128, 4)]
    assert list(line.get_ydata()) == [12, *[11.5] * 32]
    assert list(line_of(latency, "a/a").get_ydata()) == [50, *[101.5] * 32]
    offered = [line for line in throughput.get_lines() if line.get_linestyle() == ":"]
    assert [list(line.get_ydata()) for line in offered] == [[16, *[12.5] * 32]]


def test_the_timeline_has_intervals_from_six_trials_on(tmp_path):
    folder = sample_results.Folder()
    for block in range(6):
        timed(folder, block, (), (0,), 100 + block, response_p99_ns=1000 + block)
    throughput, latency = plot_timeline.figures(folder.write(tmp_path))[0].axes
    for axes, bar in ((throughput, [100, 105]), (latency, [1000, 1005])):
        assert [segment[:, 1].tolist() for segment in axes.collections[0].get_segments()] == [bar]


def test_the_timeline_shows_the_median_where_slices_are_too_short_for_99_percent(tmp_path):
    folder = sample_results.Folder()
    timed(folder, 0, (), (0, SECOND), 30, response_p50_ns=500)
    figure, = plot_timeline.figures(folder.write(tmp_path))
    assert figure.axes[1].get_ylabel() == "response time, median"
    assert "Slices hold too few operations for a 99 % response time." in figure_texts(figure)
    assert "warm-up" not in figure_texts(figure)


@pytest.mark.parametrize("name", PLOTS)
def test_a_folder_of_unsound_trials_alone_is_drawn_as_such(tmp_path, name):
    folder = sample_results.realistic(blocks=2, samples=100)
    for row in folder.runs:
        row["status"] = "generator"
    for figure in PLOTS[name].figures(folder.write(tmp_path)):
        shown = figure_texts(figure)
        assert "Not compared: every trial (20 generator)." in shown
        assert "coarse/ticket" in shown and "null floor" not in shown


@pytest.mark.parametrize("name", PLOTS)
def test_a_folder_of_the_floor_alone_is_drawn(tmp_path, name):
    folder = sample_results.realistic(blocks=1, samples=100, strategies={})
    assert "null floor" in figure_texts(PLOTS[name].figures(folder.write(tmp_path))[0])


def test_names_of_files_are_no_formulas(tmp_path):
    folder = sample_results.Folder()
    folder.add(scenario="logs/$\\frac{1}$ & <b>.csv", achieved_ops_s=1e6)
    folder.write(tmp_path)
    assert plot_style.main("throughput", "", plot_throughput.figures, [str(tmp_path)]) == 0
    assert any(text.startswith("$\\frac{1}$ & <b>.csv · ") for text in texts(tmp_path / "throughput.svg"))


def test_strategies_differ_without_colour_and_look_the_same_in_every_plot(tmp_path):
    names = [f"{server}/{lock}" for server in ("coarse", "sharded", "snapshot", "actor") for lock in "abcdefghijkl"]
    folder = blocks_of(tmp_path, {name: [1e6] for name in names})
    looks = plot_style.styles(load_runs(folder))
    shapes = {(look["marker"], look["fillstyle"], look["markerfacecolor"] == "white") for look in looks.values()}
    assert len(shapes) == len(names) == 48
    assert looks["coarse/a"]["color"] == looks["sharded/a"]["color"]
    clash = blocks_of(tmp_path / "clash", {f"{server}/same": [1e6] for server in "abcdefgh"})
    looks = plot_style.styles(load_runs(clash))
    assert len({(look["marker"], look["fillstyle"], look["markerfacecolor"]) for look in looks.values()}) == 8


@pytest.mark.parametrize("ns, text", [(0, "0 ns"), (1, "1 ns"), (250, "250 ns"), (999.6, "1 µs"), (1500, "1.5 µs"),
                                      (20e6, "20 ms"), (3.6e12, "3.6e+03 s")])
def test_durations_have_their_natural_unit(ns, text):
    assert plot_style.duration(ns).replace("\u00a0", " ") == text


@pytest.mark.parametrize("rate, text", [(0, "0"), (7, "7"), (999.6, "1 k"), (12_345, "12.3 k"), (2.5e6, "2.5 M")])
def test_rates_have_three_significant_digits(rate, text):
    assert plot_style.si(rate).replace("\u00a0", " ") == text


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("plot", [plot_latency, plot_throughput, plot_timeline])
def test_numpy_has_nothing_to_warn_of_where_pandas_computes_alone(tmp_path, plot):
    folder = sample_results.realistic(blocks=2, samples=50).write(tmp_path)
    with pandas.option_context("compute.use_bottleneck", False):
        assert plot.figures(folder)
