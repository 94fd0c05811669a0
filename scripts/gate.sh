#!/usr/bin/env bash
# Usage: scripts/gate.sh BASE [HEAD] [-- flag of `crosstalk gate`]...
#
# Is one version of crosstalk slower than another? Builds both, each a git revision checked out into a folder of its own, with
# the same compiler, flags and length of path, links each several times with its functions in another order, and asks the newer
# one: `crosstalk gate`. Without HEAD: what stands in the working tree, as far as git tracks it.
#
#   scripts/gate.sh origin/main
#   scripts/gate.sh v1.0.0 HEAD -- --scenarios solo_team,solo_map --budget 60s
#
# GATE_LINKS=N: links of each version (default 4; 1 where lld is missing). Where functions lie alone moves a program's speed by
# several per cent; each block of the gate draws one link, and what is red is confirmed with links it was not found with.
# GATE_CMAKE="-DNAME=VALUE ...": for both builds, such as -DCMAKE_CXX_COMPILER_LAUNCHER=ccache.
# GATE_BASE=FILE,...: programs that are the base, built earlier; BASE then only names what they were built from.
# Builds stay in build/gate/, so that a second gate is quick.
#
# The exit code is the gate's: 0 nothing regressed, 1 regressed, 2 usage or a build that failed, 3 a law was broken, 4
# contaminated, 5 undecided, 6 not comparable, 7 results could not be written, 8 a program crashed or hung.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd -P)
folder=$root/build/gate

fail() {
  echo "gate.sh: $*" >&2
  exit 2
}

say() {
  echo "gate.sh: $*" >&2
}

# The commit of a revision; of none that of the working tree, made without touching it.
commit_of() {
  local revision=$1 commit
  if [ -n "$revision" ]; then
    git -C "$root" rev-parse --verify --quiet "$revision^{commit}" || fail "no such revision: $revision"
    return
  fi
  commit=$(git -C "$root" stash create) || fail "the working tree cannot be read"
  [ -n "$commit" ] || commit=$(git -C "$root" rev-parse HEAD)
  echo "$commit"
}

# check_out NAME COMMIT: into build/gate/NAME.
check_out() {
  local name=$1 commit=$2
  if [ -e "$folder/$name/.git" ]; then
    git -C "$folder/$name" checkout --quiet --detach --force "$commit" || fail "$folder/$name cannot be set to $commit"
  else
    git -C "$root" worktree prune
    git -C "$root" worktree add --quiet --detach "$folder/$name" "$commit" || fail "$commit cannot be checked out"
  fi
}

# link NAME NUMBER: build/gate/NAME-NUMBER, the same objects in another order. Only the link differs from that before.
link() {
  local name=$1 number=$2 order=() more=()
  read -ra more <<<"${GATE_CMAKE:-}"
  [ "$links" -eq 1 ] || order=("-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -Wl,--shuffle-sections=.text*=$((number + 1))")
  (
    cd "$folder/$name"
    cmake --preset bench "-DCMAKE_CXX_FLAGS=-ffunction-sections" -DCROSSTALK_BENCHMARKS=OFF "${more[@]}" "${order[@]}" &&
      cmake --build --preset bench --target crosstalk
  ) >>"$folder/$name.log" 2>&1 || fail "$name does not build, see $folder/$name.log"
  # One that runs, as in another gate, is not written into.
  cp --remove-destination "$folder/$name/build/bench/crosstalk" "$folder/$name-$number" ||
    fail "$folder/$name-$number cannot be written"
}

# Printed: the links of a version, for --base or --head.
build() {
  local name=$1 number list=""
  : >"$folder/$name.log"
  for ((number = 0; number < links; ++number)); do
    say "building $name, link $((number + 1)) of $links"
    link "$name" "$number" || exit
    list+=${list:+,}$folder/$name-$number
  done
  echo "$list"
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
links=${GATE_LINKS:-4}
case $links in
  [1-9] | 1[0-6]) ;;
  *) fail "GATE_LINKS: must be between 1 and 16, got $links" ;;
esac
if [ "$links" -gt 1 ] && ! command -v ld.lld >/dev/null; then
  say "no lld (Debian: apt-get install lld): each version is linked once, so that a difference may be one of the links"
  links=1
fi

mkdir -p "$folder"
exec 9>"$folder/lock"
flock -n 9 || fail "another gate builds in $folder"
base_commit=$(commit_of "$base")
head_commit=$(commit_of "$head")
check_out head "$head_commit"
base_links=${GATE_BASE:-}
if [ -z "$base_links" ]; then
  check_out base "$base_commit"
  base_links=$(build base) || exit
fi
head_links=$(build head) || exit
# From here on results/ is that of the caller.
exec "${head_links%%,*}" gate --base "$base_links" --head "$head_links" "$@"
