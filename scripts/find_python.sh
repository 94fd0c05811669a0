#!/usr/bin/env bash
# Usage: scripts/find_python.sh [MODULE...]
# Prints the path of a Python 3 that has every module given (numpy, pandas and matplotlib if none is), or
# fails with one line. Debian's packages belong to /usr/bin/python3, so that one is tried first, even when another
# python3 stands before it in PATH.

find_python() {
  # Looks the modules up without importing them, which would take a second.
  local python code='import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, sys.argv[1:])))'
  while IFS= read -r python; do
    if "$python" -c "$code" "$@" >/dev/null 2>&1 </dev/null; then
      printf '%s\n' "$python"
      return
    fi
  done < <(
    [ ! -x /usr/bin/python3 ] || echo /usr/bin/python3
    type -aP python3
  )
  return 1
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  [ $# -gt 0 ] || set -- numpy pandas matplotlib
  if ! find_python "$@"; then
    echo "find_python.sh: no python3 has $*; on Debian: apt-get install ${*/#/python3-}" >&2
    exit 2
  fi
fi
