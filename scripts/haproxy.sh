#!/usr/bin/env bash
# Finds HAProxy for the benchmark, or installs it, and prints its path.
#
# As root on Debian or Ubuntu it installs the distribution's package, without
# starting the service that comes with it. Anyone else is told what to install.
set -euo pipefail
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

if command -v haproxy; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "no haproxy found: install the package haproxy of your distribution (apt-get install haproxy) and run make bench again" >&2
  exit 1
fi

echo "installing HAProxy with apt-get, as none was found; this takes about half a minute, once" >&2
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
apt-get update -qq >&2
apt-get install -y -qq --no-install-recommends haproxy >&2
command -v haproxy
