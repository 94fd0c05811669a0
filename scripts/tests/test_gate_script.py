"""gate.sh, ci/perf.sh and ci/nightly.sh in a repository of two commits, and self_gate.sh, with stand-ins for CMake and the program."""

import fcntl
import os
import pathlib
import shutil
import subprocess

import pytest
from shell_tree import write_program

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent

# Building makes a program that says with what it was made.
CMAKE = """#!/bin/sh
echo "cmake $* in $PWD" >> "$LOG"
[ -z "$CMAKE_FAILS" ] || exit 1
case "$*" in
  --build*) cp "$PROGRAM" build/bench/crosstalk; cat code.txt >> build/bench/crosstalk ;;
  *) mkdir -p build/bench ;;
esac
"""

# Fails with the codes of EXIT_CODES in turn.
PROGRAM = """#!/bin/sh
echo "program $*" >> "$LOG"
while [ $# -gt 0 ]; do
  case "$1" in --out) mkdir -p "$2"; echo summary > "$2/summary.md"; echo "{\\"schema_version\\":1,$GATE_JSON}" > "$2/gate.json" ;; esac
  shift
done
set -- $EXIT_CODES
turn=$(grep -c '^program' "$LOG")
[ $turn -lt $# ] || turn=$#
[ $# -gt 0 ] || exit 0
eval exit "\\${$turn}"
"""


class Repository:
    def __init__(self, folder):
        self.root = folder / "a tree"
        self.log = folder / "log"
        self.log.touch()
        stand_ins = folder / "bin"
        stand_ins.mkdir()
        write_program(stand_ins / "cmake", CMAKE)
        write_program(stand_ins / "ld.lld", "#!/bin/sh\n")
        write_program(folder / "program", PROGRAM)
        (self.root / "scripts" / "ci").mkdir(parents=True)
        for name in ("gate.sh", "ci/perf.sh", "ci/nightly.sh"):
            shutil.copy(SCRIPTS / name, self.root / "scripts" / name)
        self.environment = dict(os.environ, LOG=str(self.log), PROGRAM=str(folder / "program"), GATE_LINKS="2",
                                GATE_JSON='"verdict":"contaminated","exit_code":4',
                                PATH=f"{stand_ins}:{os.environ['PATH']}", GIT_CONFIG_GLOBAL="/dev/null",
                                GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b", GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@b")
        self.git("init", "--quiet")
        (self.root / ".gitignore").write_text("build/\nresults/\n")
        self.commit("one")
        self.commit("two")

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.root, env=self.environment, check=True, capture_output=True, text=True)

    def commit(self, text):
        (self.root / "code.txt").write_text(f"# {text}\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", text)

    def run(self, script, *arguments, **environment):
        return subprocess.run([self.root / "scripts" / script, *arguments], cwd=self.root, capture_output=True, text=True,
                              env={**self.environment, **environment}, timeout=120)

    def calls(self, of):
        return [line for line in self.log.read_text().splitlines() if line.startswith(of)]

    def code_of(self, program):
        return (self.root / "build" / "gate" / program).read_text().splitlines()[-1]


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def test_both_revisions_are_built_alike_linked_twice_and_gated_by_the_newer_one(repository):
    done = repository.run("gate.sh", "HEAD~1", "HEAD", "--", "--budget", "9s")
    assert done.returncode == 0, done.stderr
    gate = repository.root / "build" / "gate"
    assert repository.calls("program") == [
        f"program gate --base {gate}/base-0,{gate}/base-1 --head {gate}/head-0,{gate}/head-1 --budget 9s"]
    assert repository.code_of("base-0") == "# one" and repository.code_of("head-1") == "# two"
    made = {name: [call.replace(f"/{name}", "/X") for call in repository.calls("cmake") if call.endswith(f"/{name}")]
            for name in ("base", "head")}
    assert made["base"] == made["head"] and len(made["base"]) == 4
    assert "--shuffle-sections=.text*=1" in made["base"][0] and "--shuffle-sections=.text*=2" in made["base"][2]


def test_without_a_head_the_working_tree_is_gated_and_left_alone(repository):
    (repository.root / "code.txt").write_text("# changed\n")
    done = repository.run("gate.sh", "HEAD")
    assert done.returncode == 0, done.stderr
    assert repository.code_of("base-0") == "# two" and repository.code_of("head-0") == "# changed"
    assert repository.git("status", "--porcelain").stdout == " M code.txt\n"
    assert repository.git("stash", "list").stdout == ""
    # Again, after a change: what is there is built anew.
    (repository.root / "code.txt").write_text("# more\n")
    assert repository.run("gate.sh", "HEAD").returncode == 0
    assert repository.code_of("head-1") == "# more"


