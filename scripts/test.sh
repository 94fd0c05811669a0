#!/usr/bin/env bash
# Usage: scripts/test.sh [--quick]
#
# From a bare Debian 12 to all tests passed: installs the missing packages (as root, or by sudo where that asks
# nothing), then builds and tests, stage by stage, up to the first stage that fails:
#
#   ci        preset ci (g++, warnings as errors): unit, stress, smoke and tidy tests
#   pytest    the scripts' own tests
#   example   installs crosstalk, builds harness/examples against it, and measures the example's lock, map and pool
#   gate      the gate of the program against itself, and against itself slowed down on purpose (scripts/self_gate.sh)
#   clang     the second compiler, warnings as errors, with AddressSanitizer and UBSan: unit and stress tests
#   tsan      ThreadSanitizer: unit and stress tests
#   lint      clang-tidy and shellcheck
#   fuzz      libFuzzer programs for the readers of files (clang++, AddressSanitizer and UBSan), CROSSTALK_FUZZ_SECONDS
#             each (60), two at a time; what they find is kept in build/fuzz/
#
#   --quick   stages ci and pytest only
#
# Ends with the stages and their times, and a last line "N passed, N failed" that counts the tests of ctest and pytest
# and, as one each, the stages without a count of their own. The exit code is 0 if nothing failed, else 1; 2 for usage
# and set-up.
# shellcheck disable=SC2317 # the stages are called by their names
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

script=test.sh
here=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd -P)
root=${here%/scripts}
# Minimal environments leave out the folders that dpkg's own helpers stand in.
PATH="${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
# The totals are read from the tools' own words.
export LC_ALL=C.UTF-8
# shellcheck source=scripts/packages.sh
. "$here/packages.sh"
# shellcheck source=scripts/find_python.sh
. "$here/find_python.sh"

logs=$root/build/test-logs
passed=0
failed=0
skipped=0
summary=()

# configure PRESET FOLDER [option of cmake]...: from scratch, but only where there is no build folder of this place.
configure() {
  local preset=$1 folder=$root/build/$2
  if [ ! -f "$folder/build.ninja" ] ||
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    # The presets of g++ leave the compiler to CMake; the one that names clang++ takes no notice.
    CXX=g++ cmake --fresh --preset "$preset" -B "$folder" "${@:3}"
  fi
}

# build PRESET [option of cmake]...
build() {
  configure "$1" "$1" "${@:2}"
  cmake --build "$root/build/$1"
}

# Some sources in one translation unit: headers, which are most of the work, are read a fraction as often. Stage ci
# builds them one by one, so that none leans on what its neighbour includes.
build_in_groups() {
  build "$1" -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=6
}

# run_ctest PRESET [option of ctest]...
run_ctest() {
  ctest --test-dir "$root/build/$1" --output-on-failure --no-tests=error "${@:2}"
}

stage_ci() {
  build ci
  run_ctest ci -j "$(nproc)"
}

stage_pytest() {
  local python
  python=$(find_python pytest numpy pandas matplotlib) ||
    fail "no python3 has pytest, numpy, pandas and matplotlib"
  "$python" -m pytest -q -p no:cacheprovider "$here/tests"
}

stage_example() {
  local work program strategy
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf -- '$work'" EXIT
  cmake --install "$root/build/ci" --prefix "$work/first" >/dev/null
  # What is installed may be moved.
  mv "$work/first" "$work/prefix"
  cmake -S "$root/harness/examples" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release
  cmake --build "$work/build"
  "$work/prefix/bin/crosstalk" --version
  ctest --test-dir "$work/build" --output-on-failure --no-tests=error
  # Installed beside the program, which finds them there.
  if ! "$work/prefix/bin/crosstalk" verify counter/atomic --tier full --seconds 1 >"$work/verified" ||
    ! grep -q ' explore: 2 scenarios, ' "$work/verified"; then
    cat "$work/verified"
    fail "the installed verify does not pass a counter with its explored scenarios"
  fi

  program=$work/build/my_crosstalk
  "$program" list >"$work/list"
  for strategy in coarse/my_lock sharded/my_lock map/my_map; do
    grep -qF "$strategy" "$work/list" || fail "the example's list lacks $strategy"
  done
  export CROSSTALK_FOREIGN_LIMIT=100
  "$program" run --strategy '*/my_*' --ops 20000 --clients 200 --out "$work/results"
  "$program" run --strategy '*/my_*' --ops 20000 --clients 200 --path pooled --workers 2 --pool my_pool --out "$work/results"
  "$(find_python csv)" - "$work/results/runs.csv" <<'PYTHON'
import csv, sys
rows = [row for row in csv.DictReader(open(sys.argv[1], newline="")) if "/my_" in row["strategy"] and row["op"] == "all"]
found = {(row["strategy"], row["pool"]) for row in rows}
if found != {(name, pool) for name in ("coarse/my_lock", "sharded/my_lock", "map/my_map") for pool in ("", "my_pool")}:
    sys.exit(f"{sys.argv[1]}: not a row for each of the example's strategies, with and without its pool: {found}")
if not all(row["verified"] == "1" for row in rows):
    sys.exit(f"{sys.argv[1]}: a row of the example's is not verified")
PYTHON
  local code=0
  "$program" run --strategy coarse/leaky_lock --ops 20000 --out "$work/refused" 2>"$work/refusal" || code=$?
  if [ "$code" != 3 ] || ! grep -q 'exclusion' "$work/refusal" || ! grep -q 'replay: crosstalk verify' "$work/refusal"; then
    fail "a lock that excludes nobody was not refused with a page: exit code $code"
  fi
}

