
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
Environment=ORCHARD_INSTANCE=$instance ORCHARD_DRAIN_WAIT={{.Drain}} ORCHARD_ADMIN_SOCKET=$admin
User=orchard
Restart=always
RestartSec=1
{{template "hardening"}}

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now orchard-events.service
