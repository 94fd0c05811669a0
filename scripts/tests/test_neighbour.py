"""The neighbour that burns a processor on and off."""

import itertools
import pathlib
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import neighbour  # noqa: E402


def test_turns_are_exponential_and_repeatable():
    lengths = list(itertools.islice(neighbour.turns(5, 3), 4000))
    assert lengths == list(itertools.islice(neighbour.turns(5, 3), 4000))
    for which in (0, 1):
        mean = sum(turn[which] for turn in lengths) / len(lengths)
        longer = sum(turn[which] > 5 for turn in lengths) / len(lengths)
        assert 4.6 < mean < 5.4 and 0.34 < longer < 0.40  # exp(-1) is 0.37


def test_it_does_not_outlive_who_started_it():
    # The shell leaves it behind; what it writes to is closed when it has ended.
    shell = subprocess.run(["sh", "-c", f"'{sys.executable}' '{SCRIPTS / 'neighbour.py'}' --mean 0.05 --parent $$ & echo started"],
                           stdout=subprocess.PIPE, text=True, timeout=60)
    assert shell.stdout == "started\n"


def test_a_wrong_mean_is_one_line():
    ended = subprocess.run([sys.executable, str(SCRIPTS / "neighbour.py"), "--mean", "0"], stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 2
    assert "between 0.01 and 3600" in ended.stderr and ended.stderr.count("\n") == 1
