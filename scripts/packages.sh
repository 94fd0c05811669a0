# shellcheck shell=bash
# The Debian 12 packages that crosstalk needs, by purpose, and the function that installs the missing ones.
# Sourced by run.sh and test.sh, which set `script` to their own name for messages. By hand:
#   apt-get install --no-install-recommends $(bash -c '. scripts/packages.sh; packages_for run test')

# Printed: the packages of the purposes given ("run": build, measure and plot; "test": what the tests need beside; "gate": what makes
# the gate surer (scripts/gate.sh), where it may be missing, and what the gate of the tests needs; "peers": libraries that are
# measured beside our own where they are installed, and that nothing needs).
packages_for() {
  local purpose
  for purpose in "$@"; do
    case $purpose in
      run)
        echo g++ cmake ninja-build
        echo git # the commit that stands in every row of the results
        echo libboost-program-options-dev libfccp-dev libsqlite3-dev zlib1g-dev
        echo libbenchmark-dev # preset `bench` has the micro-benchmarks too
        echo python3 python3-numpy python3-pandas python3-matplotlib # the plots
        echo node-d3 # draws the plots of the report page, which holds it whole
        ;;
      test)
        echo catch2
        echo clang libclang-rt-dev # the second compiler, its sanitizers
        echo clang-format clang-tidy shellcheck
        echo python3-pytest
        echo libbenchmark-tools python3-scipy # compare.py, which reads our export; it does not start without scipy
        echo chromium fonts-dejavu-core # opens the report page
        ;;
      gate)
        echo lld      # links whose functions lie in another order
        echo valgrind # instructions an operation: gate --instructions
        ;;
      peers)
        echo libtbb-dev libabsl-dev libck-dev libnsync-dev libboost-thread-dev # locks
        echo libcuckoo-dev liburcu-dev pkg-config                             # maps
        echo libboost-dev libconcurrentqueue-dev                              # thread pools
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

# Sets as_root to what runs a command as root and asks nothing; fails where there is no such way.
become_root() {
  as_root=()
  [ "$(id -u)" -ne 0 ] || return 0
  command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
  as_root=(sudo -n)
}

# update_lists LOG APT_GET...: again as long as somebody else (apt-daily after a start) reads the lists, whose lock apt-get waits for
# only where it installs.
update_lists() {
  local log=$1 most=$((SECONDS + ${APT_WAIT_S:-300}))
  shift
  until "$@" update >"$log" 2>&1 </dev/null; do
    if ! grep -q 'Could not get lock' "$log" || [ "$SECONDS" -ge "$most" ]; then return 1; fi
    sleep 3
  done
}

# apt_install LOG PACKAGE...: by as_root. The output of apt-get goes to LOG.
apt_install() {
  local log=$1
  shift
  say "installing Debian packages: $*"
  # The time-out waits for an unattended upgrade that holds the lock; what is said of locks is looked for in English.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=300)
  mkdir -p "$(dirname -- "$log")" || fail "cannot write to $(dirname -- "$log")"
  # A source that cannot be read now may not be the one that is needed: the installation decides.
  update_lists "$log" "${apt[@]}" || say "apt-get update reported errors, see $log"
  "${apt[@]}" install --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
}

is_debian() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null
}

# install_packages LOG PURPOSE...: installs what is missing, as root or by a sudo that asks nothing. Touches neither
# apt nor the network when nothing is missing.
install_packages() {
  local log=$1
  shift
  local wanted missing as_root
  mapfile -t wanted < <(packages_for "$@" | tr ' ' '\n')
  if ! is_debian; then
    say "not a Debian system: nothing is installed; needed are the equivalents of ${wanted[*]}"
    return
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0
  become_root ||
    fail "packages are missing and this user may not install them; as root: apt-get install --no-install-recommends ${missing[*]}"
  if ! apt_install "$log" "${missing[@]}"; then
    grep '^E:' "$log" >&2 || true
    fail "could not install ${missing[*]}, see $log"
  fi
}

# install_peers LOG: the same for purpose "peers", but what cannot be installed is one line and no error. It is tried once: as
# long as LOG is there, apt is left in peace.
install_peers() {
  local log=$1 wanted missing as_root
  is_debian || return 0
  mapfile -t wanted < <(packages_for peers | tr ' ' '\n')
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ ! -e "$log" ] && become_root && apt_install "$log" "${missing[@]}"; then return; fi
  say "measured without what comes with ${missing[*]}: not installed$([ ! -e "$log" ] || echo "; to try again remove $log")"
}
