#!/usr/bin/env bash
# Usage: scripts/ci/nightly.sh ANCHOR [flag of `crosstalk gate`]...
#
# The nightly job against slow drifts, whatever the CI: gates HEAD against ANCHOR, a revision that stays the same for months,
# appends what was found to results/history/history.csv, and reports it: harness/gate/README.md, "History".
#
# Keep results/history/ from night to night (a cache, an artefact, a folder of the machine). It holds the history and the
# anchor's programs: they are built in the first night and never again, for what another compiler builds is another anchor.
# Needs this repository with its history and the packages of `packages_for run gate` (scripts/packages.sh).
#
# The exit code is 1 where a drift goes on, else 0, or why the night failed: 2 a build, 3 a law was broken, 6, 7, 8. That the gate
# finds a loss or none against a build of months ago fails no night; a contaminated one (4) is warned of, and left out.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd -P)
cd "$root"

[ $# -gt 0 ] || {
  echo "nightly.sh: against what? nightly.sh ANCHOR [flags]" >&2
  exit 2
}
commit=$(git rev-parse --verify --quiet "$1^{commit}") || {
  echo "nightly.sh: no such revision here: $1" >&2
  exit 2
}
shift
kept=results/history
anchor=$kept/anchor-$commit
built=build/gate

# The anchor's programs of an earlier night, for --base; nothing in the first one.
links_of_anchor() {
  local list="" program
  for program in "$anchor"/base-*; do
    [ ! -e "$program" ] || list+=${list:+,}$root/$program
  done
  echo "$list"
}

mkdir -p "$kept"
links=$(links_of_anchor)
# What an earlier gate built there is of another base.
[ -n "$links" ] || rm -f "$built"/base-[0-9]*
rm -rf "$kept/gate" # of the night before
code=0
GATE_BASE=$links scripts/gate.sh "$commit" HEAD -- --history "$kept/history.csv" --out "$kept/gate" "$@" || code=$?
case $code in
  0 | 1 | 5) ;;
  4)
    # Not what could not be measured, which ends with 4 too.
    grep -q '"verdict":"contaminated","exit_code":4' "$kept/gate/gate.json" || exit 4
    echo "::warning::performance history: this machine was not quiet enough tonight" >&2
    ;;
  *) exit "$code" ;;
esac
if [ -z "$links" ]; then
  rm -rf "$anchor.part"
  mkdir "$anchor.part"
  cp "$built"/base-[0-9]* "$anchor.part"
  mv "$anchor.part" "$anchor"
fi

report() {
  "$built/head-0" report --history "$kept/history.csv" "$@"
}
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || report --format markdown >>"$GITHUB_STEP_SUMMARY"
report --fail-on-drift
