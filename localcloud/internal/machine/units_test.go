package machine_test

import (
	"strings"
	"testing"

	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/machine/supervisor"
)

// prelude gives scripts two words: `unit NAME` writes a unit file from its
// input, `want EXIT PATTERN COMMAND...` fails the script unless the command
// exits so and prints so.
const prelude = `#!/bin/bash
set -euo pipefail
root="$DESTDIR"
unit() { cat > "$DESTDIR/etc/systemd/system/$1"; }
want() {
	local exit=$1 pattern=$2 out code=0
	shift 2
	out=$("$@" 2>&1) || code=$?
	if [ "$code" != "$exit" ] || ! [[ "$out" =~ $pattern ]]; then
		echo "$*: got exit $code and '$out', want exit $exit and '$pattern'" >&2
		exit 1
	fi
}
until_true() {
	for try in $(seq 400); do if "$@" > /dev/null 2>&1; then return; fi; sleep 0.02; done
	echo "waited in vain: $*" >&2
	exit 1
}
`

// Scripts that check the service manager from where it is used.
var scripts = map[string]string{
	"exit codes and queries": `
unit a.service <<EOF
[Unit]
Description=a thing
[Service]
ExecStart=/bin/sleep 1000
[Install]
WantedBy=multi-user.target
EOF
systemctl daemon-reload
want 5 'not found' systemctl start nothing
want 3 'inactive' systemctl is-active a
want 1 'disabled' systemctl is-enabled a
want 0 'multi-user.target.wants/a.service' systemctl enable a
want 0 'enabled' systemctl is-enabled a.service
want 0 '' systemctl start a
want 0 '^active$' systemctl is-active a
want 0 '^$' systemctl is-active --quiet a nothing
want 0 'Active: active .running.' systemctl status a --no-pager
want 4 'could not be loaded' systemctl status nothing
pid=$(systemctl show -p MainPID --value a)
kill -0 "$pid"
want 0 "ActiveState=active.SubState=running" systemctl show a --property=ActiveState,SubState
want 1 'Nonsense' systemctl show -p Nonsense a
systemctl restart a
[ "$(systemctl show -p MainPID --value a)" != "$pid" ]
want 0 'Removed' systemctl disable --now a
want 3 'inactive' systemctl is-active a
systemctl try-restart a
want 3 'inactive' systemctl is-active a
want 1 'command mask is not supported' systemctl mask a
want 1 'option --force is not supported' systemctl start --force a
want 1 'needs the name' systemctl start
`,
	"a timer starts its service": `
unit beat.service <<EOF
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo x >> $root/beats; test ! -e $root/long || sleep 1000'
EOF
unit beat.timer <<EOF
[Timer]
OnActiveSec=20ms
OnCalendar=daily
AccuracySec=1s
[Install]
WantedBy=timers.target
EOF
systemctl daemon-reload
want 3 'inactive' systemctl is-active beat.timer
want 0 'timers.target.wants/beat.timer' systemctl enable --now beat.timer
want 0 '^active$' systemctl is-active beat.timer
until_true test -e $root/beats
until_true sh -c "systemctl show -p SubState --value beat.timer | grep -q waiting"
want 0 'Active: active .waiting.' systemctl status beat.timer
systemctl stop beat.timer
want 3 'inactive' systemctl is-active beat.timer
touch $root/long
systemctl start beat.timer
until_true sh -c "[ \$(wc -l < $root/beats) = 2 ]"
want 0 'Active: active .running.' systemctl status beat.timer
systemctl stop beat.timer beat.service
`,
	"a failed requirement": `
unit prepare.service <<EOF
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo refused; exit 9'
EOF
unit a.service <<EOF
[Unit]
Requires=prepare.service
After=prepare.service
[Service]
ExecStart=/bin/sh -c 'touch $DESTDIR/started; sleep 1000'
EOF
want 1 'prepare.service did not start' systemctl start a
want 1 'ended with status 9' systemctl start prepare
want 0 'failed' systemctl is-failed prepare
want 0 '9' systemctl show -p ExecMainStatus --value prepare
test ! -e $root/started
systemctl reset-failed prepare
want 3 'inactive' systemctl is-active prepare
`,
	"bad units are refused by name": `
unit a.service <<EOF
[Service]
ExecStart=/bin/true
WatchdogSec=5
EOF
want 1 'a.service:3: WatchdogSec' systemctl daemon-reload
want 1 'a.service:3: WatchdogSec' systemctl start a
want 0 'bad-setting' systemctl show -p LoadState --value a
`,
	"crashes up to the limit": `
unit a.service <<EOF
[Unit]
StartLimitIntervalSec=30
StartLimitBurst=3
[Service]
ExecStart=/bin/sh -c 'echo x >> $root/starts; exit 1'
Restart=on-failure
RestartSec=1ms
EOF
systemctl start a
until_true systemctl is-failed a
want 0 'start-limit-hit' systemctl show -p Result --value a
[ "$(wc -l < $root/starts)" = 3 ]
want 1 'repeated too quickly' systemctl start a
`,
	"a notify service is started when it says so": `
unit a.service <<EOF
[Service]
Type=notify
ExecStart=/usr/bin/env perl -MIO::Socket::UNIX -e 'sleep 0.2; open F, ">", "$root/ready"; IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => \$ENV{NOTIFY_SOCKET})->send("READY=1"); sleep 1000'
EOF
unit never.service <<EOF
[Service]
Type=notify
TimeoutStartSec=100ms
ExecStart=/bin/sleep 1000
EOF
unit ends.service <<EOF
[Service]
Type=notify
ExecStart=/bin/true
EOF
systemctl start a
test -e $root/ready
want 1 'not ready after 100ms' systemctl start never
want 0 'timeout' systemctl show -p Result --value never
want 1 'before it was ready' systemctl start ends
`,
	"a stop reaches all processes of a unit": `
unit a.service <<EOF
[Service]
ExecStart=/bin/sh -c 'setsid sleep 1001 & echo \$! > $root/child; trap "" TERM; echo ready > $root/ready; while :; do sleep 0.05; done'
ExecStop=/bin/sh -c 'echo \$MAINPID > $root/stopped'
TimeoutStopSec=300ms
EOF
systemctl start a
until_true test -e $root/ready
pid=$(systemctl show -p MainPID --value a)
systemctl stop a
want 0 'timeout' systemctl show -p Result --value a
[ "$(cat $root/stopped)" = "$pid" ]
want 1 '' kill -0 "$pid"
want 1 '' kill -0 "$(cat $root/child)"
`,
	"a stop ends a start": `
unit slow.service <<EOF
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'touch $root/began; sleep 1000'
EOF
systemctl start --no-block slow
until_true test -e $root/began
want 3 'activating' systemctl is-active slow
systemctl stop slow
want 3 'inactive' systemctl is-active slow
`,
	"bound units end together": `
unit disk.service <<EOF
[Service]
ExecStart=/bin/sleep 1000
EOF
unit a.service <<EOF
[Unit]
BindsTo=disk.service
After=disk.service
[Service]
ExecStart=/bin/sleep 1000
EOF
systemctl start a
want 0 'active' systemctl is-active disk
kill -KILL "$(systemctl show -p MainPID --value disk)"
until_true eval '! systemctl is-active a'
`,
	"templates, conditions, folders, reload": `
unit app@.service <<EOF
[Unit]
ConditionPathExists=!/etc/off-%i
[Service]
Type=oneshot
RemainAfterExit=yes
StateDirectory=app
RuntimeDirectory=app-%i
ExecStart=/bin/sh -c 'echo %i \$STATE_DIRECTORY > \$RUNTIME_DIRECTORY/said'
ExecReload=/bin/sh -c 'echo reloaded > $root/reloaded'
EOF
systemctl start app@one
want 0 "one $root/var/lib/app" cat $root/run/app-one/said
systemctl reload app@one
test -e $root/reloaded
systemctl stop app@one
test ! -e $root/run/app-one
touch $root/etc/off-two
systemctl start app@two
want 3 'inactive' systemctl is-active app@two
`,
	"a socket wakes nobody for ever": `
unit a.socket <<EOF
[Socket]
ListenStream=/run/a.sock
EOF
unit a.service <<EOF
[Service]
ExecStart=/bin/false
EOF
systemctl start a.socket
want 0 'listening' systemctl show -p SubState --value a.socket
/usr/bin/env perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Peer => "run/a.sock") or die $!; sleep 1000' &
until_true systemctl is-failed a.socket
want 0 'trigger-limit-hit' systemctl show -p Result --value a.socket
`,
	"signals are as a shell expects them": `
yes | head -1 > /dev/null || [ $? = 141 ]
sh -c 'kill -INT $$; exit 0' && exit 1
true
`,
}

func TestServiceManager(t *testing.T) {
	t.Parallel()
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, spec(t, prelude+script))
			if state := booted(t, h); state.Phase != machine.Running {
				t.Errorf("%s\n%s", state.Problem, strings.Join(state.Console, "\n"))
			}
		})
	}
}

func TestInitAnswersItsOwnProcessesOnly(t *testing.T) {
	t.Parallel()
	s := spec(t, "#!/bin/bash\n")
	booted(t, start(t, s))
	answer, err := supervisor.Call(s.Dir+"/run/control.sock", supervisor.Request{Verb: "daemon-reload"})
	if err == nil {
		t.Errorf("a process outside of the instance got %+v", answer)
	}
}
