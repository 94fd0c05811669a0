# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""Runs gates of which the answer is known, one after another, and keeps what they said.

A folder holds `runs.csv`, a row per gate, and `run-00001/` and so on: of each gate pairs.csv, gate.csv, gate.json,
junit.xml, summary.md and gate.log. Number and kind say all about a run: its seed is the first one plus its number. What
was killed half way has no row, and is done again under its number: a run that is cut off for being long must not be
missing, or the long ones would be.
"""

import csv
import fcntl
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

NEIGHBOUR = Path(__file__).resolve().with_name("neighbour.py")
COLUMNS = ("number", "kind", "seed", "exit_code", "verdict", "seconds", "pairs", "pairs_repeated", "control_differs",
           "regressed", "improved", "undecided", "verdicts", "flags")
# From the gravest on, as the gate weighs them.
GRAVITY = ("broken", "not_comparable", "contaminated", "regressed", "undecided", "improved", "unchanged")
# A series is cut into gates as long as this: what is lost if one is killed.
SERIES_SECONDS = 300
BUSY, WRONG_CALL = 4, 2


class Failed(Exception):
    """Why no more can be recorded: the text, and the exit code."""

    def __init__(self, text, code=7):
        super().__init__(text)
        self.code = code


class Kind:
    """What a gate is asked. `same`: a program against a copy of itself. `inject=5%`: head slowed down so much. `links`: two
    draws of the links of one program, which mean the same. `changed`: the program and one that was changed in what means
    nothing, such as names and padding. `neighbour`: as `same`, beside one that burns a processor on
    and off. `series`: as `same`, with so many pairs that only the time ends it, before the first look."""

    PATTERN = re.compile(r"same|links|changed|neighbour|series|inject=[0-9]+(\.[0-9]+)?%")

    def __init__(self, name):
        if not self.PATTERN.fullmatch(name):
            raise ValueError(f"must be same, inject=PCT, links, changed, neighbour or series, got '{name}'")
        self.name = name

    def programs(self, program, links, changed, seed):
        """Of base and of head."""
        if self.name == "changed":
            return [program], [random.Random(seed).choice(changed)]
        if self.name != "links":
            return [program], [program]
        drawn = random.Random(seed).sample(links, len(links))
        half = len(drawn) // 2
        return drawn[:half], drawn[half:2 * half]

    def flags(self, seconds_left):
        if self.name == "series":
            return ["--pairs", "10000", "--budget", f"{max(10, min(SERIES_SECONDS, int(seconds_left)))}s"]
        return ["--inject", f"total={self.name.split('=')[1]}"] if self.name.startswith("inject") else []


class Recorder:
    """The one that writes into its folder: another one is refused as long as this one lives."""

    def __init__(self, folder, program, links=(), first_seed=1, flags=(), changed=()):
        self.folder, self.program, self.links, self.changed = Path(folder), Path(program), list(links), list(changed)
        self.first_seed, self.more_flags = first_seed, list(flags)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = open(self.folder / "runs.csv", "a+", newline="", encoding="utf-8")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed(f"{self.folder}: somebody else records there", BUSY) from None
        self.done = self._rows_there()

    def record(self, kinds, minutes, say):
        """Gates of these kinds in turn; none begins after so many minutes. Returns how many were recorded."""
        if any(kind.name == "links" for kind in kinds) and len(self.links) < 2:
            raise Failed("links: needs two programs or more", WRONG_CALL)
        if any(kind.name == "changed" for kind in kinds) and not self.changed:
            raise Failed("changed: needs a program", WRONG_CALL)
        end = time.monotonic() + 60 * minutes
        first = self.done
        while (left := end - time.monotonic()) > 0:
            kind = kinds[self.done % len(kinds)]
            row = self.run(kind, left)
            say(f"{row['number']}: {kind.name}, seed {row['seed']}: {row['verdict'] or 'stopped'} ({row['exit_code']}),"
                f" {row['pairs']} pairs in {row['seconds']} s")
        return self.done - first

    def run(self, kind, seconds_left):
        number = self.done + 1
        seed = self.first_seed + number
        out = self.folder / f"run-{number:05}"
        if out.exists():
            shutil.rmtree(out)
        base, head = kind.programs(self.program, self.links, self.changed, seed)
        flags = kind.flags(seconds_left) + self.more_flags
        command = [str(base[0]), "gate", "--base", ",".join(map(str, base)), "--head", ",".join(map(str, head)),
                   "--seed", str(seed), "--out", str(out), "--quiet", *flags]
        began = time.monotonic()
        code, errors = self._ended(command, kind, seed)
        if code < 0 or code == 130 or code == 143:
            raise Failed(f"the gate was ended by a signal, seed {seed}", 130)
        if code in (WRONG_CALL, 7) or not (out / "gate.json").exists():
            raise Failed(f"the gate ended with {code}: {errors.strip() or 'it said nothing'}", code or 8)
        row = {"number": number, "kind": kind.name, "seed": seed, "exit_code": code, "flags": " ".join(flags),
               **summary_of(out, time.monotonic() - began)}
        for results in ("base", "head", "control", "plans"):
            shutil.rmtree(out / results, ignore_errors=True)
        self._add(row)
        return row

    def _ended(self, command, kind, seed):
        """Exit code and what was said to the error stream."""
        neighbour = None
        try:
            if kind.name == "neighbour":
                neighbour = subprocess.Popen([sys.executable, str(NEIGHBOUR), "--seed", str(seed),
                                              "--parent", str(os.getpid())])
            # It holds the lock too: should this process be killed, nobody records beside the gate that it leaves.
            gate = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                    pass_fds=[self.file.fileno()])
            return self._waited_for(gate)
        except OSError as error:
            raise Failed(f"{command[0]}: cannot be started: {error.strerror}", WRONG_CALL) from error
        finally:
            if neighbour:
                neighbour.kill()
                neighbour.wait()

    @staticmethod
    def _waited_for(gate):
        try:
            errors = gate.communicate()[1]
        except BaseException:  # Ctrl-C, SIGTERM
            gate.terminate()
            gate.wait()
            raise
        return gate.returncode, errors

    def _rows_there(self):
        """Their number; begins the file, or takes away a line that was cut off."""
        self.file.seek(0)
        text = self.file.read()
        whole = text[:text.rfind("\n") + 1]
        if whole != text:
            self.file.truncate(len(whole.encode()))
        if not whole:
            self._write(",".join(COLUMNS) + "\n")
        elif whole.split("\n", 1)[0] != ",".join(COLUMNS):
            raise Failed(f"{self.folder / 'runs.csv'}:1: not the columns of a recording", WRONG_CALL)
        return max(0, whole.count("\n") - 1)

    def _add(self, row):
        line = _Line()
        csv.DictWriter(line, COLUMNS, lineterminator="\n").writerow(row)
        self._write(line.text)
        self.done += 1

    def _write(self, text):
        self.file.write(text)
        self.file.flush()
        os.fsync(self.file.fileno())


class _Line:
    def write(self, text):
        self.text = text


def summary_of(folder, seconds):
    """The cells of a run that the gate's own files say."""
    said = json.loads((folder / "gate.json").read_text(encoding="utf-8"))
    with open(folder / "gate.csv", newline="", encoding="utf-8") as file:
        verdicts = list(csv.DictReader(file))
    scenarios = {}
    for row in verdicts:
        scenarios.setdefault(row["scenario"], []).append(row["verdict"])
    # Not those of the geometric mean: nobody waits for it, and it is undecided more often than not.
    undecided = sum(row["verdict"] == "undecided" and row["scenario"] != "geometric mean" for row in verdicts)
    return {"verdict": said["verdict"], "seconds": f"{seconds:.1f}", "pairs": said["pairs"],
            "pairs_repeated": said["pairs_repeated"], "control_differs": int(said["control"]["differs"]),
            "regressed": _named(verdicts, "regressed"), "improved": _named(verdicts, "improved"),
            "undecided": undecided,
            "verdicts": "; ".join(f"{name}: {min(said, key=GRAVITY.index)}" for name, said in scenarios.items())}


def _named(rows, verdict):
    return "; ".join(f"{row['scenario']} {row['metric']}" for row in rows if row["verdict"] == verdict)
