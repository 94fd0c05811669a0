"""The plots as programs: valid pictures, one line and an exit code for every error."""

import importlib
import itertools
import pathlib
import re
import subprocess
import sys

import matplotlib.image
import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import plot_latency  # noqa: E402
import plot_style  # noqa: E402
import plot_throughput  # noqa: E402
import plot_timeline  # noqa: E402
import sample_results  # noqa: E402
from plot_texts import figure_texts, texts  # noqa: E402

PLOTS = {"throughput": plot_throughput, "latency": plot_latency, "timeline": plot_timeline}
# Every program: those that parts of them stand in are none.
PROGRAMS = sorted(path.stem.removeprefix("plot_") for path in SCRIPTS.glob("plot_*.py")
                  if path.read_text().startswith("#!"))
CSV_OF = {"throughput": "runs", "latency": "latency", "timeline": "intervals"}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The main job: ten strategies and the floor, closed and open loop, some trials unsound."""
    folder = sample_results.realistic(blocks=6, samples=2000)
    for row in folder.runs:
        if row["strategy"] == "coarse/ticket" and row["block"] == 1:
            row["status"] = "generator"
        if row["strategy"] == "coarse/rw_lock" and row["block"] < 2:
            row["verified"] = 0
        if row["strategy"] == "sharded/ttas":
            row["status"] = "saturated"
    return folder.write(tmp_path_factory.mktemp("results"))


def run(name, *args, **options):
    command = [sys.executable, str(SCRIPTS / f"plot_{name}.py"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_writes_png_and_svg_and_prints_their_paths(results, name):
    done = run(name, results)
    assert (done.returncode, done.stderr) == (0, "")
    paths = [pathlib.Path(line) for line in done.stdout.splitlines()]
    assert paths[:2] == [results / f"{name}.png", results / f"{name}.svg"]
    assert list(results.glob("*.part")) == []
    for path in paths:
        if path.suffix == ".png":
            height, width, _ = matplotlib.image.imread(path).shape
            assert width == 1600 and height > 400
            continue
        shown = texts(path)
        for strategy in sample_results.STRATEGIES:
            assert any(text.startswith(strategy) for text in shown), strategy
        assert any(text.startswith("null floor") for text in shown)
        everything = " ".join(shown)
        for needed in ("community · 5,000 clients · 2 driver threads · direct path", "6 blocks",
                       "coarse/rw_lock 2 of 6 trials (2 a law broke)", "coarse/ticket 1 of 6 trials (1 generator)",
                       "Example CPU, 2.1 GHz · 2 CPUs · GNU 12.2.0 · Release · 0123abcd"):
            assert needed in everything


def test_each_plot_draws_the_load_it_is_about(results):
    throughput, = plot_throughput.figures(results)
    assert "closed loop" in figure_texts(throughput)
    latency, = plot_latency.figures(results)
    assert "poisson load, 60 k operations/s offered" in figure_texts(latency)
    open_loop, closed_loop = plot_timeline.figures(results)
    assert "poisson load" in figure_texts(open_loop) and "closed loop" not in figure_texts(open_loop)
    assert "closed loop" in figure_texts(closed_loop) and "poisson load" not in figure_texts(closed_loop)


@pytest.mark.parametrize("name", PLOTS)
def test_axes_are_named_with_their_units(results, name):
    figure = PLOTS[name].figures(results)[0]
    labels = [axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes]
    wanted = {"throughput": ["operations per second"], "latency": ["percentile of operations"],
              "timeline": ["operations per second", "seconds"]}[name]
    for label, words in zip(labels, wanted):
        assert words in label
    figure.canvas.draw()
    ticks = [text.get_text() for text in figure.axes[-1].get_yticklabels()]
    if name != "throughput":
        assert all(re.fullmatch(r"\d+(\.\d+)?\u00a0(ns|µs|ms|s)", tick) for tick in ticks if tick)


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_output_names_the_one_file_to_write(results, tmp_path, suffix):
    output = tmp_path / f"a b{suffix}"
    done = run("throughput", results, "--output", output)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{output}\n", "")
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


def test_equal_results_give_equal_files(results, tmp_path):
    for output in (tmp_path / "one.svg", tmp_path / "two.svg"):
        assert plot_style.main("latency", "", plot_latency.figures, [str(results), "--output", str(output)]) == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_is_the_docstring(name):
    done = run(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert importlib.import_module(f"plot_{name}").__doc__.strip() in done.stdout
    assert ("POINTS_CSV" if name == "history" else "RESULTS_DIR") in done.stdout and "--output FILE" in done.stdout


@pytest.mark.parametrize("args, message", [
    ([], "the following arguments are required: RESULTS_DIR"),
    (["a", "b"], "unrecognized arguments: b"),
    (["a", "--colour"], "unrecognized arguments: --colour"),
    (["a", "--output"], "argument --output: expected one argument"),
    (["a", "--output", "x.pdf"], "--output: must end in .png or .svg, got 'x.pdf'"),
    (["nowhere"], "nowhere/runs.csv: cannot be opened: No such file or directory")])
def test_bad_arguments_are_one_line_and_exit_code_2(tmp_path, args, message):
    done = run("latency", *args, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"plot_latency.py: {message}\n")


@pytest.mark.parametrize("name", PLOTS)
def test_a_damaged_file_is_one_line_and_exit_code_2(tmp_path, name):
    folder = sample_results.realistic(blocks=1, samples=50).write(tmp_path)
    file = folder / f"{CSV_OF[name]}.csv"
    file.write_text(file.read_text() + "torn")
    lines = file.read_text().count("\n") + 1
    done = run(name, folder)
    wanted = f"plot_{name}.py: {file}:{lines}: the last line is cut off\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", wanted)
    assert list(folder.glob(f"{name}.*g")) == []


@pytest.mark.parametrize("name, why", [
    ("latency", "no strategy has the operations that a percentile needs (trials too short, or measured with"
                " --no-latency)"),
    ("timeline", "no slice of a trial (crashed, or measured with --no-latency)")])
def test_trials_without_histograms_or_slices_are_one_line_and_exit_code_4(tmp_path, name, why, capsys):
    folder = sample_results.Folder()
    folder.add()
    assert plot_style.main(name, "", PLOTS[name].figures, [str(folder.write(tmp_path))]) == 4
    assert capsys.readouterr().err == f"plot_{name}.py: {tmp_path}: {why}\n"


def test_a_damaged_environment_is_refused_and_a_missing_one_is_not(tmp_path, capsys):
    folder = sample_results.realistic(blocks=1, samples=50).write(tmp_path)
    (folder / "environment.csv").write_text("key,value\nkernel\n")
    assert plot_style.main("throughput", "", plot_throughput.figures, [str(folder)]) == 2
    assert "environment.csv:2: 1 cells, but the header has 2" in capsys.readouterr().err
    (folder / "environment.csv").unlink()
    assert "GNU 12.2.0" in figure_texts(plot_throughput.figures(folder)[0])


def test_what_cannot_be_written_is_one_line_and_exit_code_7(results, tmp_path):
    (tmp_path / "file").write_text("")
    for output, reason in ((tmp_path / "file" / "x.png", "Not a directory"),
                           (tmp_path / "nowhere" / "x.svg", "No such file or directory")):
        done = run("throughput", results, "--output", output)
        assert (done.returncode, done.stdout) == (7, "")
        assert done.stderr == f"plot_throughput.py: {output}: {reason}\n"


def test_a_full_disk_leaves_no_half_picture(results, tmp_path):
    # A limit on the size of files stands in for a full disk.
    output = tmp_path / "x.png"
    code = ("import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000));"
            f"sys.path.insert(0, {str(SCRIPTS)!r}); sys.argv = ['x', {str(results)!r}, '--output', {str(output)!r}];"
            f"runpy.run_path({str(SCRIPTS / 'plot_throughput.py')!r}, run_name='__main__')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (7, f"plot_throughput.py: {output}: File too large\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name, package", list(itertools.product(PROGRAMS, ("numpy", "pandas", "matplotlib"))))
def test_a_python_without_the_packages_is_one_line_and_exit_code_2(tmp_path, name, package):
    (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError(\"No module named '{package}'\")\n")
    done = run(name, tmp_path, env={"PYTHONPATH": str(tmp_path)})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"plot_{name}.py: ")
    assert "python3-numpy python3-pandas python3-matplotlib" in done.stderr
