#!/bin/bash
# Makes this machine serve one release of Orchard. Runs once, as root, at first boot.
set -euo pipefail
umask 022

dest="${DESTDIR:-}"
etc="$dest/etc/orchard"
units="$dest/etc/systemd/system"
binary="$dest/usr/local/bin/orchard"
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

# The scaling group holds this instance back until it hears how the boot ended. One that failed is replaced at once.
group=orchard-dev-app
complete_hook() {
  aws autoscaling complete-lifecycle-action --region eu-central-1 --auto-scaling-group-name "$group" \
    --lifecycle-hook-name serving --lifecycle-action-result "$1" --instance-id "$instance"
}
trap 'say "failed at line $LINENO: $BASH_COMMAND"; complete_hook ABANDON || say "cannot abandon the launch"' ERR

# The release, by the instance's own role. A new role is not known everywhere at once, hence the retries.
retry 5 aws s3 cp "s3://releases-1a2b3c4/releases/<release>/orchard" "$binary.new" --region eu-central-1 --only-show-errors
# The authority that signs the database's certificate.
curl -sSf --max-time 20 --retry 5 --retry-all-errors --retry-delay 2 -o "$etc/database-ca.pem.new" \
  https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem
mv -f "$etc/database-ca.pem.new" "$etc/database-ca.pem"
trust="&sslrootcert=$etc/database-ca.pem"

# What the units are told. Only the migration learns how to be the master role.
umask 077
database="database.abc.eu-central-1.rds.amazonaws.com:5432/orchard?sslmode=verify-full$trust"
cat >"$etc/orchard.env" <<ENV
ORCHARD_LISTEN=:8080
ORCHARD_INSTANCE=$instance
ORCHARD_ZONE=$zone
ORCHARD_DATABASE_URL=postgres://orchard_app@$database
ORCHARD_DATABASE_POOL=6
ORCHARD_DRAIN_WAIT=15s
ORCHARD_WRITE_TOKEN_SHA256=5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e
ORCHARD_DATABASE_AUTH=aws-iam
AWS_REGION=eu-central-1
ENV
cat >"$etc/migrate.env" <<ENV
ORCHARD_DATABASE_URL=postgres://orchard_admin@$database
ORCHARD_APP_ROLE=orchard_app
ORCHARD_DATABASE_AUTH=aws-secret
ORCHARD_DATABASE_SECRET=arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b-AbCdEf
AWS_REGION=eu-central-1
ENV
umask 022

# The units. The socket is open before the service and stays open while it restarts.
cat >"$units/orchard.socket" <<UNIT
[Unit]
Description=Orchard, the fruit API's socket

[Socket]
ListenStream=8080

[Install]
WantedBy=sockets.target
UNIT

cat >"$units/orchard-migrate.service" <<UNIT
[Unit]
Description=Orchard, the database schema and the service's role
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$binary migrate
EnvironmentFile=$etc/migrate.env
TimeoutStartSec=120
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

cat >"$units/orchard.service" <<UNIT
[Unit]
Description=Orchard, the fruit API
Requires=orchard.socket orchard-migrate.service
After=orchard.socket orchard-migrate.service
StartLimitIntervalSec=0

[Service]
Type=simple
ExecStart=$binary serve
EnvironmentFile=$etc/orchard.env
RuntimeDirectory=orchard
RuntimeDirectoryMode=0700
Restart=always
RestartSec=1
TimeoutStopSec=75
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

[Install]
WantedBy=multi-user.target
UNIT

# Install: nothing takes its final name before it is whole.
echo "$release  $binary.new" | sha256sum --check --quiet -
chmod 0755 "$binary.new"
mv -f "$binary.new" "$binary"

# The migration comes first: a health check that meets the socket starts the service, which needs it.
systemctl daemon-reload
retry 5 systemctl start orchard-migrate.service
systemctl enable --now orchard.socket
systemctl enable --now orchard.service

# Done is when the service answers, and answers as this release.
own() { curl -sf --max-time 3 "http://localhost:8080/$1"; }
answers() {
  own livez >/dev/null || return 1
  case "$(own version)" in
    *"$release"*) return 0 ;;
    *) return 1 ;;
  esac
}
retry 30 answers
say "serving release $release"

# From now on the instance is in service.
retry 5 complete_hook CONTINUE
