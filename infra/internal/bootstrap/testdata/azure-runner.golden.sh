#!/bin/bash
# Makes this machine a node that sends load to Orchard. Runs once, as root, at first boot.
set -euo pipefail
umask 022

dest="${DESTDIR:-}"
etc="$dest/etc/orchard"
units="$dest/etc/systemd/system"
binary="$dest/usr/local/bin/loadrunner"
release=<release>

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

# Who am I? Instance metadata, which answers in plain text leaf by leaf.
metadata=http://169.254.169.254/metadata
about() {
  curl -sSf --max-time 5 --retry 5 --retry-all-errors --retry-delay 1 \
    -H "Metadata: true" "$metadata/instance/compute/$1?api-version=2021-02-01&format=text"
}
instance=$(about name)
zone=$(about location)-$(about zone)
say "instance $instance in zone $zone, release $release"

# Blobs, by the instance's own identity. Its token never is an argument, which others could read.
# token SERVICE is for https://SERVICE.
token() {
  curl -sSf --max-time 20 -H "Metadata: true" \
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F$1&client_id=0a0a0a0a-0000-4000-8000-000000000001" |
    sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'
}
# ask PATH FILE asks for a blob once, and notes the answer's status.
ask() {
  local bearer
  bearer=$(token storage.azure.com%2F) && [ -n "$bearer" ] || { status=000; return 0; }
  status=$(printf 'Authorization: Bearer %s\n' "$bearer" |
    curl -sS --max-time 120 -H @- -H "x-ms-version: 2020-10-02" -o "$2" -w '%{http_code}' \
      "https://orchard0123456789.blob.core.windows.net/$1") || status=000
}
# fetch WHAT PATH FILE asks until the blob comes. A new role assignment is not known everywhere at once: for minutes the store may answer 403 or 404.
fetch() {
  local deadline=$((SECONDS + 900))
  status=
  until [ "$status" = 200 ]; do
    ask "$2" "$3"
    case "$status" in
      200) ;;
      000 | 403 | 404 | 408 | 429 | 5??)
        [ "$SECONDS" -lt "$deadline" ] || { say "gave up: the store answers $status for the $1"; exit 1; }
        sleep 5
        ;;
      *) say "the store answers $status for the $1"; exit 1 ;;
    esac
  done
}
fetch release "releases/releases/<release>/loadrunner" "$binary.new"

# Install: nothing takes its final name before it is whole.
echo "$release  $binary.new" | sha256sum --check --quiet -
chmod 0755 "$binary.new"
mv -f "$binary.new" "$binary"

# The token that writes need, from a blob that this instance's identity alone may read.
umask 077
fetch "write token" "tokens/tokens/a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e" "$etc/token.new"
echo "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e  $etc/token.new" | sha256sum --check --quiet -

# What the unit is told, and the plan that each run follows.
cat >"$etc/load.env" <<ENV
ORCHARD_INSTANCE=$instance
ORCHARD_ZONE=$zone
ORCHARD_PLAN=$etc/plan.yaml
ORCHARD_RESULTS=https://orchard0123456789.blob.core.windows.net/results/load/$instance
ORCHARD_WRITE_TOKEN=$(cat "$etc/token.new")
ENV
rm -f "$etc/token.new"
umask 022
cat >"$etc/plan.yaml" <<'PLAN'
target:
  url: http://fruit.example.org
PLAN

# One run, and every result that is kept goes to the store.
mkdir -p "$dest/usr/local/lib/orchard"
cat >"$dest/usr/local/lib/orchard/run-load" <<'RUN'
#!/bin/bash
set -euo pipefail
# token SERVICE is for https://SERVICE.
token() {
  curl -sSf --max-time 20 -H "Metadata: true" \
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F$1&client_id=0a0a0a0a-0000-4000-8000-000000000001" |
    sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'
}
# upload FILE NAME puts one file.
upload() {
  local bearer
  bearer=$(token storage.azure.com%2F) && [ -n "$bearer" ] || return 1
  printf 'Authorization: Bearer %s\n' "$bearer" |
    curl -sSf --max-time 60 -H @- -H "x-ms-version: 2020-10-02" -H "x-ms-blob-type: BlockBlob" \
      -T "$1" "$ORCHARD_RESULTS/$2"
}
# A result is whole when its run.json is there, so that goes last.
send() {
  local file
  for file in windows.jsonl run.json; do
    upload "$1/$file" "${1##*/}/$file" || return 1
  done
  rm -rf "$1"
}
result="$STATE_DIRECTORY/$(date -u +%Y%m%dT%H%M%SZ)"
status=0
"$1" run "$ORCHARD_PLAN" --node "$ORCHARD_INSTANCE" --out "$result" || status=$?
[ -e "$result/run.json" ] || rm -rf "$result"
for each in "$STATE_DIRECTORY"/*; do
  [ ! -d "$each" ] || send "$each" || echo "cannot send $each; the next run tries again" >&2
done
# A run that has missed its objectives (1) is a run; one that is broken is none.
[ "$status" -le 1 ]
RUN
chmod 0755 "$dest/usr/local/lib/orchard/run-load"

# The units. A run that has not ended when the next is due goes on, and that one is left out.
cat >"$units/orchard-load.service" <<UNIT
[Unit]
Description=Orchard, one run of the load runner
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=$dest/usr/local/lib/orchard/run-load $binary
EnvironmentFile=$etc/load.env
StateDirectory=orchard-load
StateDirectoryMode=0700
TimeoutStartSec=170
LimitNOFILE=65536
DynamicUser=yes
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UNIT

cat >"$units/orchard-load.timer" <<UNIT
[Unit]
Description=Orchard, a run of the load runner each minute

[Timer]
OnCalendar=minutely
AccuracySec=1s

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now orchard-load.timer
say "a run begins each minute"
