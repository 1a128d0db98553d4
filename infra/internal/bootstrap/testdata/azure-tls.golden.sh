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
fetch release "releases1a2b3c4d/releases/<release>/orchard" "$binary.new"
# The authority that signs the database's certificate is one of the system's own.
trust=

# What the units are told. Only the migration learns how to be the master role.
umask 077
database="orchard-0123456789.postgres.database.azure.com:5432/orchard?sslmode=verify-full$trust"
cat >"$etc/orchard.env" <<ENV
ORCHARD_LISTEN=:8080
ORCHARD_INSTANCE=$instance
ORCHARD_ZONE=$zone
ORCHARD_DATABASE_URL=postgres://orchard_app@$database
ORCHARD_DATABASE_POOL=6
ORCHARD_DRAIN_WAIT=20s
ORCHARD_WRITE_TOKEN_SHA256=5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e
ORCHARD_TLS=files
ORCHARD_DATABASE_AUTH=azure-entra
AZURE_CLIENT_ID=0a0a0a0a-0000-4000-8000-000000000001
ORCHARD_TLS_CERT=$dest/var/lib/orchard-tls/certificate.pem
ORCHARD_TLS_KEY=$dest/var/lib/orchard-tls/certificate.pem
ENV
cat >"$etc/migrate.env" <<ENV
ORCHARD_DATABASE_URL=postgres://orchard-admin-0123456789@$database
ORCHARD_APP_ROLE=orchard_app
ORCHARD_DATABASE_AUTH=azure-entra
AZURE_CLIENT_ID=0c0c0c0c-0000-4000-8000-000000000003
ORCHARD_APP_PRINCIPAL=0b0b0b0b-0000-4000-8000-000000000002
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
StateDirectory=orchard-tls
StateDirectoryMode=0700
Restart=always
RestartSec=1
TimeoutStopSec=80
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

# The certificate that the service ends TLS with, by the service's own user, to whom the file belongs.
# Each day the vault is asked again, and the service takes up what is new.
mkdir -p "$dest/usr/local/lib/orchard"
cat >"$dest/usr/local/lib/orchard/fetch-certificate" <<'FETCH'
#!/bin/bash
set -euo pipefail
umask 077
# token SERVICE is for https://SERVICE.
token() {
  curl -sSf --max-time 20 -H "Metadata: true" \
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F$1&client_id=0a0a0a0a-0000-4000-8000-000000000001" |
    sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'
}
bearer=$(token vault.azure.net)
[ -n "$bearer" ] || { echo "the metadata service gives no token" >&2; exit 1; }
new="$STATE_DIRECTORY/certificate.pem.new"
# The answer is JSON in one line: its value is the key and the chain, with escapes for line ends.
value=$(printf 'Authorization: Bearer %s\n' "$bearer" |
  curl -sSf --max-time 20 -H @- "https://fruit-vault.vault.azure.net/secrets/fruit-example-org?api-version=7.4" |
  sed -n 's/.*"value" *: *"\([^"]*\)".*/\1/p' | sed 's|\\/|/|g')
printf '%b\n' "$value" >"$new"
for part in 'PRIVATE KEY' CERTIFICATE; do
  grep -q "^-----BEGIN .*$part-----" "$new" || { rm -f "$new"; echo "the secret is no PEM with a $part" >&2; exit 1; }
done
mv -f "$new" "${new%.new}"
FETCH
chmod 0755 "$dest/usr/local/lib/orchard/fetch-certificate"
cat >"$units/orchard-certificate.service" <<UNIT
[Unit]
Description=Orchard, the certificate from the vault
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=$dest/usr/local/lib/orchard/fetch-certificate
User=orchard
StateDirectory=orchard-tls
StateDirectoryMode=0700
TimeoutStartSec=60
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
cat >"$units/orchard-certificate.timer" <<UNIT
[Unit]
Description=Orchard, a look for a new certificate each day

[Timer]
OnCalendar=daily
AccuracySec=1h

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
# A new role assignment is not known everywhere at once: for minutes the vault may refuse.
retry 300 systemctl start orchard-certificate.service
systemctl enable --now orchard-certificate.timer

# The migration comes first: a health check that meets the socket starts the service, which needs it.
systemctl daemon-reload
retry 5 systemctl start orchard-migrate.service
systemctl enable --now orchard.socket
systemctl enable --now orchard.service

# A machine that is to go is told so before. This unit drains the service by its
# admin socket, as the service's own user, then lets the machine go.
admin=$(readlink -f "$dest/run")/orchard/admin.sock
cat >"$units/orchard-events.service" <<UNIT
[Unit]
Description=Orchard, the drain before the machine goes
Wants=orchard.service
After=orchard.service
StartLimitIntervalSec=0

[Service]
Type=simple
ExecStart=$binary events
Environment=ORCHARD_INSTANCE=$instance ORCHARD_DRAIN_WAIT=20s ORCHARD_ADMIN_SOCKET=$admin
User=orchard
Restart=always
RestartSec=1
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
systemctl daemon-reload
systemctl enable --now orchard-events.service

# Done is when the service answers, and answers as this release. Its certificate is not for this name.
own() { curl -sfk --max-time 3 "https://localhost:8080/$1"; }
answers() {
  own livez >/dev/null || return 1
  case "$(own version)" in
    *"$release"*) return 0 ;;
    *) return 1 ;;
  esac
}
retry 30 answers
say "serving release $release"
