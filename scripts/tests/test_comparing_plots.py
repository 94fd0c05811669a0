"""What the plots of comparisons say: scaling, load, winners and the forest plot."""

import pathlib
import sys

import numpy as np
import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import crosstalk_csv  # noqa: E402
import plot_comparison  # noqa: E402
import plot_load  # noqa: E402
import plot_scaling  # noqa: E402
import plot_style  # noqa: E402
import plot_winners  # noqa: E402
import sample_results  # noqa: E402
from plot_texts import figure_texts  # noqa: E402


def scaling_folder(tmp_path, ops_s, threads=(1, 2, 4, 8), blocks=6, **cells):
    folder = sample_results.Folder()
    for block in range(blocks):
        for number in threads:
            folder.add(strategy="a/a", threads=number, block=block, achieved_ops_s=ops_s(number) * (1 + block / 100),
                       **cells)
    folder.environment.append(("kernel", "x"))
    return folder.write(tmp_path)


def law(n):
    return 1e6 * n / (1 + 0.1 * (n - 1) + 0.02 * n * (n - 1))


def test_scaling_fits_the_law_and_shades_what_was_not_measured(tmp_path):
    figure, = plot_scaling.figures(scaling_folder(tmp_path, law))
    shown = figure_texts(figure)
    assert "a/a σ 0.1, κ 0.02, peak at 6.7" in shown and "a guess" not in shown
    assert "not measured" in shown and "2 CPUs" in shown
    axes, = figure.axes
    solid = [line for line in axes.get_lines() if line.get_linestyle() == "-" and len(line.get_xdata()) > 50]
    dashed = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert (solid[0].get_xdata()[-1], dashed[0].get_xdata()[0], dashed[0].get_xdata()[-1]) == pytest.approx((8, 8, 16))
    assert solid[0].get_ydata()[-1] == pytest.approx(law(8) * 1.025, rel=0.01)


def test_a_peak_beyond_what_was_measured_is_called_a_guess(tmp_path):
    figure, = plot_scaling.figures(scaling_folder(tmp_path, law, threads=(1, 2, 4)))
    assert "peak at 6.7 (a guess)" in figure_texts(figure)


@pytest.mark.parametrize("ops_s, threads, why", [
    (law, (1, 2), "no fit: fewer than 3 thread counts"),
    (lambda n: 1e6 * n**1.2, (1, 2, 4), "no fit: grows faster than threads"),
    (lambda n: 1e6 if n != 4 else 4e6, (1, 2, 4, 8), "no fit: off by")])
def test_a_fit_that_is_not_justified_is_not_drawn(tmp_path, ops_s, threads, why):
    figure, = plot_scaling.figures(scaling_folder(tmp_path, ops_s, threads))
    assert why in figure_texts(figure)
    assert not [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) > 30]


def test_capacities_are_drawn_over_threads(tmp_path):
    folder = scaling_folder(tmp_path, law, load_model="poisson", offered_ops_s=1000)
    write_capacity(folder, [(1, 1e5), (2, 1.7e5), (4, 2.6e5)])
    figure, = plot_scaling.figures(folder)
    shown = figure_texts(figure)
    assert "Capacity over threads" in shown and "largest Poisson rate with post.response.p99<2ms" in shown
    markers = [line for line in figure.axes[0].get_lines() if line.get_label().startswith("a/a")]
    assert list(markers[0].get_ydata()) == [1e5, 1.7e5, 2.6e5]


def write_capacity(folder, found, slo="post.response.p99<2ms"):
    header = ",".join(crosstalk_csv.CAPACITY_COLUMNS)
    rows = [f"1,r,community,a/a,5000,{threads},0,direct,{slo},found,{rate:.0f},{rate * 1.05:.0f},1,9,1000000,"
            for threads, rate in found]
    (folder / "capacity.csv").write_text("\n".join([header, *rows]) + "\n")