@pytest.mark.parametrize(("arguments", "environment", "words"), [
    ((), {}, "which revision is the base?"),
    (("nothing",), {}, "no such revision: nothing"),
    (("HEAD", "HEAD", "--budget"), {}, "flags of the gate stand behind --, got --budget"),
    (("HEAD",), {"GATE_LINKS": "0"}, "GATE_LINKS: must be between 1 and 16, got 0"),
    (("HEAD",), {"CMAKE_FAILS": "1"}, "base does not build, see "),
])
def test_what_cannot_be_built_is_one_line_and_exit_2(repository, arguments, environment, words):
    done = repository.run("gate.sh", *arguments, **environment)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("gate.sh: ") and words in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(("codes", "ends", "gates", "warning"), [
    ("0", 0, 1, ""), ("1", 1, 1, ""), ("5", 0, 1, "undecided"), ("4 1", 1, 2, ""), ("4 4", 0, 2, "contaminated twice"), ("8", 8, 1, "")])
def test_a_ci_job_fails_for_what_is_the_codes_fault(repository, tmp_path, codes, ends, gates, warning):
    summary = tmp_path / "job"
    done = repository.run("ci/perf.sh", "HEAD~1", "--instructions", EXIT_CODES=codes, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == ends, done.stderr
    assert len(repository.calls("program")) == gates
    assert repository.calls("program")[0].endswith("--out results/gate --format markdown --instructions")
    assert summary.read_text() == "summary\n"
    assert (warning in done.stderr) and ("::warning::" in done.stderr) == bool(warning)


# A head that cannot be measured ends with the same code, and is no matter of the machine.
@pytest.mark.parametrize(("script", "calls"), [("ci/perf.sh", 1), ("ci/nightly.sh", 1)])
def test_what_cannot_be_measured_fails_the_job(repository, script, calls):
    done = repository.run(script, "HEAD~1", EXIT_CODES="4", GATE_JSON='"verdict":"none","exit_code":4')
    assert done.returncode == 4, done.stderr
    assert len(repository.calls("program")) == calls
    assert "::warning::" not in done.stderr


def test_one_gate_at_a_time_builds_there(repository):
    folder = repository.root / "build" / "gate"
    folder.mkdir(parents=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = repository.run("gate.sh", "HEAD~1")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("gate.sh: another gate builds in ")


def test_a_night_keeps_nothing_of_the_gate_before(repository):
    old = repository.root / "results" / "history" / "gate" / "pairs.csv"
    old.parent.mkdir(parents=True)
    old.write_text("of yesterday")
    assert repository.run("ci/nightly.sh", "HEAD~1").returncode == 0
    assert not old.exists()


def test_undecided_may_fail_the_job(repository):
    assert repository.run("ci/perf.sh", "HEAD~1", EXIT_CODES="5", PERF_UNDECIDED="fail").returncode == 5


# Ends as CODES says in turn, with a summary that names what grew.
SELF = """#!/bin/sh
echo "program $*" >> "$LOG"
while [ $# -gt 0 ]; do
  case "$1" in --out) mkdir -p "$2"; echo "$SUMMARY" > "$2/summary.md" ;; esac
  shift
done
set -- $CODES
shift $(($(grep -c '^program' "$LOG") - 1))
exit "$1"
"""
GROWN = "- **solo_team does more: instructions an operation +9.0 % (10 to 11, grown: who() (1 to 2))**"


@pytest.mark.parametrize(("codes", "summary", "ends", "words"), [
    ("0 0 1", GROWN, 0, ""), ("4 0 1", GROWN, 0, ""), ("5 0 1", GROWN, 0, ""),
    ("1", "", 1, "the program regressed against itself"),
    *((str(code), "", 1, f"ended with exit code {code}") for code in (2, 3, 6, 7, 8)),
    ("0 1", "", 1, "its own: exit code 1"), ("0 4", "", 1, "its own: exit code 4"),
    ("0 0 0", "", 1, "is not red: exit code 0"), ("0 0 5", "", 1, "is not red: exit code 5"),
    ("0 0 1", "it is slower", 1, "does not say which functions"),
])
def test_a_gate_that_is_asleep_or_cries_wolf_fails_the_tests(tmp_path, codes, summary, ends, words):
    program, log = tmp_path / "a program", tmp_path / "log"
    write_program(program, SELF)
    done = subprocess.run([SCRIPTS / "self_gate.sh", program], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "LOG": str(log), "CODES": codes, "SUMMARY": summary})
    assert done.returncode == ends, done.stderr
    assert words in done.stderr and len(done.stderr.splitlines()) == (1 if words else 0)
    calls = log.read_text().splitlines()
    assert len(calls) == len(codes.split())
    assert all(call.startswith(f"program gate --base {program} --head {program} ") for call in calls)
    assert [("--inject lock=" in call, "--metrics instructions" in call) for call in calls] == [
        (False, False), (False, True), (True, True)][:len(calls)]


def test_the_gate_of_a_program_against_itself_needs_the_program():
    done = subprocess.run([SCRIPTS / "self_gate.sh"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and done.stderr == "self_gate.sh: one argument, the program, got 0\n"


def test_a_base_that_was_built_earlier_is_not_built_again(repository):
    done = repository.run("gate.sh", "HEAD~1", "HEAD", GATE_BASE="/kept/a,/kept/b")
    assert done.returncode == 0, done.stderr
    gate = repository.root / "build" / "gate"
    assert repository.calls("program") == [f"program gate --base /kept/a,/kept/b --head {gate}/head-0,{gate}/head-1"]
    assert not [call for call in repository.calls("cmake") if call.endswith("/base")]


def test_a_night_builds_its_anchor_once_and_keeps_it(repository):
    kept = repository.root / "results" / "history"
    anchor = kept / f"anchor-{repository.git('rev-parse', 'HEAD~1').stdout.strip()}"
    (repository.root / "build" / "gate").mkdir(parents=True)
    (repository.root / "build" / "gate" / "base-9").write_text("of another base")
    done = repository.run("ci/nightly.sh", "HEAD~1", "--budget", "9s")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in anchor.iterdir()) == ["base-0", "base-1"]
    builds = len([call for call in repository.calls("cmake") if call.endswith("/base")])
    (anchor / "base-0").write_text("as it was frozen")
    repository.commit("three")
    done = repository.run("ci/nightly.sh", "HEAD~2")
    assert done.returncode == 0, done.stderr
    assert len([call for call in repository.calls("cmake") if call.endswith("/base")]) == builds
    gate = repository.root / "build" / "gate"
    first, _, second, _ = repository.calls("program")
    assert first == (f"program gate --base {gate}/base-0,{gate}/base-1 --head {gate}/head-0,{gate}/head-1"
                     " --history results/history/history.csv --out results/history/gate --budget 9s")
    assert f"--base {anchor}/base-0,{anchor}/base-1 " in second
    assert (anchor / "base-0").read_text() == "as it was frozen"
    assert repository.code_of("head-0") == "# three"


@pytest.mark.parametrize(("codes", "ends", "calls", "warning"), [
    ("0 0", 0, 2, ""), ("1 0", 0, 2, ""), ("5 0", 0, 2, ""), ("0 1", 1, 2, ""), ("4 0", 0, 2, "not quiet"), ("8", 8, 1, ""), ("7", 7, 1, "")])
def test_a_night_fails_for_a_drift_and_not_for_one_gate(repository, codes, ends, calls, warning):
    done = repository.run("ci/nightly.sh", "HEAD~1", EXIT_CODES=codes)
    assert done.returncode == ends, done.stderr
    assert len(repository.calls("program")) == calls
    assert calls == 1 or repository.calls("program")[1] == "program report --history results/history/history.csv --fail-on-drift"
    assert warning in done.stderr and ("::warning::" in done.stderr) == bool(warning)


def test_a_night_without_an_anchor_is_one_line_and_exit_2(repository):
    for arguments, words in (((), "against what?"), (("nothing",), "no such revision here: nothing")):
        done = repository.run("ci/nightly.sh", *arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert words in done.stderr


def test_a_night_writes_the_summary_of_its_job(repository, tmp_path):
    done = repository.run("ci/nightly.sh", "HEAD~1", GITHUB_STEP_SUMMARY=str(tmp_path / "job"))
    assert done.returncode == 0, done.stderr
    assert repository.calls("program")[1] == "program report --history results/history/history.csv --format markdown"
