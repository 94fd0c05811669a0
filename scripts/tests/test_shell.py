"""run.sh, test.sh, packages.sh and find_python.sh against stand-ins for apt, CMake, the program and the plots."""

import os
import pathlib
import pty
import re
import signal
import subprocess
import sys

import pytest
from shell_tree import OTHER_PLOTS, PACKAGES, PEER_PACKAGES, PLOTS, REPORT, Tree, write_program

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


@pytest.fixture
def python_tests(tree):
    """Gives the tree tests of its own for pytest to find."""

    def write(text):
        folder = tree.root / "scripts" / "tests"
        folder.mkdir()
        (folder / "test_it.py").write_text(text)

    return write


def test_help_explains_without_doing_anything(tree):
    done = tree.run("--help")
    assert done.returncode == 0
    assert done.out.startswith("Usage: scripts/run.sh")
    assert "--trace" in done.out and "130" in done.out
    assert tree.calls() == []


def test_builds_runs_plots_latency_first_and_prints_the_paths(tree):
    done = tree.run()
    assert done.returncode == 0, done.err
    calls = tree.calls()
    assert calls[0] == "cmake --fresh --preset bench"
    assert calls[1].endswith("build/bench --target crosstalk")
    assert calls[2].startswith(f"program compare --out {tree.root}/results/")
    assert calls[3:] == [f"{name}.py" for name in PLOTS + OTHER_PLOTS[:5] + REPORT]
    lines = done.out.splitlines()
    assert lines[0] == "the winner is"
    assert [line.rsplit("/", 1)[1] for line in lines[1:]] == [
        "runs.csv", *(f"{name}.png" for name in PLOTS + OTHER_PLOTS[:5] + REPORT)]
    assert all((tree.root / line).is_file() for line in lines[1:])


def test_the_second_run_neither_configures_nor_installs(tree):
    tree.run()
    tree.log.write_text("")
    done = tree.run()
    assert done.returncode == 0
    assert not [call for call in tree.calls() if "--preset" in call or call.startswith("apt-get")]
    assert len(list((tree.root / "results").iterdir())) == 2


def test_a_moved_tree_is_configured_afresh(tree):
    tree.run()
    moved = tree.root.with_name("moved tree")
    tree.root.rename(moved)
    tree.root = moved
    tree.log.write_text("")
    assert tree.run().returncode == 0
    assert tree.calls()[0] == "cmake --fresh --preset bench"


def test_flags_pass_through_and_paths_are_relative_to_the_callers_folder(tree, tmp_path):
    caller = tmp_path / "some where"
    caller.mkdir()
    done = tree.run("--trace", "my log.csv", "--out", "here", cwd=caller)
    assert done.returncode == 0, done.err
    assert "program compare --trace my log.csv --out here" in tree.calls()
    assert "here/runs.csv" in done.out.splitlines()
    assert (caller / "here" / "plot_latency.png").is_file()


def test_out_with_an_equals_sign_is_understood(tree):
    done = tree.run("--out=there")
    assert "program compare --out=there" in tree.calls()
    assert "there/plot_timeline.png" in done.out.splitlines()


@pytest.mark.parametrize("code", [1, 3, 4, 5, 8])
def test_the_programs_code_is_kept_and_plots_are_drawn(tree, code):
    done = tree.run(EXIT_CODE=str(code))
    assert done.returncode == code
    assert "plot_latency.py" in tree.calls()


@pytest.mark.parametrize("code", [2, 6, 7, 130, 143])
def test_no_plots_where_the_run_left_nothing_to_plot(tree, code):
    done = tree.run(EXIT_CODE=str(code))
    assert done.returncode == code
    assert "plot_latency.py" not in tree.calls()


def test_no_plots_without_a_row(tree):
    done = tree.run(EXIT_CODE="8", NO_ROWS="1")
    assert done.returncode == 8
    assert "plot_latency.py" not in tree.calls()


def test_a_plot_that_fails_is_named_and_the_others_are_drawn(tree):
    done = tree.run(PLOT_FAILS="plot_latency.py")
    assert done.returncode == 7
    assert "run.sh: not drawn: plot_latency.py" in done.err
    assert "plot_timeline.py" in tree.calls()
    assert tree.run(PLOT_FAILS="plot_latency.py", EXIT_CODE="3").returncode == 3
    assert "not drawn: report.py" in tree.run(PLOT_FAILS="report.py").err


def test_plots_that_do_not_apply_are_passed_over_in_silence(tree):
    done = tree.run(PLOT_EMPTY="plot_scaling.py plot_anatomy.py")
    assert (done.returncode, "nothing to draw" in done.err) == (0, False)
    assert not [line for line in done.out.splitlines() if "scaling" in line]
    done = tree.run(PLOT_EMPTY="plot_latency.py")
    assert done.returncode == 4
    assert "nothing to draw" in done.err and "not drawn: plot_latency.py" in done.err


