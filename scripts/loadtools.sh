#!/usr/bin/env bash
# Finds wrk for the benchmark of the load runner, or installs it, and prints its
# path. The other tools of that benchmark are Go modules: tools/loadtools.
#
# As root on Debian or Ubuntu it installs the distribution's package. Anyone else
# is told what to install.
set -euo pipefail

if command -v wrk; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "no wrk found: install the package wrk of your distribution (apt-get install wrk) and run make bench again" >&2
  exit 1
fi

echo "installing wrk with apt-get, as none was found; this takes about half a minute, once" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2
apt-get install -y -qq --no-install-recommends wrk >&2
command -v wrk
