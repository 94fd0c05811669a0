"""What the plots of deliveries, fairness and anatomy say, and how the timeline follows a growing file."""

import pathlib
import signal
import subprocess
import sys
import threading

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import crosstalk_csv  # noqa: E402
import growing_file  # noqa: E402
import plot_anatomy  # noqa: E402
import plot_delivery  # noqa: E402
import plot_fairness  # noqa: E402
import plot_style  # noqa: E402
import plot_timeline  # noqa: E402
import sample_results  # noqa: E402
from plot_texts import figure_texts  # noqa: E402


def blocks_of(folder, blocks, **cells):
    for block in range(blocks):
        folder.add(**{**sample_results.everything_of_a_trial(), "block": block, **{
            key: value[block] if isinstance(value, list) else value for key, value in cells.items()}})
    return folder


def test_deliveries_are_medians_with_intervals_and_the_reach_is_said(tmp_path):
    folder = blocks_of(sample_results.Folder(), 6, strategy="a/a", reach=0.99996,
                       delivery_last_p99_ns=[1000, 2000, 3000, 4000, 5000, 6000])
    blocks_of(folder, 2, strategy="a/b", reach=1, delivery_last_p99_ns=500)
    blocks_of(folder, 1, strategy="a/c", verified=0)
    figure, = plot_delivery.figures(folder.write(tmp_path))
    axes, = figure.axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a/b", "a/a", "a/c"]
    shown = figure_texts(figure)
    assert "99.99 % no comparable trial" in shown and "all" in shown  # never rounded up to everybody
    last = [line for line in axes.get_lines() if line.get_marker() == ">" and len(line.get_xdata()) == 1]
    assert sorted(line.get_xdata()[0] for line in last) == [500, 3500]
    ends = [segment[:, 0].tolist() for bars in axes.collections for segment in bars.get_segments()]
    assert [1000, 6000] in ends
    assert axes.get_xlabel() == "99 % delivery time since the post was due, logarithmic"


def test_a_stage_without_posts_enough_is_said(tmp_path):
    folder = blocks_of(sample_results.Folder(), 1, delivery_median_p99_ns="")
    assert "Too few posts for the 99 % of: median inbox." in figure_texts(plot_delivery.figures(folder.write(tmp_path))[0])


