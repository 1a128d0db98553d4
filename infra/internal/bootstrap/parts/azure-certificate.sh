{{if .TLS}}
# The certificate that the service ends TLS with, by the service's own user, to whom the file belongs.
# Each day the vault is asked again, and the service takes up what is new.
mkdir -p "$dest/usr/local/lib/orchard"
cat >"$dest/usr/local/lib/orchard/fetch-certificate" <<'FETCH'
#!/bin/bash
set -euo pipefail
umask 077
{{template "azure-token" .}}
bearer=$(token vault.azure.net)
[ -n "$bearer" ] || { echo "the metadata service gives no token" >&2; exit 1; }
new="$STATE_DIRECTORY/{{.CertificateFile}}.new"
# The answer is JSON in one line: its value is the key and the chain, with escapes for line ends.
value=$(printf 'Authorization: Bearer %s\n' "$bearer" |
  curl -sSf --max-time 20 -H @- "https://{{.Vault}}.vault.azure.net/secrets/{{.CertificateName}}?api-version=7.4" |
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
StateDirectory={{.StateDirectory}}
StateDirectoryMode=0700
TimeoutStartSec=60
{{template "hardening"}}
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
{{end}}