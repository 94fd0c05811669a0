"""Opens report pages in a headless Chromium, from disk and with the network off."""

import csv
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SCRIPTS))

import report
from chromium import PROGRAM, Browser
from sample_results import Folder, realistic, schema_columns

HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
FEW = {"sharded/ttas": (5.4e6, 0.5), "sharded/std_mutex": (2.4e6, 0.45), "coarse/ticket": (180e3, 1.3)}


def made(folder, *others, code=0):
    """The page of the folder, or of two."""
    name = "comparison.html" if others else "report.html"
    assert report.main([str(folder), *map(str, others)]) == code
    return (others[-1] if others else folder) / name


def append_rows(folder, name, schema, rows):
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, schema_columns(schema), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def browser():
    assert PROGRAM, "no chromium; on Debian: apt-get install chromium"
    with Browser() as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    sample = realistic(blocks=12, strategies=FEW, samples=6000)
    sample.environment.append(("command", "crosstalk compare --scenario community --out results/x"))
    for place, row in enumerate(sample.runs):
        row["reach"], row["jain_clients"], row["floor_share"] = 1, 0.99, 0.05
        if place == 2:
            row.update(status="contaminated", status_reason="other programs took 40 % of the processors")
    return made(sample.write(tmp_path_factory.mktemp("page") / "results"))


def opened(browser, path, **how):
    browser.complaints.clear()
    browser.open(path, **how)
    assert browser.run("document.documentElement.dataset.ready") == "1", browser.complaints
    assert browser.complaints == []


def text_of(browser, selector):
    return browser.run(f"document.querySelector({selector!r}).innerText")


def box_of(browser, selector):
    x, y, width, height = browser.run(
        f"(() => {{ const one = document.querySelector({selector!r}); one.scrollIntoView({{block: 'center'}});"
        " const box = one.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })()")
    return x, y, width, height


def shown_x(browser, chart="latency"):
    low, high = browser.run(f"document.querySelector('figure[data-chart={chart}] .plot > svg').dataset.x").split()
    return float(low), float(high)


def test_the_first_screen_answers_with_numbers_and_an_interval(browser, page):
    opened(browser, page)
    answer = text_of(browser, "#answer .answer")
    assert "sharded/ttas" in answer and "survives best" in answer
    assert "95 % interval" in answer and "runner-up sharded/std_mutex" in answer and "12 blocks" in answer
    assert browser.run("document.querySelector('#answer').getBoundingClientRect().bottom") < 900


def test_every_plot_is_drawn_and_nothing_is_asked_of_the_network(browser, page):
    opened(browser, page)
    names = browser.run("[...document.querySelectorAll('figure[data-chart]')].map((one) => one.dataset.chart)")
    assert names == ["throughput", "forest", "latency", "timeline", "fairness"]
    drawn = "[...document.querySelectorAll('figure[data-chart]')].map((one) => one.querySelectorAll('.series .marker').length)"
    assert all(count >= 2 for count in browser.run(drawn))


def test_the_policy_of_the_page_refuses_connections_and_foreign_scripts(browser, page):
    opened(browser, page)
    refused = browser.run(
        "new Promise((done) => { document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));"
        " const script = document.createElement('script'); script.textContent = 'document.title = 1';"
        " document.body.append(script); })")
    assert refused.startswith("script-src") and browser.run("document.title") == "crosstalk: results"
    refused = browser.run("fetch('https://example.org/').then(() => 'reached', () => 'refused')")
    assert refused == "refused"


def test_headings_sort_by_number_with_enter_and_say_so(browser, page):
    opened(browser, page)
    column = browser.run("[...document.querySelectorAll('#rows thead th')].findIndex((one) => one.innerText.startsWith('achieved'))")
    head = f"document.querySelectorAll('#rows thead th')[{column}]"
    values = (f"[...document.querySelectorAll('#rows tbody tr')].map((row) => row.cells[{column}].dataset.v)"
              ".filter((value) => value !== '').map(Number)")
    for direction in ("ascending", "descending"):
        browser.run(f"{head}.querySelector('button').focus()")
        browser.press("Enter")
        assert browser.run(f"{head}.getAttribute('aria-sort')") == direction
        found = browser.run(values)
        assert len(found) == 96 and found == sorted(found, reverse=direction == "descending")
    assert browser.run("document.querySelectorAll('#rows th[aria-sort=none]').length") > 5