def test_what_compare_and_its_map_write_is_drawn_too(tree, tmp_path):
    for name in ("comparison", "map"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.csv").touch()
    tree.run("--out", str(tmp_path / "comparison"))
    assert tree.calls()[-2:] == ["plot_comparison.py", "report.py"]
    tree.log.write_text("")
    tree.run("--out", str(tmp_path / "map"))
    assert [call for call in tree.calls() if call.startswith("plot_")] == ["plot_winners.py"]


# Says when it is ready and in which process group it is, then ends by the first signal.
WAITING_PROGRAM = f"""#!{sys.executable}
import os, signal, sys
signals = [signal.SIGINT, signal.SIGTERM]
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("ready", os.getpgrp(), flush=True)
sys.exit(128 + signal.sigwait(signals))
"""


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_to_the_script_reaches_the_program_and_its_code_is_kept(tree, tmp_path, number, code):
    (tmp_path / "program").write_text(WAITING_PROGRAM)
    process = tree.start()
    assert process.stdout.readline().startswith("ready ")
    process.send_signal(number)
    _, err = process.communicate(timeout=300)
    assert process.returncode == code, err
    assert "plot_latency.py" not in tree.calls()


def test_ctrl_c_on_a_terminal_reaches_the_program_once(tree, tmp_path):
    (tmp_path / "program").write_text(WAITING_PROGRAM)
    child, terminal = pty.fork()
    if child == 0:
        os.execve(tree.root / "scripts" / "run.sh", ["run.sh"], tree.environment)
    with open(terminal, "rb", buffering=0) as screen:
        shown = b""
        while not (ready := re.search(rb"ready (\d+)\r\n", shown)):
            shown += screen.read(1024)
        # Not in the terminal's group, so that what the script passes on is all that it gets.
        assert int(ready[1]) != os.tcgetpgrp(terminal)
        os.write(terminal, b"\x03")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130


def test_a_failing_build_ends_with_one_clear_line(tree):
    done = tree.run(CMAKE_FAILS="1")
    assert done.returncode == 2
    assert "error: no such thing" in done.err
    assert done.err.splitlines()[-1].startswith("run.sh: preset bench could not be built, see ")
    assert not [call for call in tree.calls() if call.startswith("program")]


def test_missing_packages_are_named_and_installed_without_questions(tree):
    tree.user(0, "#!/bin/sh\nexit 1\n")
    tree.installed([name for name in PACKAGES + PEER_PACKAGES if name not in ("libbenchmark-dev", "git")])
    done = tree.run()
    assert done.returncode == 0, done.err
    assert "run.sh: installing Debian packages: git libbenchmark-dev" in done.err
    apt = [call for call in tree.calls() if call.startswith("apt-get")]
    assert [call.split()[-1] for call in apt] == ["update", "libbenchmark-dev"]
    assert "--no-install-recommends git libbenchmark-dev" in apt[1] and " -y " in apt[1]


# Finds the lists locked as often as LOCKED says.
LOCKED_APT = """#!/bin/sh
echo "apt-get $*" >> "$LOG"
case "$*" in *update) ;; *) exit 0 ;; esac
[ "$(grep -c update "$LOG")" -gt "$LOCKED" ] && exit 0
echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
exit 100
"""


@pytest.mark.parametrize("locked, wait_s, updates", [(1, 60, 2), (9, 0, 1)])
def test_lists_that_somebody_else_reads_are_waited_for(tree, locked, wait_s, updates):
    tree.user(0, "#!/bin/sh\nexit 1\n")
    write_program(tree.bin / "apt-get", LOCKED_APT)
    write_program(tree.bin / "sleep", "#!/bin/sh\nexit 0\n")
    tree.installed(PACKAGES[1:] + PEER_PACKAGES)
    done = tree.run(LOCKED=str(locked), APT_WAIT_S=str(wait_s))
    assert done.returncode == 0, done.err
    assert len([call for call in tree.calls() if call.startswith("apt-get") and call.endswith(" update")]) == updates
    assert ("apt-get update reported errors" in done.err) == (wait_s == 0)


def test_a_user_with_a_silent_sudo_installs_by_it(tree):
    tree.user(1000, '#!/bin/sh\necho "sudo $*" >> "$LOG"\nshift\nexec "$@"\n')
    tree.installed(PACKAGES[1:] + PEER_PACKAGES)
    done = tree.run()
    assert done.returncode == 0, done.err
    assert [call for call in tree.calls() if call.startswith("sudo -n env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get")]


def test_a_user_who_may_not_install_is_told_the_command(tree):
    tree.user(1000, "#!/bin/sh\nexit 1\n")
    tree.installed(PACKAGES[1:] + PEER_PACKAGES)
    done = tree.run()
    assert done.returncode == 2
    assert done.err.splitlines() == [
        "run.sh: packages are missing and this user may not install them; "
        "as root: apt-get install --no-install-recommends g++"]


def test_an_installation_that_fails_names_packages_and_log(tree):
    tree.user(0, "#!/bin/sh\nexit 1\n")
    tree.installed(PACKAGES[1:] + PEER_PACKAGES)
    done = tree.run(APT_CODE="100")
    assert done.returncode == 2
    assert done.err.splitlines()[-1].startswith("run.sh: could not install g++, see ")


def test_peers_that_cannot_be_installed_are_one_line_and_no_error(tree):
    tree.user(0, "#!/bin/sh\nexit 1\n")
    tree.installed(PACKAGES + PEER_PACKAGES[2:])
    for _ in range(2):  # the second time apt is left in peace
        done = tree.run(APT_CODE="100")
        assert done.returncode == 0, done.err
        lines = [line for line in done.err.splitlines() if "measured without" in line]
        assert len(lines) == 1 and "libtbb-dev libabsl-dev: not installed; to try again remove" in lines[0]
        assert len([call for call in tree.calls() if call.startswith("apt-get") and " install " in call]) == 1


def test_peers_are_installed_where_that_is_possible(tree):
    tree.user(0, "#!/bin/sh\nexit 1\n")
    tree.installed(PACKAGES + PEER_PACKAGES[1:])
    done = tree.run()
    assert done.returncode == 0, done.err
    assert tree.calls()[1].endswith("install --no-install-recommends libtbb-dev")
    assert "measured without" not in done.err


def test_a_user_who_may_not_install_does_without_peers(tree):
    tree.user(1000, "#!/bin/sh\nexit 1\n")
    tree.installed(PACKAGES)
    done = tree.run()
    assert done.returncode == 0, done.err
    assert [line for line in done.err.splitlines() if line.endswith("libconcurrentqueue-dev: not installed")]


def test_find_python_passes_over_one_that_lacks_the_module(tmp_path):
    write_program(tmp_path / "python3", "#!/bin/sh\nexit 1\n")
    environment = dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}")
    done = subprocess.run([SCRIPTS / "find_python.sh", "csv", "json"], env=environment, capture_output=True, text=True,
                          check=True)
    assert done.stdout.strip() != str(tmp_path / "python3")
    assert os.access(done.stdout.strip(), os.X_OK)


