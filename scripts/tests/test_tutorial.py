"""Every command of TUTORIAL.md works, the texts name no file that is not there, and COLUMNS.md is what the program says."""

import csv
import io
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import columns  # noqa: E402
from test_program import PROGRAM, crosstalk  # noqa: E402

TEXTS = ("README.md", "README.zh-CN.md", "TUTORIAL.md", "CONTRIBUTING.md", "ARCHITECTURE.md")
# What a text may name though no fresh clone has it.
MADE = ("build/", "results/", "pool/locks/NAME_lock.h", "foo", "/", "~")


def tutorial():
    """(language, commands) of the fenced blocks."""
    text = (ROOT / "TUTORIAL.md").read_text(encoding="utf-8")
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S)


COMMANDS = [line for kind, block in tutorial() if kind == "sh" for line in block.splitlines()]


def test_the_tutorial_shows_all_that_it_promises():
    assert {kind for kind, _ in tutorial()} == {"sh", "sh no-test"}
    for command in ("run", "list", "compare", "gate"):
        assert any(line.startswith(f"crosstalk {command} ") or line == f"crosstalk {command}" for line in COMMANDS)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_tutorial_works(line, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSTALK_")}
    environment["CROSSTALK_FOREIGN_LIMIT"] = "100"  # whatever else this machine is doing
    environment["PATH"] = f"{pathlib.Path(PROGRAM).parent}:{environment['PATH']}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    # 4: on a crowded machine every trial of an open loop may have a generator that is late.
    assert done.returncode in (0, 4), done.stderr
    if "--out" in line and done.returncode == 0:
        assert (tmp_path / line.split("--out ")[1].split()[0]).is_dir()


@pytest.mark.parametrize("kind, block", [block for block in tutorial() if block[0] != "sh"])
def test_what_the_tutorial_only_shows_names_what_there_is(kind, block):
    for name in re.findall(r"(?:scripts|harness)/[\w./-]+", block):
        assert (ROOT / name).exists(), name
    for preset in re.findall(r"--preset (\w+)", block):
        assert f'"name": "{preset}"' in (ROOT / "CMakePresets.json").read_text()


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_names_no_path_that_is_not_there(text):
    content = (ROOT / text).read_text(encoding="utf-8")
    for name in re.findall(r"\]\(([^)#\s]+)\)", content):
        assert name.startswith("http") or (ROOT / name).exists(), name
    for name in re.findall(r"`((?:pool|workloads|reports|harness|scripts)/[\w./-]+)`", content):
        assert name.startswith(MADE) or (ROOT / name).exists(), name


def test_the_chinese_text_and_the_english_one_name_each_other():
    assert "(README.zh-CN.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(README.md)" in (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


def test_the_picture_of_the_readme_is_small():
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / name).stat().st_size < 150_000


def test_the_reference_of_columns_is_what_the_program_says():
    listed = crosstalk("list", "--metrics", "--format", "csv")
    assert listed.returncode == 0, listed.stderr
    rows = list(csv.DictReader(io.StringIO(listed.stdout)))
    assert columns.reference(rows) == columns.TARGET.read_text(encoding="utf-8"), f"run {columns.__doc__.splitlines()[2]}"


def test_help_is_the_manual_of_every_command():
    overview = crosstalk("--help").stdout
    commands = re.findall(r"^  ([a-z]+) {2,}\S", overview, re.M)
    assert {"run", "list", "compare", "gate", "help"} <= set(commands)
    for command in set(commands) - {"help"}:
        short, long = crosstalk(command, "--help"), crosstalk("help", command)
        assert short.returncode == long.returncode == 0
        assert short.stdout == long.stdout != ""
        assert short.stdout.startswith(f"usage: crosstalk {command}")
        assert max(map(len, short.stdout.splitlines())) <= 80
