# shellcheck shell=bash
# The Debian 12 packages that crosstalk needs, by purpose, and the function that installs the missing ones.
# Sourced by run.sh and test.sh, which set `script` to their own name for messages. By hand:
#   apt-get install --no-install-recommends $(bash -c '. scripts/packages.sh; packages_for run test')

# Printed: the packages of the purposes given ("run": build, measure and plot; "test": what the tests need beside).
packages_for() {
  local purpose
  for purpose in "$@"; do
    case $purpose in
      run)
        echo g++ cmake ninja-build
        echo git # the commit that stands in every row of the results
        echo libboost-program-options-dev libfccp-dev libsqlite3-dev zlib1g-dev
        echo libbenchmark-dev catch2 # preset `bench` is the same build that developers use, micro-benchmarks and tests included
        echo python3 python3-numpy python3-pandas python3-matplotlib # the plots
        ;;
      test)
        echo clang libclang-rt-dev # the second compiler, its sanitizers
        echo clang-format clang-tidy shellcheck
        echo python3-pytest
        ;;
    esac
  done
}

fail() {
  echo "${script:?}: $*" >&2
  exit 2
}

say() {
  echo "${script:?}: $*" >&2
}

# Printed: those of the packages given that are not installed.
missing_packages() {
  local installed package
  # dpkg-query complains of the unknown ones, which is the answer asked for.
  installed=$(dpkg-query --show --showformat '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null | sed -n 's/^.i *//p') || true
  for package in "$@"; do
    grep -qxF -e "$package" <<<"$installed" || echo "$package"
  done
}

# install_packages LOG PURPOSE...: installs what is missing, as root or by a sudo that asks nothing. Touches neither
# apt nor the network when nothing is missing. The output of apt-get goes to LOG.
install_packages() {
  local log=$1
  shift
  local wanted missing
  mapfile -t wanted < <(packages_for "$@" | tr ' ' '\n')
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "not a Debian system: nothing is installed; needed are the equivalents of ${wanted[*]}"
    return
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      fail "packages are missing and this user may not install them; as root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    as_root=(sudo -n)
  fi
  say "installing Debian packages: ${missing[*]}"
  # The time-out waits for an unattended upgrade that holds the lock.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  mkdir -p "$(dirname -- "$log")" || fail "cannot write to $(dirname -- "$log")"
  # A source that cannot be read now may not be the one that is needed: the installation decides.
  "${apt[@]}" update >"$log" 2>&1 </dev/null || say "apt-get update reported errors, see $log"
  if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null; then
    grep '^E:' "$log" >&2 || true
    fail "could not install ${missing[*]}, see $log"
  fi
}
