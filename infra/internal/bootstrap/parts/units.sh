
# The units. The socket is open before the service and stays open while it restarts.
cat >"$units/orchard.socket" <<UNIT
[Unit]
Description=Orchard, the fruit API's socket

[Socket]
ListenStream={{.Port}}

[Install]
WantedBy=sockets.target
UNIT

{{define "hardening" -}}
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
{{- end -}}
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
{{template "hardening"}}
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
{{with .StateDirectory}}StateDirectory={{.}}
StateDirectoryMode=0700
{{end}}Restart=always
RestartSec=1
TimeoutStopSec={{.StopTimeout.Seconds}}
LimitNOFILE=65536
{{template "hardening"}}

[Install]
WantedBy=multi-user.target
UNIT
