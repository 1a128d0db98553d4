#!/usr/bin/env bash
# Finds Chromium for the tests of the console, or installs it, and prints its
# path. $CHROMIUM names another than the one on PATH.
#
# As root on Debian it installs the distribution's package. Anyone else is told
# what to install. (Ubuntu's package is a snap, which does not run everywhere.)
set -euo pipefail

if command -v "${CHROMIUM:-chromium}" || { [ -z "${CHROMIUM:-}" ] && command -v google-chrome; }; then
  exit 0
fi
if [ -n "${CHROMIUM:-}" ] || [ "$(id -u)" != 0 ] || ! grep -qx 'ID=debian' /etc/os-release || ! command -v apt-get >/dev/null; then
  echo "no Chromium found${CHROMIUM:+ at $CHROMIUM}: install the package chromium of your distribution, or name a Chromium with CHROMIUM=path" >&2
  exit 1
fi

echo "installing Chromium with apt-get, as none was found; this takes about a minute, once" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2
apt-get install -y -qq --no-install-recommends chromium >&2
command -v chromium