def test_rows_are_filtered_by_words_and_by_choice(browser, page):
    opened(browser, page)
    visible = "[...document.querySelectorAll('#rows tbody tr')].filter((row) => !row.hidden).length"
    assert browser.run(visible) == 96
    browser.run("document.querySelector('#rows input').focus()")
    browser.call("Input.insertText", text="TICKET closed")
    assert browser.run(visible) == 12
    assert text_of(browser, "#rows output") == "12 of 96 rows"
    browser.run("(() => { const select = document.querySelector('#rows select[aria-label=status]');"
                " select.value = 'contaminated'; select.dispatchEvent(new Event('input')); })()")
    assert browser.run(visible) == 0
    browser.run("(() => { const input = document.querySelector('#rows input'); input.value = '';"
                " input.dispatchEvent(new Event('input')); })()")
    assert browser.run(visible) == 1


def test_a_plot_zooms_by_dragging_by_buttons_and_by_keys(browser, page):
    opened(browser, page)
    whole = shown_x(browser)
    x, y, width, height = box_of(browser, "figure[data-chart=latency] .plot > svg")
    browser.drag(x + 0.4 * width, y + 0.5 * height, x + 0.6 * width, y + 0.52 * height)
    low, high = shown_x(browser)
    assert whole[0] < low < high < whole[1]
    assert high - low == pytest.approx(0.2 * (whole[1] - whole[0]), rel=0.15)
    browser.run("document.querySelector('figure[data-chart=latency] .zoom button:last-child').click()")
    assert shown_x(browser) == whole
    browser.run("document.querySelector('figure[data-chart=latency] .plot > svg').focus()")
    browser.press("+")
    assert shown_x(browser)[1] - shown_x(browser)[0] == pytest.approx((whole[1] - whole[0]) / 1.6)
    browser.press("Escape")
    assert shown_x(browser) == whole


def test_panels_of_one_plot_zoom_together(browser, page):
    opened(browser, page)
    browser.run("document.querySelector('figure[data-chart=timeline] .zoom button:nth-child(2)').click()")
    shown = browser.run("[...document.querySelectorAll('figure[data-chart=timeline] .plot > svg')].map((one) => one.dataset.x)")
    assert len(shown) == 2 and shown[0] == shown[1]


def test_values_show_under_the_pointer_and_for_the_keyboard(browser, page):
    opened(browser, page)
    x, y, width, height = box_of(browser, "figure[data-chart=latency] .plot > svg")
    browser.mouse("mouseMoved", x + 0.4 * width, y + 0.5 * height)
    assert browser.run("document.getElementById('tip').hidden") is False
    tip = text_of(browser, "#tip")
    assert "%" in tip and "coarse/ticket" in tip and "µs" in tip
    browser.mouse("mouseMoved", 5, 5)
    assert browser.run("document.getElementById('tip').hidden") is True
    browser.run("document.querySelector('figure[data-chart=throughput] .plot > svg').focus()")
    browser.press("ArrowRight")
    assert "95 % interval" in text_of(browser, "#tip")


def test_a_menu_chooses_the_configuration_and_the_legend_hides_lines(browser, page):
    opened(browser, page)
    lines = "document.querySelectorAll('figure[data-chart=latency] .series').length"
    before = browser.run(lines)
    browser.run("document.querySelector('figure[data-chart=latency] .legend button').click()")
    assert browser.run(lines) == before - 1
    thin = "document.querySelectorAll('figure[data-chart=latency] .line.thin').length"
    assert browser.run(thin) == 0
    browser.run("(() => { const select = document.querySelector('figure[data-chart=latency] select');"
                " select.value = [...select.options].find((one) => one.text.includes('response time')).value;"
                " select.dispatchEvent(new Event('change')); })()")
    assert browser.run(thin) > 0


def test_dark_where_the_system_is_and_by_the_button(browser, page):
    ground = "getComputedStyle(document.body).backgroundColor"
    opened(browser, page)
    light = browser.run(ground)
    assert light == "rgb(255, 255, 255)"
    browser.run("document.getElementById('theme').click()")
    dark = browser.run(ground)
    assert dark != light
    browser.run("localStorage.clear()")
    opened(browser, page, dark=True)
    assert browser.run(ground) == dark
    browser.run("document.getElementById('theme').click()")
    assert browser.run(ground) == light
    browser.run("localStorage.clear()")


