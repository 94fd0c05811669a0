"""A copy of the shell scripts with stand-ins for apt, CMake, the program and the plots."""

import os
import pathlib
import shutil
import subprocess

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ["g++", "cmake", "ninja-build", "git", "libboost-program-options-dev", "libfccp-dev", "libsqlite3-dev",
            "zlib1g-dev", "libbenchmark-dev", "python3", "python3-numpy", "python3-pandas", "python3-matplotlib", "node-d3"]
TEST_PACKAGES = ["catch2", "clang", "libclang-rt-dev", "clang-format", "clang-tidy", "shellcheck", "python3-pytest",
                 "libbenchmark-tools", "python3-scipy", "chromium", "fonts-dejavu-core"]
GATE_PACKAGES = ["lld", "valgrind"]
PEER_PACKAGES = ["libtbb-dev", "libabsl-dev", "libck-dev", "libnsync-dev", "libboost-thread-dev", "libcuckoo-dev",
                 "liburcu-dev", "pkg-config", "libboost-dev", "libconcurrentqueue-dev"]

# Writes what it was called with to a log; configuring makes the build folder, building puts the program there.
CMAKE = """#!/bin/sh
echo "cmake $*" >> "$LOG"
[ -z "$CMAKE_FAILS" ] || { echo "error: no such thing"; exit 1; }
case "$*" in
  *--preset*)
    while [ $# -gt 0 ]; do
      case "$1" in --preset) folder=build/$2 ;; -B) folder=$2 ;; esac
      shift
    done
    mkdir -p "$folder"; touch "$folder/build.ninja"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)" > "$folder/CMakeCache.txt" ;;
  *--build*) cp "$PROGRAM" "$2/crosstalk" ;;
esac
"""

# Writes one row per call into the results folder that --out names, unless ROWS says otherwise.
PROGRAM = """#!/bin/sh
echo "program $*" >> "$LOG"
while [ $# -gt 0 ]; do
  case "$1" in --out) out=$2 ;; --out=*) out=${1#--out=} ;; esac
  shift
done
echo "the winner is"
mkdir -p "$out"
echo header > "$out/runs.csv"
[ -n "$NO_ROWS" ] || echo row >> "$out/runs.csv"
exit ${EXIT_CODE:-0}
"""

# Prints what ctest prints at the end; fails if a test did.
CTEST = """#!/bin/sh
echo "ctest $*" >> "$LOG"
echo "$CTEST_SAYS"
case "$CTEST_SAYS" in *" 0 tests failed"*) exit 0 ;; *) exit 8 ;; esac
"""

PLOTS = ["plot_latency", "plot_throughput", "plot_timeline"]
# Drawn where the results have what they show.
OTHER_PLOTS = ["plot_delivery", "plot_fairness", "plot_scaling", "plot_load", "plot_anatomy", "plot_comparison", "plot_winners"]
REPORT = ["report"]  # the last, after the plots
PLOT = """import os, pathlib, sys
with open(os.environ["LOG"], "a") as log:
    log.write(pathlib.Path(sys.argv[0]).name + "\\n")
if pathlib.Path(sys.argv[0]).name in os.environ.get("PLOT_FAILS", "").split():
    sys.exit("plot: no")
if pathlib.Path(sys.argv[0]).name in os.environ.get("PLOT_EMPTY", "").split():
    print("nothing to draw", file=sys.stderr)
    sys.exit(4)
picture = pathlib.Path(sys.argv[1]) / (pathlib.Path(sys.argv[0]).stem + ".png")
picture.write_bytes(b"x")
print(picture)
"""


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)


class Tree:
    """A copy of the scripts in a folder with a space in its name, with stand-ins first in PATH."""

    def __init__(self, folder):
        self.root = folder / "a tree"
        self.bin = folder / "bin"
        self.log = folder / "log"
        scripts = self.root / "scripts"
        scripts.mkdir(parents=True)
        self.bin.mkdir()
        self.log.touch()
        for name in ("run.sh", "test.sh", "packages.sh", "find_python.sh"):
            shutil.copy(SCRIPTS / name, scripts / name)
        for name in PLOTS + OTHER_PLOTS + REPORT:
            (scripts / f"{name}.py").write_text(PLOT)
        write_program(folder / "program", PROGRAM)
        write_program(self.bin / "cmake", CMAKE)
        write_program(self.bin / "ctest", CTEST)
        self.installed(PACKAGES + TEST_PACKAGES + GATE_PACKAGES + PEER_PACKAGES)
        write_program(self.bin / "apt-get", '#!/bin/sh\necho "apt-get $*" >> "$LOG"\nexit ${APT_CODE:-0}\n')
        self.environment = dict(os.environ, LOG=str(self.log), PROGRAM=str(folder / "program"),
                                PATH=f"{self.bin}:{os.environ['PATH']}")

    def installed(self, packages):
        lines = "".join(f"echo 'ii {name}'\n" for name in packages)
        write_program(self.bin / "dpkg-query", f"#!/bin/sh\n{lines}exit 1\n")

    def user(self, uid, sudo):
        write_program(self.bin / "id", f"#!/bin/sh\necho {uid}\n")
        write_program(self.bin / "sudo", sudo)

    def start(self, *arguments, script="run.sh", cwd=None, **environment):
        return subprocess.Popen([str(self.root / "scripts" / script), *arguments], cwd=cwd or self.root,
                                env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, **more):
        process = self.start(*arguments, **more)
        process.out, process.err = process.communicate(timeout=300)
        return process

    def calls(self):
        return self.log.read_text().splitlines()
