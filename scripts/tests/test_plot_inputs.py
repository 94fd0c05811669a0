"""Every plot on the inputs that are hard to draw: nothing, one row, nothing sound, very many strategies."""

import pathlib
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import plot_anatomy  # noqa: E402
import plot_comparison  # noqa: E402
import plot_delivery  # noqa: E402
import plot_fairness  # noqa: E402
import plot_latency  # noqa: E402
import plot_load  # noqa: E402
import plot_scaling  # noqa: E402
import plot_style  # noqa: E402
import plot_throughput  # noqa: E402
import plot_timeline  # noqa: E402
import plot_winners  # noqa: E402
import sample_results  # noqa: E402
from plot_texts import figure_texts, overlaps  # noqa: E402

PLOTS = {"throughput": plot_throughput, "latency": plot_latency, "timeline": plot_timeline, "delivery": plot_delivery,
         "scaling": plot_scaling, "load": plot_load, "fairness": plot_fairness, "anatomy": plot_anatomy,
         "comparison": plot_comparison, "winners": plot_winners}
# Of one trial they can say nothing: they compare.
NEED_MORE_THAN_ONE_TRIAL = ("scaling", "load", "comparison")


def fifty():
    return [f"{server}/mechanism_{number:02}" for server in ("coarse", "sharded") for number in range(25)]


def everything(strategies, blocks=2, **cells):
    """A folder in which every plot finds what it draws."""
    folder = sample_results.Folder()
    facts = {**sample_results.everything_of_a_trial(), **cells}
    for rate in (10_000, 50_000):
        for block in range(blocks):
            for threads in (1, 2, 4):
                for index, strategy in enumerate(strategies):
                    slow = 1 + index / 10 + block / 50
                    folder.add(**{**facts, "strategy": strategy, "block": block, "threads": threads,
                                  "load_model": "poisson", "offered_ops_s": rate, "achieved_ops_s": rate / slow,
                                  "response": [int(900 * slow)] * 600, "service": [int(300 * slow)] * 600})
    folder.cells = [sample_results.map_cell(threads, writes, strategies[(threads + writes) % len(strategies)])
                    for threads in (1, 2, 4, 8) for writes in (1, 10, 50)]
    return folder


def exit_code(name, folder, capsys):
    code = plot_style.main(name, "", PLOTS[name].figures, [str(folder), "--format", "svg"])
    return code, capsys.readouterr().err


@pytest.mark.parametrize("name", PLOTS)
def test_a_folder_without_rows_has_nothing_to_draw(tmp_path, capsys, name):
    folder = sample_results.Folder()
    folder.cells = []
    code, message = exit_code(name, folder.write(tmp_path), capsys)
    assert code == 4
    assert message.startswith(f"plot_{name}.py: {tmp_path}") and message.count("\n") == 1
    assert not list(tmp_path.glob("*.svg"))


@pytest.mark.parametrize("name", PLOTS)
def test_one_row_is_drawn_or_said_to_be_too_little(tmp_path, capsys, name):
    folder = sample_results.Folder()
    folder.add(**sample_results.everything_of_a_trial(), service=[100] * 600, response=[200] * 600,
               load_model="poisson", offered_ops_s=1000, achieved_ops_s=1000)
    folder.cells = [sample_results.map_cell(2, 10, "coarse/ticket")]
    code, message = exit_code(name, folder.write(tmp_path), capsys)
    assert code == (4 if name in NEED_MORE_THAN_ONE_TRIAL else 0)
    assert message.count("\n") == (code == 4)


@pytest.mark.parametrize("name", [name for name in PLOTS if name not in ("winners", "comparison")])
def test_nothing_sound_is_drawn_as_such(tmp_path, name):
    folder = everything(["coarse/ticket", "sharded/ttas"], status="contaminated").write(tmp_path)
    for figure in PLOTS[name].figures(folder):
        assert "Not compared: every trial" in figure_texts(figure)
        figure.canvas.draw()


def test_nothing_sound_leaves_nothing_to_compare(tmp_path, capsys):
    folder = everything(["coarse/ticket", "sharded/ttas"], status="contaminated").write(tmp_path)
    code, message = exit_code("comparison", folder, capsys)
    assert (code, message.count("\n")) == (4, 1)


@pytest.mark.parametrize("name", [name for name in PLOTS if name != "winners"])
def test_measured_zeros_are_drawn_without_a_warning(tmp_path, name, recwarn):
    folder = everything(["coarse/ticket", "sharded/ttas", "null/null"], blocks=1)
    for row in folder.runs:
        row["role"] = "floor" if row["strategy"] == "null/null" else ""
        row.update({cell: 0 for cell in row if cell.endswith(("_ns", "_ops_s")) and cell not in ("outside_ns", "offered_ops_s")})
    try:
        figure = PLOTS[name].figures(folder.write(tmp_path))[0]
        figure.canvas.draw()
    except plot_style.NothingToDraw:
        assert name == "comparison"  # a ratio of zeros is none
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize("name", PLOTS)
def test_labels_of_fifty_strategies_do_not_overlap(tmp_path, name):
    folder = everything(fifty(), blocks=1).write(tmp_path)
    figure = PLOTS[name].figures(folder)[0]
    assert overlaps(figure) == []


@pytest.mark.parametrize("name", PLOTS)
def test_equal_results_give_equal_pictures(tmp_path, capsys, name):
    folder = everything(["coarse/ticket", "sharded/ttas", "coarse/rw_lock"]).write(tmp_path)
    pictures = []
    for output in (tmp_path / "one.svg", tmp_path / "two.svg"):
        assert plot_style.main(name, "", PLOTS[name].figures, [str(folder), "--output", str(output)]) == 0
        pictures.append(output.read_bytes())
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("arguments, endings", [
    ([], ["png", "svg"]), (["--format", "both"], ["png", "svg"]), (["--format", "png"], ["png"]),
    (["--format", "svg"], ["svg"])])
def test_the_format_says_what_is_written(tmp_path, arguments, endings):
    folder = sample_results.Folder()
    folder.add()
    folder.write(tmp_path)
    assert plot_style.main("throughput", "", plot_throughput.figures, [str(tmp_path), *arguments]) == 0
    assert sorted(path.suffix[1:] for path in tmp_path.glob("throughput.*")) == endings


def test_a_format_that_the_output_contradicts_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        plot_style.main("throughput", "", plot_throughput.figures, [str(tmp_path), "--output", "x.png", "--format", "svg"])
    assert caught.value.code == 2
    assert capsys.readouterr().err == "plot_throughput.py: --format: svg is not what --output ends in: 'x.png'\n"
