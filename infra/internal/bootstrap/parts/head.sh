#!/bin/bash
# {{.Purpose}} Runs once, as root, at first boot.
set -euo pipefail
umask 022

dest="${DESTDIR:-}"
etc="$dest/etc/orchard"
units="$dest/etc/systemd/system"
binary="$dest/usr/local/bin/{{.Program}}"
release={{.Digest}}

say() { echo "orchard bootstrap: $*" >&2; }
trap 'say "failed at line $LINENO: $BASH_COMMAND"' ERR

# retry TIMES COMMAND... runs the command until it succeeds, two seconds apart.
retry() {
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then
      say "gave up: $*"
      return 1
    fi
    sleep 2
  done
}

mkdir -p "$etc" "$units" "${binary%/*}"
