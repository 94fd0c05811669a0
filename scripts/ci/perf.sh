#!/usr/bin/env bash
# Usage: scripts/ci/perf.sh BASE [flag of `crosstalk gate`]...
#
# The performance check of a CI job, whatever the CI: gates the checked out tree against BASE (the merge base of BASE and HEAD),
# leaves everything in results/gate/ (keep it as an artefact: summary.md, junit.xml, gate.json, pairs.csv) and ends with 0 or,
# where something regressed, 1. Needs this repository with its history and the packages of `packages_for run gate`
# (scripts/packages.sh).
#
# PERF_UNDECIDED=fail: undecided fails too. By default it passes with a warning, for shared machines are noisy.
# Contaminated (4) is tried once more, then passes with a warning: it says nothing of the code. What could not be measured at all,
# which ends with 4 too, fails.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd -P)
cd "$root"

[ $# -gt 0 ] || {
  echo "perf.sh: against what? perf.sh BASE [flags]" >&2
  exit 2
}
base=$(git merge-base "$1" HEAD) || {
  echo "perf.sh: $1 and HEAD have no common ancestor here; the checkout needs its history" >&2
  exit 2
}
shift

gate() {
  rm -rf results/gate
  "$root/scripts/gate.sh" "$base" HEAD -- --out results/gate --format markdown "$@"
}

# GitHub shows a line of this form beside the job; elsewhere it is a line like any other.
warn() {
  echo "::warning::performance gate: $*" >&2
}

# Did the gate end with a verdict, and that one?
is_contaminated() {
  grep -q '"verdict":"contaminated","exit_code":4' results/gate/gate.json
}

code=0
gate "$@" || code=$?
if [ "$code" -eq 4 ] && is_contaminated; then
  code=0
  gate "$@" || code=$?
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -e results/gate/summary.md ]; then
  cat results/gate/summary.md >>"$GITHUB_STEP_SUMMARY"
fi
case $code in
  4)
    is_contaminated || exit 4
    warn "contaminated twice: this machine was not quiet enough for a verdict"
    exit 0
    ;;
  5)
    warn "undecided: see results/gate/summary.md for what could have been shown"
    [ "${PERF_UNDECIDED:-pass}" = fail ] || exit 0
    ;;
esac
exit "$code"