stage_gate() {
  "$here/self_gate.sh" "$root/build/ci/crosstalk"
}

stage_tsan() {
  build_in_groups tsan
  # ThreadSanitizer of g++ 12 does not start where the kernel places mappings very randomly.
  local plain=()
  if setarch -R true 2>/dev/null; then plain=(setarch -R); fi
  "${plain[@]}" ctest --test-dir "$root/build/tsan" --output-on-failure --no-tests=error -L '^(unit|stress)$' \
    -j "$(nproc)"
}

stage_clang() {
  build_in_groups clang
  run_ctest clang -L '^(unit|stress)$' -j "$(nproc)"
}

# The tests are left out: twice the time for a kind of code that runs under two sanitizers.
stage_lint() {
  configure clang lint # for its list of compile commands
  local pattern # of paths, so that what stands in the name of this folder is taken literally
  pattern=^$(sed 's/[^A-Za-z0-9_/-]/\\&/g' <<<"$root")'/(pool|workloads|reports|harness)/.*(?<!_test)\.cpp$'
  run-clang-tidy -quiet -p "$root/build/lint" -j "$(nproc)" "$pattern"
  shellcheck -x scripts/*.sh .ci/run
}

# What is found anew stays out of the corpus of the repository, which is only read.
stage_fuzz() {
  configure fuzz fuzz
  cmake --build --preset fuzz
  local seconds=${CROSSTALK_FUZZ_SECONDS:-60}
  # $1 of the inner shell is the seconds, $2 the corpus; the program is named after it.
  # shellcheck disable=SC2016
  printf '%s\0' reports/corpus/csv workloads/corpus/scenario workloads/corpus/trace_csv harness/corpus/plan |
    xargs -0 -P 2 -I{} bash -euo pipefail -c '
      name=$(basename -- "$2")
      mkdir -p "build/fuzz/found/$name"
      # A machine that stops for minutes is no endless loop.
      build/fuzz/crosstalk_"$name"_fuzz -max_total_time="$1" -max_len=4096 -timeout=300 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$name-" "build/fuzz/found/$name" "$2" >"build/fuzz/$name.log" 2>&1 ||
        { tail -n 40 "build/fuzz/$name.log"; exit 1; }
      grep -E "^(Done|stat::number_of_executed_units)" "build/fuzz/$name.log"' fuzz "$seconds" {}
}

# Adds the totals of ctest and pytest in the log of a stage; a stage without any counts as one test.
count() {
  local log=$1 code=$2 counted=0 bad=0 line
  while IFS= read -r line; do
    if [[ $line =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
      counted=$((counted + BASH_REMATCH[2]))
      bad=$((bad + BASH_REMATCH[1]))
    elif [[ $line =~ (passed|failed|skipped|errors?).*\ in\ [0-9.]+s ]]; then
      [[ ! $line =~ ([0-9]+)\ passed ]] || counted=$((counted + BASH_REMATCH[1]))
      [[ ! $line =~ ([0-9]+)\ skipped ]] || skipped=$((skipped + BASH_REMATCH[1]))
      local word
      for word in failed error; do
        [[ ! $line =~ ([0-9]+)\ $word ]] || { counted=$((counted + BASH_REMATCH[1])) && bad=$((bad + BASH_REMATCH[1])); }
      done
    fi
  done < <(grep -E 'tests failed out of|^[= ]*[0-9]+ (passed|failed|skipped|error)' "$log" || true)
  [ "$counted" -gt 0 ] || counted=1
  [ "$code" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ "$bad" -le "$counted" ] || counted=$bad
  passed=$((passed + counted - bad))
  failed=$((failed + bad))
}

run_stage() {
  local name=$1 log=$logs/$1.log start=$SECONDS code
  echo "== $name"
  # Not in a condition, where bash would ignore -e inside the stage.
  set +e
  (
    set -e
    cd "$root"
    "stage_$name"
  ) 2>&1 </dev/null | tee "$log"
  code=${PIPESTATUS[0]}
  set -e
  count "$log" "$code"
  if [ "$code" -eq 0 ]; then
    summary+=("$(printf '%-8s ok     %5d s' "$name" $((SECONDS - start)))")
  else
    summary+=("$(printf '%-8s FAILED %5d s' "$name" $((SECONDS - start)))")
    finish "stage $name failed, see $log"
  fi
}

# finish [message]: the last words; with a message the run has failed.
finish() {
  echo
  printf '%s\n' "${summary[@]}"
  if [ $# -gt 0 ]; then say "$*"; fi
  if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  [ $# -eq 0 ] && [ "$failed" -eq 0 ] && exit 0
  exit 1
}

main() {
  local stages=(ci pytest example gate clang tsan lint fuzz) stage start=$SECONDS
  case ${1:-} in
    "") ;;
    --quick) stages=(ci pytest) ;;
    -h | --help)
      sed -n '2,/^# shellcheck/{/^# shell/d;/^#/s/^# \{0,1\}//p}' "$here/test.sh"
      exit 0
      ;;
    *) fail "unknown argument '$1'; there are --quick and --help" ;;
  esac
  [ $# -le 1 ] || fail "at most one argument, got $#"

  mkdir -p "$logs" 2>/dev/null || fail "cannot write to $logs"
  install_packages "$logs/packages.log" run test gate
  install_peers "$logs/peers.log"
  summary+=("$(printf '%-8s ok     %5d s' packages $((SECONDS - start)))")
  for stage in "${stages[@]}"; do run_stage "$stage"; done
  finish
}

main "$@"