def load_folder(tmp_path, blocks=6):
    folder = sample_results.Folder()
    for rate in (10_000, 20_000, 40_000):
        for block in range(blocks):
            late = rate == 40_000
            cells = dict(strategy="a/a", block=block, load_model="poisson", offered_ops_s=rate, achieved_ops_s=rate
                         * (0.5 if late else 1), status="saturated" if late else "ok", trial=len(folder.runs))
            folder.add(response=np.full(600, rate // 10 + block), **cells)
            folder.runs.append({**folder.runs[-1], "op": "post", "response_p99_ns": rate // 5})
    return folder.write(tmp_path)


def test_load_is_the_response_at_every_rate_with_rings_where_it_was_saturated(tmp_path):
    figure, = plot_load.figures(load_folder(tmp_path))
    upper, lower = figure.axes
    line, = [line for line in upper.get_lines() if line.get_label() == "a/a"]
    assert list(line.get_xdata()) == [10_000, 20_000, 40_000]
    assert list(line.get_ydata()) == pytest.approx([1002.5, 2002.5, 4002.5], rel=0.01)
    rings = [list(line.get_xdata()) for line in upper.get_lines() if line.get_label() == "_ring"]
    assert rings == [[40_000]]
    assert list(lower.get_lines()[0].get_ydata()) == [100, 100, 50]
    assert upper.get_ylabel() == "response time, 99 %" and lower.get_ylabel() == "completed, % of offered"
    assert lower.get_xlabel().startswith("offered operations per second")


def test_a_capacity_has_its_bracket_its_bound_and_the_operation_that_it_is_about(tmp_path):
    folder = load_folder(tmp_path)
    write_capacity(folder, [(2, 20_000)], slo="post.response.p99<6us")
    figure, = plot_load.figures(folder)
    upper = figure.axes[0]
    line, = [line for line in upper.get_lines() if line.get_label() == "a/a"]
    assert list(line.get_ydata()) == [2000, 4000, 8000]
    assert upper.get_ylabel() == "post: response time, 99 %"
    assert "bound 6 µs" in figure_texts(figure)
    assert [20_000, 21_000] in [list(line.get_xdata()) for line in upper.get_lines()]


def test_winners_are_named_and_what_is_not_resolved_is_hatched(tmp_path):
    folder = sample_results.Folder()
    cell = sample_results.map_cell
    empty = dict(leader_ops_s="", runner_up="", ratio="", ratio_low="", ratio_high="", p="", p_holm="",
                 verdict="nothing_to_compare", blocks=0)
    folder.cells = [cell(1, 10, "a/x"), cell(2, 10, "a/x", ratio=2.5, floor_share=0.4), cell(4, 10, "a/y"),
                    cell(8, 10, "a/z", verdict="unresolved", ratio=1.02), cell(1, 50, "", **empty)]
    figure, = plot_winners.figures(folder.write(tmp_path))
    axes, = figure.axes
    shown = figure_texts(figure)
    for text in ("A 1.30×", "A 2.50×", "B 1.30×", "C 1.02×", "1.20–1.40", "a winner in 3 of them", "1 cell: nothing to"):
        assert text in shown, text
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["A  a/x (2)", "B  a/y (1)", "C  a/z (0)", "not resolved"]
    assert [(patch.get_x(), patch.get_y()) for patch in axes.patches if patch.get_hatch()] == [(3, 0)]
    assert "Dot: more than a third" in shown


def duel_folder(tmp_path, blocks, faster=1.5):
    folder = sample_results.Folder()
    for block in range(blocks):
        noise = 1 + 0.01 * (block % 3)
        folder.add(strategy="a/win", block=block, achieved_ops_s=faster * 1e6 * noise)
        folder.add(strategy="a/other", block=block, achieved_ops_s=1e6)
        folder.add(strategy="a/near", block=block, achieved_ops_s=faster * 1e6 * (0.99 if block % 2 else 1.005) * noise)
    return folder.write(tmp_path)


def test_a_forest_of_runs_has_ratios_to_the_winner_and_says_what_is_not_resolved(tmp_path):
    figure, = plot_comparison.figures(duel_folder(tmp_path, 12))
    shown = figure_texts(figure)
    assert "Compared with a/win: throughput" in shown
    assert "0.997 [0.990, 1.005] not resolved" in shown
    assert "0.66 [0.66, 0.66]" in shown
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["a/near", "a/other"]
    fills = [line.get_markerfacecolor() for line in figure.axes[0].get_lines() if line.get_marker() in ("o", "s")]
    assert fills == ["white", plot_comparison.WORSE]


def test_too_few_blocks_tell_nothing_apart(tmp_path):
    figure, = plot_comparison.figures(duel_folder(tmp_path, 3))
    assert figure_texts(figure).count("too few blocks") == 2


def test_the_programs_own_verdicts_are_drawn_where_they_are(tmp_path):
    folder = duel_folder(tmp_path, 12)
    header = ",".join(crosstalk_csv.COMPARISON_COLUMNS)
    row = '1,r,"closed, 5 clients",{0},v,{1},a/win,a/other,2000,1000,2,1.6,2.5,95,0,0,9,1,5,7.5,{2}'
    rows = [row.format("throughput", "larger", "better"), row.format("response_p99", "smaller", "unresolved")]
    (folder / "comparison.csv").write_text("\n".join([header, *rows]) + "\n")
    first, second = plot_comparison.figures(folder)
    assert "0.50 [0.40, 0.62] not resolved" not in figure_texts(first)
    assert "0.50 [0.40, 0.62] not resolved" in figure_texts(second)
    assert "a difference of 7.5 % would have been seen" in figure_texts(second)
    assert "closed, 5 clients · 9 blocks · a/win: 2.00 k/s" in figure_texts(first)


@pytest.mark.parametrize("name, plot", [("winners", plot_winners), ("comparison", plot_comparison)])
def test_a_damaged_table_is_one_line_and_exit_code_2(tmp_path, capsys, name, plot):
    folder = duel_folder(tmp_path, 2)
    file = {"winners": "map", "comparison": "comparison"}[name]
    (folder / f"{file}.csv").write_text("schema_version\n1\n")
    assert plot_style.main(name, "", plot.figures, [str(folder)]) == 2
    assert capsys.readouterr().err == f"plot_{name}.py: {folder}/{file}.csv:1: column missing: run_id\n"
