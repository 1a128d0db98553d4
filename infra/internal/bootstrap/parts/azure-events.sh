
# A machine that is to go is told so before. This unit drains the service, then lets the machine go.
cat >"$units/orchard-events.service" <<UNIT
[Unit]
Description=Orchard, the drain before the machine goes
Wants=orchard.service
After=orchard.service
StartLimitIntervalSec=0

[Service]
Type=simple
ExecStart=$binary events
EnvironmentFile=$etc/orchard.env
User=orchard
Restart=always
RestartSec=1
{{template "hardening"}}

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now orchard-events.service
