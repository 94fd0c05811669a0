"""`crosstalk report` from outside: other people's programs read its exports, and its files are what they claim to be."""

import csv
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from test_program import crosstalk, rows

COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")  # Debian's libbenchmark-tools
STRATEGIES = "coarse/std_mutex,sharded/std_mutex"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two folders of the same measurement, three repetitions each."""
    folders = []
    for name in ("old", "new"):
        folder = tmp_path_factory.mktemp("report") / name
        run = crosstalk("run", "--clients", "50", "--ops", "5000", "--seed", "1", "--repetitions", "3", "--strategy",
                        STRATEGIES, "--out", folder)
        assert run.returncode == 0, run.stderr
        folders.append(folder)
    return folders


def exported(folder, form, *more):
    said = crosstalk("report", folder, "--export", form, *more)
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_report_says_what_run_said(results, tmp_path):
    run = crosstalk("run", "--clients", "50", "--ops", "5000", "--seed", "1", "--strategy", STRATEGIES, "--out",
                    tmp_path / "r")
    report = crosstalk("report", tmp_path / "r")
    assert report.returncode == 0
    assert report.stdout.startswith(run.stdout)
    assert max(map(len, report.stdout.splitlines())) <= 80
    assert "\x1b" not in report.stdout


def test_compare_py_reads_two_exports(results, tmp_path):
    if not COMPARE.is_file():
        pytest.skip("libbenchmark-tools is not installed")
    files = []
    for folder in results:
        files.append(tmp_path / f"{folder.name}.json")
        exported(folder, "gbench", "--out", files[-1])
    done = subprocess.run([sys.executable, COMPARE, "--no-color", "-d", tmp_path / "diff.json", "benchmarks", *files],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    names = {row["name"] for row in json.loads((tmp_path / "diff.json").read_text())}
    for strategy in STRATEGIES.split(","):
        for kind in ("", "/response_p99"):
            assert f"community/{strategy}/closed/clients:50/threads:2{kind}" in {
                re.sub(r"threads:\d+", "threads:2", name) for name in names}


def test_github_action_benchmark_finds_its_fields(results):
    """tool: googlecpp reads name, real_time, time_unit, iterations, cpu_time and threads of every benchmark."""
    document = json.loads(exported(results[0], "gbench"))
    assert isinstance(document["context"]["date"], str)
    assert document["benchmarks"]
    for benchmark in document["benchmarks"]:
        assert isinstance(benchmark["name"], str) and benchmark["name"]
        assert benchmark["time_unit"] in ("ns", "us", "ms", "s")
        for number in ("real_time", "cpu_time", "iterations", "threads"):
            assert isinstance(benchmark[number], (int, float)) and math.isfinite(benchmark[number])
        # Repetitions of one time have no spread.
        spread = benchmark.get("aggregate_name") in ("stddev", "cv")
        assert benchmark["real_time"] >= 0 if spread else benchmark["real_time"] > 0


def test_bencher_finds_its_fields(results):
    """Its adapter wants a list of caches in the context; a date, and whole numbers of processors and megahertz."""
    context = json.loads(exported(results[0], "gbench"))["context"]
    assert context["caches"] == []
    assert isinstance(context["num_cpus"], int) and isinstance(context["mhz_per_cpu"], int)


def test_repetitions_and_aggregates_are_those_of_google_benchmark(results):
    benchmarks = json.loads(exported(results[0], "gbench"))["benchmarks"]
    single = [each for each in benchmarks if each["run_type"] == "iteration"]
    assert {each["repetition_index"] for each in single} == {0, 1, 2}
    assert {each["repetitions"] for each in benchmarks} == {3}
    medians = [each for each in benchmarks if each.get("aggregate_name") == "median"]
    for median in medians:
        of_name = sorted(each["real_time"] for each in single if each["run_name"] == median["run_name"])
        assert median["real_time"] == pytest.approx(of_name[1])
        assert median["name"] == median["run_name"] + "_median"


def plotted(text):
    """Lines as the plotter of HdrHistogram takes them: no comment, four fields, the first and the last of them numbers."""
    points = []
    for line in text.split("\n"):
        values = re.split(r"[ ]+", line.strip())
        if line.strip().startswith("#") or len(values) != 4:
            continue
        try:
            points.append((float(values[3]), float(values[0])))
        except ValueError:
            continue
    return points


def test_the_plotter_reads_percentile_files(results, tmp_path):
    crosstalk("report", results[0], "--export", "hdr", "--out", tmp_path / "hgrm")
    files = sorted((tmp_path / "hgrm").glob("*.hgrm"))
    assert "community.closed.sharded-std_mutex.service.hgrm" in {file.name for file in files}
    for file in files:
        points = plotted(file.read_text())
        assert points[0][0] == 1.0
        assert points == sorted(points)
        mean = re.search(r"#\[Mean +=\s*([0-9.]+), StdDeviation +=\s*([0-9.]+)\]", file.read_text())
        assert float(mean.group(1)) > 0


def test_prometheus_text_is_well_formed(results):
    text = exported(results[0], "prometheus")
    assert text.endswith("\n")
    types, buckets = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, "a family stands twice"
            types[name] = kind
            continue
        if line.startswith("# HELP "):
            continue
        match = re.fullmatch(r'([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} ([0-9.e+-]+)', line)
        assert match, line
        name = re.sub(r"_(bucket|sum|count)$", "", match.group(1))
        assert name in types or match.group(1) in types, line
        if match.group(1).endswith("_bucket"):
            labels, bound = re.fullmatch(r'(.*),le="([^"]+)"', match.group(2)).groups()
            buckets.setdefault((name, labels), []).append((float(bound.replace("+Inf", "inf")), float(match.group(3))))
    assert buckets
    for series in buckets.values():
        assert series == sorted(series) and series[-1][0] == math.inf
        assert [count for _, count in series] == sorted(count for _, count in series)


def test_junit_is_xml_with_a_case_per_trial(results):
    root = ElementTree.fromstring(exported(results[0], "junit"))
    cases = root.findall("testsuite/testcase")
    assert len(cases) == int(root.get("tests")) == len({row["trial"] for row in rows(results[0])})


def hostile(folder, to):
    """A copy whose strategy has a name that nobody would choose."""
    shutil.copytree(folder, to)
    text = (to / "runs.csv").read_text()
    name = '"sharded/\x1b[2J""<&|`\t' + "x" * 300 + '"'
    (to / "runs.csv").write_text(text.replace("sharded/std_mutex", name))


def test_hostile_names_break_no_form(results, tmp_path):
    hostile(results[0], tmp_path / "h")
    report = crosstalk("report", tmp_path / "h")
    assert report.returncode == 0 and "\x1b" not in report.stdout
    json.loads(exported(tmp_path / "h", "gbench"))
    ElementTree.fromstring(exported(tmp_path / "h", "junit"))
    assert "\x1b" not in exported(tmp_path / "h", "prometheus") + exported(tmp_path / "h", "summary")
    assert crosstalk("report", tmp_path / "h", "--export", "hdr", "--out", tmp_path / "hgrm").returncode == 0
    table = list(csv.DictReader(crosstalk("report", tmp_path / "h", "--format", "csv").stdout.splitlines()))
    assert len(table) == 3


def test_merged_folders_have_the_trials_of_both(results, tmp_path):
    merged = tmp_path / "all"
    assert crosstalk("report", *results, "--merge", "--out", merged).returncode == 0
    assert len(rows(merged)) == sum(len(rows(folder)) for folder in results)
    assert {row["block"] for row in rows(merged)} == {str(block) for block in range(6)}
    table = json.loads(crosstalk("report", merged, "--format", "json").stdout)
    parts = [json.loads(crosstalk("report", folder, "--format", "json").stdout) for folder in results]
    for row in table:
        counts = [each["service_count"] for part in parts for each in part if each["strategy"] == row["strategy"]]
        assert row["service_count"] == sum(counts)


def test_what_cannot_be_merged_is_refused_with_6(results, tmp_path):
    again = crosstalk("report", results[0], results[0], "--merge", "--out", tmp_path / "twice")
    assert again.returncode == 6 and "count twice" in again.stderr
    other = tmp_path / "other"
    assert crosstalk("run", "--clients", "50", "--ops", "5000", "--seed", "2", "--strategy", STRATEGIES, "--out",
                     other).returncode == 0
    refused = crosstalk("report", results[0], other, "--merge", "--out", tmp_path / "seeds")
    assert refused.returncode == 6 and "(seed 1)" in refused.stderr and "(seed 2)" in refused.stderr
    assert not (tmp_path / "seeds").exists()


def test_a_damaged_folder_is_refused_with_file_and_line(results, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(results[0], broken)
    text = (broken / "latency.csv").read_text().splitlines(keepends=True)
    (broken / "latency.csv").write_text("".join(text[:3]) + "1,x,0,all,service,500,499,1\n")
    said = crosstalk("report", broken)
    assert said.returncode == 2 and said.stdout == ""
    assert re.search(r"latency\.csv:4: bucket_high_ns: below bucket_low_ns", said.stderr)


def test_live_rows_become_those_of_intervals_csv(tmp_path):
    done = crosstalk("run", "--clients", "50", "--duration", "1500ms", "--warmup", "200ms", "--seed", "1", "--strategy",
                     "sharded/std_mutex", "--out", tmp_path / "r", "--live", tmp_path / "live.csv")
    assert done.returncode in (0, 4), done.stderr  # a busy machine may leave too little
    assert (tmp_path / "live.csv").read_text() == (tmp_path / "r" / "intervals.csv").read_text()


def test_a_live_file_that_cannot_be_written_is_known_at_once(tmp_path):
    done = crosstalk("run", "--clients", "50", "--ops", "1000", "--out", tmp_path / "r", "--live", "/dev/full")
    assert done.returncode == 7 and "/dev/full" in done.stderr
    assert rows(tmp_path / "r") == []