def test_fairness_without_clients_is_the_measures(tmp_path):
    folder = blocks_of(sample_results.Folder(), 6, strategy="a/a", jain_clients=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    blocks_of(folder, 2, strategy="a/b", jain_clients=0.9, bypass_max="")
    blocks_of(folder, 1, strategy="null/null", role="floor", jain_clients=0.97)
    figure, = plot_fairness.figures(folder.write(tmp_path))
    assert [axes.get_title("left") for axes in figure.axes] == [label for _, label, _ in plot_fairness.MEASURES]
    clients = figure.axes[0]
    assert [tick.get_text() for tick in clients.get_yticklabels()] == ["a/b", "a/a"]
    markers = sorted(float(line.get_xdata()[0]) for line in clients.get_lines() if line.get_zorder() == 4)
    assert markers == pytest.approx([0.35, 0.9])
    dashed = [line.get_xdata()[0] for line in clients.get_lines() if line.get_linestyle() == "--"]
    assert dashed == [0.97]


def test_clients_are_drawn_sorted_where_the_file_is_there(tmp_path):
    folder = blocks_of(sample_results.Folder(), 6, strategy="a/a", load_model="poisson", offered_ops_s=9)
    folder.write(tmp_path)
    rows = [f"1,20250301-120000-77,{trial},completed_share,{share},{0.5 + share / 200 + trial / 1000}"
            for trial in range(6) for share in (0, 50, 100)]
    (tmp_path / "clients.csv").write_text("\n".join([",".join(crosstalk_csv.CLIENTS_COLUMNS), *rows]) + "\n")
    curve, measures = plot_fairness.figures(tmp_path)
    line, = [line for line in curve.axes[0].get_lines() if line.get_label() == "a/a"]
    assert list(line.get_xdata()) == [0, 50, 100]
    assert list(line.get_ydata()) == pytest.approx([0.5025, 0.7525, 1.0025])
    assert "band: its 95 % confidence interval" in figure_texts(curve)
    assert (curve.axes[0].get_xlabel(), curve.axes[0].get_ylabel()) == ("clients, sorted, %", "completed / offered")
    assert "Fairness" in figure_texts(measures)


def test_the_anatomy_is_stacked_for_every_kind_of_operation(tmp_path):
    folder = blocks_of(sample_results.Folder(), 6, strategy="a/a", anatomy_rest_ns=[100, 110, 120, 130, 140, 150])
    folder.runs += [{**row, "op": "post", "anatomy_lock_wait_ns": 700} for row in list(folder.runs)]
    blocks_of(folder, 1, strategy="null/null", role="floor", trial=99)
    figure, = plot_anatomy.figures(folder.write(tmp_path))
    totals, posts = figure.axes
    assert [axes.get_title("left") for axes in figure.axes] == ["all operations", "post"]
    names = [tick.get_text() for tick in totals.get_yticklabels()]
    assert names == ["a/a", "null floor"]
    bars = [(bar.get_x(), bar.get_width()) for bar in posts.patches if getattr(bar, "get_height", float)() == 0.7]
    assert bars == [(0, 100), (100, 100), (200, 700), (900, 100), (1000, 125)]
    ends = [list(line.get_xdata()) for line in posts.get_lines() if line.get_marker() == "|"]
    assert ends == [[1100, 1150]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [label for _, label, _ in plot_anatomy.PARTS]


HEADER = ",".join(crosstalk_csv.INTERVALS_COLUMNS) + "\n"


def slice_of(trial, start):
    return f"1,r,{trial},all,measure,{start * 10**9},{10**9},100,90,500,900,1000,5\n"


def test_a_growing_file_is_drawn_with_the_names_that_runs_csv_knows(tmp_path):
    folder = sample_results.Folder()
    folder.add(run_id="r", trial=0, strategy="a/a")
    folder.write(tmp_path)
    file = tmp_path / "live.csv"
    file.write_text(HEADER + slice_of(0, 0) + slice_of(0, 1) + slice_of(1, 0))
    figure = plot_timeline.growing(crosstalk_csv.load_growing_intervals(file), tmp_path)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["a/a, trial 0", "trial 1"]
    (tmp_path / "runs.csv").write_text("torn")
    figure = plot_timeline.growing(crosstalk_csv.load_growing_intervals(file), tmp_path)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["trial 0", "trial 1"]


def test_following_draws_what_was_added_and_ends_with_the_last_state(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(growing_file, "PAUSE_S", 0)
    file, stop, seen = tmp_path / "live.csv", threading.Event(), []
    # What the file holds at each look: nothing, half a header, a slice and a half, two slices, the same, three.
    texts = iter([None, HEADER[:9], HEADER + slice_of(0, 0) + "1,r,", HEADER + slice_of(0, 0) + slice_of(0, 1), None,
                  HEADER + slice_of(0, 0) + slice_of(0, 1) + slice_of(0, 2)])
    state = growing_file._state

    def next_state(path):
        text = next(texts, "")
        if text == "":
            stop.set()
        elif text is not None:
            file.write_text(text)
        return state(path)

    monkeypatch.setattr(growing_file, "_state", next_state)
    growing_file.follow(file, lambda table: seen.append(len(table)) or plot_timeline.growing(table, None),
                        [tmp_path / "x.svg"], stop)
    assert seen == [1, 2, 3]
    assert capsys.readouterr().out == f"{tmp_path}/x.svg\n"
    assert (tmp_path / "x.svg").is_file()


def test_following_nothing_and_a_damaged_line_are_told(tmp_path):
    stop = threading.Event()
    stop.set()
    with pytest.raises(plot_style.NothingToDraw):
        growing_file.follow(tmp_path / "none.csv", None, [], stop)
    (tmp_path / "bad.csv").write_text(HEADER + "1,r,x\n")
    with pytest.raises(crosstalk_csv.CsvError, match="bad.csv:2: 3 cells"):
        growing_file.follow(tmp_path / "bad.csv", None, [], stop)


def test_ctrl_c_ends_following_with_the_picture_written(tmp_path):
    file = tmp_path / "live.csv"
    file.write_text(HEADER + slice_of(0, 0) + slice_of(0, 1) + "1,r")
    command = [sys.executable, str(SCRIPTS / "plot_timeline.py"), "--follow", str(file), "--format", "svg"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == f"{tmp_path}/timeline.svg\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out, err) == (0, "", "")
    assert (tmp_path / "timeline.svg").is_file()


def test_the_timeline_needs_a_folder_or_a_file(capsys):
    with pytest.raises(SystemExit) as caught:
        plot_timeline.main([])
    assert caught.value.code == 2
    assert capsys.readouterr().err == "plot_timeline.py: the following arguments are required: RESULTS_DIR\n"
