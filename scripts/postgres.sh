#!/usr/bin/env bash
# Finds PostgreSQL 14 or newer for the local cloud, or installs it.
#
# As root on Debian or Ubuntu it installs the distribution's package, without
# the server that the package would otherwise create and start. Anyone else is
# told what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

if bin/localcloud postgres >/dev/null 2>&1; then
  exit 0
fi
# A folder that was named but does not hold PostgreSQL is a mistake to correct,
# not a reason to install another one.
if [ -n "${LOCALCLOUD_POSTGRES:-}" ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  bin/localcloud postgres
  exit 1
fi

echo "installing PostgreSQL with apt-get, as none was found; this takes about a minute, once" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2
apt-get install -y -qq --no-install-recommends postgresql-common >&2
conf=/etc/postgresql-common/createcluster.d/localcloud.conf
mkdir -p "$(dirname "$conf")"
echo "create_main_cluster = false" >"$conf"
trap 'rm -f "$conf"' EXIT
apt-get install -y -qq --no-install-recommends postgresql >&2
bin/localcloud postgres >/dev/null
