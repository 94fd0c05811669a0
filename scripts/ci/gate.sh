#!/usr/bin/env bash
# Usage: scripts/ci/gate.sh BASE [HEAD] [-- flag of `crosstalk gate`]...
#
# Builds two versions of crosstalk, each a git revision checked out into a folder of its own beneath build/gate/, with
# the same compiler and preset `bench`, and asks the newer one whether it is worse: `crosstalk gate`. HEAD is the
# working tree as it stands unless a revision is given.
#
#   scripts/ci/gate.sh origin/main
#   scripts/ci/gate.sh v1.0.0 HEAD -- --scenarios team,stream --pairs 40 --margin 3%
#
# The exit code is the gate's: 0 nothing regressed, 1 regressed, 2 usage or a build that failed, 3 a law was broken, 4 too
# few sound pairs, 5 undecided, 6 not comparable, 8 a program crashed.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd -P)

fail() {
  echo "gate.sh: $*" >&2
  exit 2
}

# Builds the program of a source folder; the folder's own build/bench is used, so that a second run is quick.
build() {
  local source=$1 log=$root/build/gate/$2.log
  echo "gate.sh: building $2 ($source)" >&2
  (cd "$source" && cmake --preset bench && cmake --build --preset bench --target crosstalk) >"$log" 2>&1 ||
    fail "$2 does not build, see $log"
}

# Checks a revision out, or leaves it as it is if it is there already.
check_out() {
  local revision=$1 name=$2 folder=$root/build/gate/$2 commit
  commit=$(git -C "$root" rev-parse --verify --quiet "$revision^{commit}") || fail "$name: no such revision: $revision"
  if [ -e "$folder/.git" ]; then
    git -C "$folder" checkout --quiet --detach "$commit" || fail "$name: $folder cannot be set to $revision"
  else
    git -C "$root" worktree prune
    git -C "$root" worktree add --quiet --detach "$folder" "$commit" || fail "$name: $revision cannot be checked out"
  fi
}

[ $# -gt 0 ] || fail "which revision is the base? gate.sh BASE [HEAD] [-- flags]"
base=$1
shift
head=""
if [ $# -gt 0 ] && [ "$1" != -- ]; then
  head=$1
  shift
fi
[ $# -eq 0 ] || [ "$1" = -- ] || fail "flags of the gate stand behind --, got $1"
[ $# -eq 0 ] || shift
mkdir -p "$root/build/gate"

check_out "$base" base
build "$root/build/gate/base" base
head_source=$root
if [ -n "$head" ]; then
  check_out "$head" head
  head_source=$root/build/gate/head
fi
build "$head_source" head

# A path as long as the other's: the length of argv moves the stack, and with it what lies beside what in the cache.
cp "$root/build/gate/base/build/bench/crosstalk" "$root/build/gate/crosstalk-base"
cp "$head_source/build/bench/crosstalk" "$root/build/gate/crosstalk-head"
case " $* " in
  *" --scenarios"*) ;;
  *) set -- --scenarios community,team "$@" ;;
esac
exec "$root/build/gate/crosstalk-head" gate --base "$root/build/gate/crosstalk-base" \
  --head "$root/build/gate/crosstalk-head" "$@"
