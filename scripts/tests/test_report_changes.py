"""Report pages of two results folders: what changed, and what two folders cannot know."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import report
import report_changes
import report_data
from chromium import Browser
from sample_results import Folder


def sample(speed, blocks=12, seed=1, environment=(), **cells):
    """One strategy that does `speed` operations a second, give or take 2 %, and another that never changes."""
    random = np.random.default_rng(seed)
    folder = Folder()
    folder.environment += environment
    for block in range(blocks):
        for strategy, rate in (("a/changed", speed), ("a/same", 1e6)):
            folder.add(strategy=strategy, block=block, achieved_ops_s=rate * random.lognormal(0, 0.02), service=range(100, 3000),
                       **cells)
    return folder


def page_of(tmp_path, before, after, code=0):
    folders = [part.write(tmp_path / name) for name, part in (("before", before), ("after", after))]
    assert report.main([*map(str, folders)]) == code
    path = folders[1] / "comparison.html"
    return path.read_text(encoding="utf-8") if code == 0 else path.exists()


def test_a_change_beyond_the_spread_is_told_with_its_interval(tmp_path):
    page = page_of(tmp_path, sample(1e6), sample(1.5e6, seed=2, commit="89abcdef"))
    answer = page[page.index('id="answer"'):page.index("</section>")]
    assert "1 of 2 strategies changed: <strong>a/changed</strong> 1." in answer and "95 % interval 1." in answer
    assert "<strong>No change resolved</strong> in the throughput of 1" in answer
    assert "not paired" in answer and "cannot be known" in answer
    assert "the same version of the program" not in answer


def test_the_same_program_cannot_be_what_changed(tmp_path):
    assert "what changed is not the program" in page_of(tmp_path, sample(1e6), sample(1.5e6, seed=2))


def test_few_blocks_tell_nothing(tmp_path):
    page = page_of(tmp_path, sample(1e6, blocks=3), sample(1.5e6, blocks=3, seed=2))
    assert "<strong>Too few blocks to tell</strong>" in page and "strategies changed" not in page


def test_other_traces_get_no_ratio(tmp_path, capsys):
    assert page_of(tmp_path, sample(1e6), sample(1.5e6, trace_hash="0badcafe0badcafe"), code=6) is False
    assert "other traces" in capsys.readouterr().err
    mixed = sample(1.5e6, clients=9, trace_hash="0badcafe0badcafe")
    both = sample(1e6, clients=9)
    for part in (mixed, both):
        for row in sample(1e6).runs:
            part.runs.append({**row, "trial": len(part.runs)})
    page = page_of(tmp_path, both, mixed)
    assert "Other traces (00c0ffee00c0ffee before, 0badcafe0badcafe after)" in page


def test_configurations_are_matched_in_any_order(tmp_path):
    before, after = sample(1e6), sample(1e6, seed=2)
    for part, clients in ((before, (9, 7)), (after, (7, 9))):
        for number in clients:
            part.runs += [{**row, "clients": number, "trial": len(part.runs) + place} for place, row in enumerate(sample(1e6).runs)]
    pairs, alone = report_changes.matched(report_data.read(before.write(tmp_path / "before")).fields,
                                          report_data.read(after.write(tmp_path / "after")).fields[::-1])
    assert len(pairs) == 3 and alone == []
    assert all(pair.before.rows["clients"].iloc[0] == pair.after.rows["clients"].iloc[0] for pair in pairs)


def test_folders_without_a_common_configuration_are_refused(tmp_path, capsys):
    assert page_of(tmp_path, sample(1e6), sample(1e6, threads=7), code=6) is False
    assert "no configuration" in capsys.readouterr().err


def test_another_machine_is_marked_and_judged_nowhere(tmp_path):
    before, after = sample(1e6), sample(1.5e6, seed=2)
    after.environment = [("cpu_model", "Other CPU"), ("cpus_usable", "64")]
    page = page_of(tmp_path, before, after)
    assert "<strong>Measured on different machines</strong>" in page and "Other CPU after" in page
    assert page.count("other machine</td>") == 6 and "other machine" in page


@pytest.mark.parametrize("metric", ["service", "response"])
def test_the_page_opens_and_draws_both(tmp_path, metric):
    load = {} if metric == "service" else {"load_model": "poisson", "offered_ops_s": 1000, "response": range(200, 4000)}
    page_of(tmp_path, sample(1e6, **load), sample(1.5e6, seed=2, **load))
    with Browser() as browser:
        browser.open(tmp_path / "after" / "comparison.html", width=360, height=740)
        assert browser.complaints == []
        assert browser.run("document.documentElement.scrollWidth") <= 360
        assert browser.run("document.querySelectorAll('figure[data-chart=ratios] .plot > svg .marker').length") == 2
        assert browser.run("document.querySelectorAll('figure[data-chart=latency] .plot > svg .line').length") == 4
