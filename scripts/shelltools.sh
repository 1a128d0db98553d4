#!/usr/bin/env bash
# Finds what scripts are checked and run with, ShellCheck and jq, or installs
# them.
#
# As root on Debian or Ubuntu it installs the distribution's packages. Anyone
# else is told what to install.
set -euo pipefail

missing=()
for tool in shellcheck jq; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} = 0 ]; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "install the packages ${missing[*]} of your distribution (apt-get install ${missing[*]}): scripts are checked and run with them" >&2
  exit 1
fi

echo "installing ${missing[*]} with apt-get, as none was found; this takes about half a minute, once" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2
apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