def test_find_python_fails_with_one_line():
    done = subprocess.run([SCRIPTS / "find_python.sh", "no_such_module"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and "no_such_module" in done.stderr


def test_the_tests_are_counted_and_the_last_line_says_so(tree, python_tests):
    python_tests("def test_a(): pass\ndef test_b(): pass\n")
    done = tree.run("--quick", script="test.sh", CTEST_SAYS="100% tests passed, 0 tests failed out of 12")
    assert done.returncode == 0, done.out
    assert done.out.splitlines()[-1] == "14 passed, 0 failed"
    assert [line.split()[:2] for line in done.out.splitlines()[-4:-1]] == [
        ["packages", "ok"], ["ci", "ok"], ["pytest", "ok"]]


def test_the_first_failing_stage_ends_the_tests(tree, python_tests):
    python_tests("def test_a(): pass\n")
    done = tree.run("--quick", script="test.sh", CTEST_SAYS="75% tests passed, 3 tests failed out of 12")
    assert done.returncode == 1
    assert done.out.splitlines()[-1] == "9 passed, 3 failed"
    assert "== pytest" not in done.out
    assert done.err.splitlines()[-1].startswith("test.sh: stage ci failed, see ")


def test_a_failing_python_test_fails_the_tests(tree, python_tests):
    python_tests("import pytest\ndef test_a(): pass\ndef test_b(): assert False\n"
                 "@pytest.mark.skip\ndef test_c(): pass\n")
    done = tree.run("--quick", script="test.sh", CTEST_SAYS="100% tests passed, 0 tests failed out of 1")
    assert done.returncode == 1
    assert done.out.splitlines()[-1] == "2 passed, 1 failed, 1 skipped"


def test_a_build_that_fails_counts_as_one_failure(tree):
    done = tree.run("--quick", script="test.sh", CMAKE_FAILS="1")
    assert done.returncode == 1
    assert done.out.splitlines()[-1] == "0 passed, 1 failed"


def test_tests_that_were_not_found_are_a_failure(tree, python_tests):
    python_tests("")
    done = tree.run("--quick", script="test.sh", CTEST_SAYS="100% tests passed, 0 tests failed out of 1")
    assert done.returncode == 1
    assert done.out.splitlines()[-1] == "1 passed, 1 failed"


@pytest.mark.parametrize("arguments", [["--fast"], ["--quick", "--quick"]])
def test_test_sh_refuses_arguments_it_does_not_know(tree, arguments):
    done = tree.run(*arguments, script="test.sh")
    assert done.returncode == 2
    assert done.err.startswith("test.sh: ") and done.err.count("\n") == 1
    assert tree.calls() == []


def test_test_sh_explains_itself(tree):
    done = tree.run("--help", script="test.sh")
    assert done.returncode == 0
    assert done.out.startswith("Usage: scripts/test.sh") and "shellcheck disable" not in done.out
