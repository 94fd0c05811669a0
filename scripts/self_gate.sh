#!/usr/bin/env bash
# Usage: scripts/self_gate.sh PROGRAM
#
# Does the gate do what it is for? Asks `PROGRAM gate` three times, in about two minutes:
#
#   against itself, timed          must not be red: 0 passes, and so do 4 and 5, for the machine may not be quiet
#   against itself, counted        must be 0: instructions do not depend on the machine
#   slowed down on purpose         must be red (1), by instructions alone, and say what grew: a gate that lets this pass is asleep
#
# Needs valgrind. The exit code is 0, or 1 with a line that says which of them ended how.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

[ $# -eq 1 ] || {
  echo "self_gate.sh: one argument, the program, got $#" >&2
  exit 2
}
program=$1
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

fail() {
  echo "self_gate.sh: $*" >&2
  exit 1
}

# gate NAME [flag]...: sets `code`.
gate() {
  code=0
  echo "-- $1: gate ${*:2}"
  "$program" gate --base "$program" --head "$program" --seed 1 --quiet --out "$work/$1" "${@:2}" || code=$?
}

counted=(--metrics instructions --scenarios "solo_team,solo_stream")

gate timed --metrics "throughput,cpu_per_op" --scenarios "solo_team,solo_map" --block 200ms --warmup 50ms --budget 60s
case $code in
  0 | 4 | 5) ;;
  1) fail "the program regressed against itself" ;;
  *) fail "the gate of the program against itself ended with exit code $code" ;;
esac

gate counted "${counted[@]}"
[ "$code" -eq 0 ] || fail "the program's instructions differ from its own: exit code $code"

gate slowed "${counted[@]}" --inject lock=50%
[ "$code" -eq 1 ] || fail "a head that does half of its locked work twice is not red: exit code $code"
grep -q 'does more: instructions an operation +.*grown: ' "$work/slowed/summary.md" ||
  fail "the gate does not say which functions of the slower head grew"
