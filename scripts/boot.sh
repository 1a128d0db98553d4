#!/usr/bin/env bash
# Makes the image of the guest that `make test-boot` boots, unless it is there,
# and prints its folder: Debian with systemd and cloud-init, from where this
# machine's apt takes its packages.
#
# The guest needs root and systemd-nspawn, and the image Debian. Elsewhere it
# says so in a sentence, prints no folder and succeeds.
set -euo pipefail
cd "$(dirname "$0")/.."

without() {
  echo "the user-data is not booted here: $1" >&2
  exit 0
}
[ "$(id -u)" = 0 ] || without "a guest with an init of its own needs root"
# shellcheck source=/dev/null
grep -qx 'ID=debian' /etc/os-release || without "the guest is made from the packages of Debian, and this is $(. /etc/os-release && echo "$PRETTY_NAME")"
# shellcheck source=/dev/null
suite="$(. /etc/os-release && echo "$VERSION_CODENAME")"

needed=()
for package in systemd-container mmdebstrap iproute2; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || needed+=("$package")
done
if [ ${#needed[@]} -gt 0 ]; then
  echo "installing ${needed[*]} with apt-get, once" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${needed[@]}" >&2
fi

image="$PWD/out/boot/$suite"
if [ ! -d "$image" ]; then
  echo "making the guest's image in out/boot; this takes about a minute, once" >&2
  shopt -s nullglob
  sources=(/etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
  [ ! -s /etc/apt/sources.list ] || sources+=(/etc/apt/sources.list)
  mkdir -p "${image%/*}"
  rm -rf "$image.new"
  mmdebstrap --quiet --variant=minbase \
    --include=systemd,systemd-sysv,dbus,cloud-init,curl,ca-certificates,iproute2 \
    "$suite" "$image.new" "${sources[@]}" >&2
  : >"$image.new/etc/machine-id" # each guest's own
  mv "$image.new" "$image"
fi
echo "$image"
