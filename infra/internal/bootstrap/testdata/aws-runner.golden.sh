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

# Who am I? Instance metadata, version 2 only.
metadata=http://169.254.169.254/latest
token=$(curl -sSf --max-time 5 --retry 5 --retry-all-errors --retry-delay 1 \
  -X PUT "$metadata/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 300")
about() {
  curl -sSf --max-time 5 --retry 5 --retry-all-errors --retry-delay 1 \
    -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/$1"
}
instance=$(about instance-id)
zone=$(about placement/availability-zone)
say "instance $instance in zone $zone, release $release"

# The release, by the instance's own role. A new role is not known everywhere at once, hence the retries.
retry 5 aws s3 cp "s3://releases-1a2b3c4/releases/<release>/loadrunner" "$binary.new" --region eu-central-1 --only-show-errors

# Install: nothing takes its final name before it is whole.
echo "$release  $binary.new" | sha256sum --check --quiet -
chmod 0755 "$binary.new"
mv -f "$binary.new" "$binary"

# The token that writes need, from an object that this instance's role alone may read.
umask 077
retry 5 aws s3 cp "s3://releases-1a2b3c4/tokens/a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e" "$etc/token.new" --region eu-central-1 --only-show-errors
echo "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e  $etc/token.new" | sha256sum --check --quiet -

# What the unit is told, and the plan that each run follows.
cat >"$etc/load.env" <<ENV
ORCHARD_INSTANCE=$instance
ORCHARD_ZONE=$zone
ORCHARD_PLAN=$etc/plan.yaml
ORCHARD_RESULTS=s3://releases-1a2b3c4/results/load/$instance
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
# upload FILE NAME puts one file.
upload() {
  aws s3 cp "$1" "$ORCHARD_RESULTS/$2" --region eu-central-1 --only-show-errors
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
MemoryDenyWriteExecute=no
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