def test_360_pixels_need_no_sideways_scrolling(browser, page):
    opened(browser, page, width=360, height=740)
    assert browser.run("document.documentElement.scrollWidth") <= 360
    assert browser.run("document.querySelector('.plot > svg').getBoundingClientRect().right") <= 360


def test_the_keyboard_skips_to_the_answer(browser, page):
    opened(browser, page)
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0


def test_prints_without_what_paper_cannot_use(browser, page, tmp_path):
    opened(browser, page, dark=True)
    browser.call("Emulation.setEmulatedMedia", media="print")
    for selector in (".top nav", "#rows", ".zoom"):
        assert browser.run(f"getComputedStyle(document.querySelector({selector!r})).display") == "none", selector
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    browser.call("Emulation.setEmulatedMedia", media="")


class Words(HTMLParser):
    """What a reader without scripts has: texts by the id of their section."""

    def __init__(self, text):
        super().__init__()
        self.section, self.skipped, self.words, self.rows = "", False, {}, {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "section":
            self.section = dict(attributes)["id"]
        self.skipped = tag in ("script", "style") or self.skipped and tag != "section"
        if tag == "tr":
            self.rows[self.section] = self.rows.get(self.section, 0) + 1

    def handle_endtag(self, tag):
        self.skipped = self.skipped and tag not in ("script", "style")

    def handle_data(self, text):
        if not self.skipped:
            self.words[self.section] = self.words.get(self.section, "") + text


def test_answer_tables_and_command_need_no_script(page):
    found = Words(page.read_text(encoding="utf-8"))
    assert "survives best" in found.words["answer"]
    assert found.rows["strategies"] == 2 * (1 + 3 + 1) and found.rows["rows"] == 1 + 96
    assert "other programs took 40 %" in found.words["refused"]
    assert f"--out results/x --seed {2**64 - 1}" in found.words["repeat"]
    assert "Example CPU" in found.words["environment"]


def test_hostile_names_are_only_text(browser, tmp_path):
    sample = realistic(blocks=3, strategies={HOSTILE: (1e6, 0.5), "a/b": (2e6, 0.5)}, samples=3000, loads=("closed",))
    sample.environment += [(HOSTILE, HOSTILE), ("command", HOSTILE)]
    for row in sample.runs:
        row.update(scenario=HOSTILE, status_reason=HOSTILE, settings=HOSTILE, compiler=HOSTILE)
    sample.runs[-1]["status"] = "failed"
    folder = tmp_path / "<b>&amp;"
    path = made(sample.write(folder))
    opened(browser, path)
    assert browser.run("document.title") == "crosstalk: <b>&amp;"
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert HOSTILE in browser.run("document.querySelector('#environment').textContent")
    x, y, width, _ = box_of(browser, "figure[data-chart=throughput] .plot > svg")
    browser.mouse("mouseMoved", x + width / 2, y + 50)
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.complaints == []


def all_invalid():
    sample = Folder()
    for place, (status, reason) in enumerate([("failed", "crashed: signal 11"), ("generator", "late"), ("too_short", "")]):
        sample.add(strategy=f"a/{place}", status=status, status_reason=reason, verified="" if status == "failed" else 1)
    sample.add(strategy="a/broken", verified=0, status_reason="a message was lost", service=range(100, 3000))
    return sample


def one_row():
    sample = Folder()
    sample.add(service=range(100, 9000))
    return sample


def crowd():
    names = {f"server{place % 7}/mechanism_{place}": (1e5 * (1 + place), 0.5) for place in range(50)}
    return realistic(blocks=2, strategies=names, samples=1000, loads=("closed",))


@pytest.mark.parametrize("sample, says", [(all_invalid, "Nothing can be compared"), (one_row, "alone could be measured"),
                                          (crowd, "Too few blocks")])
def test_unusual_folders_give_a_page_that_says_so(browser, tmp_path, sample, says):
    path = made(sample().write(tmp_path / "results"))
    opened(browser, path)
    assert says in text_of(browser, "#answer")
    if sample is all_invalid:
        assert "a/broken: a law broke: a message was lost" in text_of(browser, "#answer")
    opened(browser, path, width=360, height=740)
    assert browser.run("document.documentElement.scrollWidth") <= 360
    hidden = browser.run("document.querySelectorAll('figure[data-chart=latency] .legend [aria-pressed=false]').length")
    assert hidden == (38 if sample is crowd else 0)


def test_what_is_not_there_is_said(browser, tmp_path):
    folder = realistic(blocks=6, strategies=FEW, samples=2000, loads=("closed",)).write(tmp_path / "results")
    for name in ("latency", "intervals", "environment"):
        (folder / f"{name}.csv").unlink()
    opened(browser, made(folder))
    assert "latency.csv is not in the folder" in text_of(browser, "#warnings")
    assert browser.run("document.querySelector('figure[data-chart=latency]')") is None
    assert "does not say with which command" in text_of(browser, "#repeat")


def test_a_sweep_has_a_curve_and_a_map_its_cells(browser, tmp_path):
    sample = Folder()
    for threads in (1, 2, 4):
        for block in range(6):
            sample.add(service=range(100, 3000), threads=threads, block=block, achieved_ops_s=1e6 * threads + block)
            sample.add(service=range(100, 3000), threads=threads, block=block, strategy="a/b", achieved_ops_s=2e6)
    for rate in (1000, 2000, 4000):
        sample.add(response=range(100, 9000), load_model="poisson", offered_ops_s=rate, achieved_ops_s=rate)
    folder = sample.write(tmp_path / "results")
    cell = {"schema_version": 1, "run_id": "x", "threads": 1, "zipf": 1, "members": 10, "outside_ns": 0, "outside_scaled_ns": 0,
            "strategies": 2, "blocks": 20, "blocks_needed": 9, "leader": "coarse/ticket", "leader_ops_s": 1e6, "runner_up": HOSTILE,
            "ratio": 1.5, "ratio_low": 1.4, "ratio_high": 1.6, "p": 0, "p_holm": 0}
    append_rows(folder, "map", "kMap", [{**cell, "write_share_pct": 0, "verdict": "resolved"},
                                        {**cell, "write_share_pct": 10, "verdict": "unresolved", "mde_pct": 7.5}])
    opened(browser, made(folder))
    assert "1 of 2 cells" in text_of(browser, "#answer") and "7.5 %" in text_of(browser, "#map")
    assert browser.run("document.querySelectorAll('#map td.won').length") == 1
    assert browser.run("document.querySelectorAll('figure[data-chart=scaling] .plot > svg .marker').length") == 6
    assert browser.run("document.querySelectorAll('figure[data-chart=load] .plot > svg').length") == 2


def test_the_page_is_small(tmp_path):
    names = {f"s/{place}": (1e6, 0.5) for place in range(9)}
    path = made(realistic(blocks=10, strategies=names, samples=20_000).write(tmp_path / "results"))
    assert path.stat().st_size < 3_000_000


@pytest.mark.parametrize("damage, code, says", [
    (lambda folder: shutil.rmtree(folder), 2, "runs.csv: cannot be opened"),
    (lambda folder: (folder / "runs.csv").write_text(""), 2, "runs.csv:1: the file is empty"),
    (lambda folder: (folder / "runs.csv").write_text(",".join(schema_columns("kRuns")) + "\n"), 4, "nothing was measured"),
    (lambda folder: (folder / "latency.csv").write_bytes((folder / "latency.csv").read_bytes()[:-5]), 2, "latency.csv:"),
    (lambda folder: (folder / "map.csv").write_text("a,b\n1,2\n"), 2, "map.csv:1: column missing"),
])
def test_a_damaged_folder_is_one_clear_line_and_no_page(tmp_path, capsys, damage, code, says):
    folder = one_row().write(tmp_path / "results")
    damage(folder)
    assert report.main([str(folder)]) == code
    told = capsys.readouterr()
    assert says in told.err and told.err.count("\n") == 1 and told.out == ""
    assert not (folder / "report.html").exists()


def test_usage(tmp_path, capsys):
    def told(*arguments):
        with pytest.raises(SystemExit) as ended:
            report.main([*map(str, arguments)])
        assert ended.value.code == 2
        return capsys.readouterr().err

    assert subprocess.run([sys.executable, SCRIPTS / "report.py", "--help"], capture_output=True).returncode == 0
    told()
    assert "one or two, got 3" in told("a", "b", "c")
    assert "apt-get install node-d3" in told(tmp_path, "--d3", tmp_path / "none.js")
    folder = one_row().write(tmp_path / "results")
    assert report.main([str(folder), "--out", str(tmp_path / "none" / "page.html")]) == 7
    assert "none/page.html" in capsys.readouterr().err
