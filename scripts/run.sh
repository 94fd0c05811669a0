#!/usr/bin/env bash
# Usage: scripts/run.sh [--out DIR] [--trace FILE] [flag of `crosstalk compare`]...
#
# From a bare Debian 12 to a measured answer: installs the missing packages (as root, or by sudo where that asks
# nothing), builds preset `bench`, runs `crosstalk compare` with the flags given, draws the plots, makes the report page
# and prints the paths of all that was written, the page last: open it in a browser. Results go to results/<date>-<time> unless --out says otherwise.
#
#   scripts/run.sh                    generated load: public rooms, 5,000 clients
#   scripts/run.sh --trace chat.csv   a real chat log
#   build/bench/crosstalk compare --help   all flags (once built)
#
# The exit code is the program's: 0 ok, 1 threshold crossed, 2 usage or set-up, 3 a law of the chat server was broken,
# 4 nothing usable was measured, 5 undecided, 7 results or plots could not be written, 8 a trial crashed or hung,
# 130 or 143 interrupted.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

script=run.sh
here=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd -P)
root=${here%/scripts}
# Minimal environments leave out the folders that dpkg's own helpers stand in.
PATH="${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
# shellcheck source=scripts/packages.sh
. "$here/packages.sh"
# shellcheck source=scripts/find_python.sh
. "$here/find_python.sh"

# Sets `out` to the results folder: the value of --out if the flags hold one, else a new name.
choose_results_folder() {
  local argument previous=""
  out=""
  for argument in "$@"; do
    case $argument in
      --out=*) out=${argument#--out=} ;;
      *) [ "$previous" != --out ] || out=$argument ;;
    esac
    previous=$argument
  done
  case $out in -*) out=./$out ;; esac # a folder, not a flag of the plots
  out_flag=()
  [ -z "$out" ] || return 0
  local stamp
  stamp=$root/results/$(date +%Y%m%d-%H%M%S)
  out=$stamp
  local n=2
  while [ -e "$out" ]; do
    out=$stamp-$n
    n=$((n + 1))
  done
  out_flag=(--out "$out")
}

# Ninja configures anew by itself when a CMake file changes, so a second run only asks it whether anything is to do.
build() {
  local folder=$root/build/bench log=$root/build/run-build.log
  if ! { mkdir -p "$root/build" && : >"$log"; } 2>/dev/null; then fail "cannot write to $root/build"; fi
  # A build folder of another place (the tree was moved or copied with it) or of a configuration that failed is of no
  # use; --fresh forgets it.
  if [ ! -f "$folder/build.ninja" ] ||
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    say "configuring preset bench"
    (cd "$root" && cmake --fresh --preset bench) >"$log" 2>&1 || build_failed "$log"
    say "building preset bench (a few minutes the first time; log: $log)"
  fi
  cmake --build "$folder" --target crosstalk >>"$log" 2>&1 || build_failed "$log"
}

build_failed() {
  grep -E 'error|Error|FAILED' "$1" | head -n 20 >&2 || true
  fail "preset bench could not be built, see $1"
}

# Runs the program in a process group of its own, so that Ctrl-C and a signal sent to this script alone both reach it
# exactly once: the second one would kill it before it has flushed its rows. Sets `code`.
run_program() {
  set -m
  "$@" &
  local program=$!
  set +m
  # shellcheck disable=SC2064 # the process id is wanted now
  trap "kill -INT -- -$program 2>/dev/null" INT
  # shellcheck disable=SC2064
  trap "kill -TERM -- -$program 2>/dev/null" TERM HUP QUIT
  # wait also ends when a trap has run, with that signal's code; the program is then still there and has the last word.
  while wait "$program" 2>/dev/null && code=0 || code=$?; kill -0 "$program" 2>/dev/null; do :; done
  # Asked again for the case that it ended just after a trap had interrupted the wait.
  wait "$program" 2>/dev/null && code=0 || code=$?
  trap - INT TERM HUP QUIT
}

has_rows() {
  [ -f "$out/runs.csv" ] && [ "$(head -n 2 -- "$out/runs.csv" | wc -l)" -eq 2 ]
}

# Printed: the paths read, from the caller's folder on where they are below it.
shortened() {
  local path
  while IFS= read -r path; do printf '%s\n' "${path#"$PWD"/}"; done
}

print_csv_paths() {
  local file
  for file in "$out"/*.csv; do
    [ ! -f "$file" ] || printf '%s\n' "$file"
  done | shortened
}

# Draws and prints the path of every plot that these results are for, and of the report page; one that fails does not keep
# the others from being drawn.
plot() {
  local name failed="" drawn always=" plot_latency plot_throughput plot_timeline "
  local names="$always plot_delivery plot_fairness plot_scaling plot_load plot_anatomy"
  [ ! -f "$out/comparison.csv" ] || names+=" plot_comparison"
  # A map has hundreds of configurations, and each would be a picture.
  [ ! -f "$out/map.csv" ] || names=plot_winners always=" plot_winners "
  export MPLBACKEND=Agg MPLCONFIGDIR="$root/build/matplotlib"
  for name in $names; do
    draw "$name" && continue
    drawn=$?
    # 4: there is nothing to draw. Of most plots that is no news: no other rates, no other threads, no anatomy.
    if [ "$drawn" -eq 4 ]; then
      case $always in *" $name "*) ;; *) continue ;; esac
    fi
    cat "$root/build/plot.log" >&2
    failed+=" $name.py"
    # The plot has said why.
    [ "$code" -ne 0 ] || { [ "$drawn" -eq 4 ] && code=4 || code=7; }
  done
  # Last: its path is the one to open.
  "$python" "$here/report.py" "$out" | shortened || {
    drawn=${PIPESTATUS[0]}
    failed+=" report.py"
    [ "$code" -ne 0 ] || { [ "$drawn" -eq 4 ] && code=4 || code=7; }
  }
  [ -z "$failed" ] || say "not drawn:$failed"
}

# Draws one plot and prints its paths; what it says on standard error stands in build/plot.log. Returns its exit code.
draw() {
  "$python" "$here/$1.py" "$out" 2>"$root/build/plot.log" | shortened
  return "${PIPESTATUS[0]}"
}

main() {
  local argument
  for argument in "$@"; do
    case $argument in
      -h | --help)
        sed -n '2,/^\[/{/^#/s/^# \{0,1\}//p}' "$here/run.sh"
        exit 0
        ;;
    esac
  done

  install_packages "$root/build/packages.log" run
  install_peers "$root/build/peers.log"
  python=$(find_python numpy pandas matplotlib) ||
    say "no python3 has numpy, pandas and matplotlib: there will be CSV files but no plots"
  build
  choose_results_folder "$@"
  run_program "$root/build/bench/crosstalk" compare "${out_flag[@]}" "$@"
  print_csv_paths
  case $code in
    0 | 1 | 3 | 4 | 5 | 8) [ -z "$python" ] || ! has_rows || plot ;;
  esac
  exit "$code"
}

main "$@"
