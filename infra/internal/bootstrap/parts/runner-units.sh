
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
TimeoutStartSec={{.RunTimeout.Seconds}}
LimitNOFILE=65536
{{template "hardening"}}
{{range .Relaxed}}{{.}}
{{end}}UNIT

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
