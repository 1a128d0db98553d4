package unit_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/machine/unit"
)

func TestParseService(t *testing.T) {
	t.Parallel()
	got, err := unit.Parse("app@one.service", `# comment
[Unit]
Description=the app %i of %p, 100%%
Documentation=https://example.org
Requires=app.socket prepare.service
After=app.socket \
; a comment between
  prepare.service
BindsTo=disk.service
ConditionPathExists=!/etc/stop
StartLimitIntervalSec=1min 30s
StartLimitBurst=7

[Service]
Type=notify
ExecStartPre=-/bin/rm -f "/tmp/a b"
ExecStart=/usr/bin/app --name %n 'it''s' a\sb
ExecStop=/bin/kill $MAINPID
Environment=A=1 "B=two words"
Environment=C=3
EnvironmentFile=-/etc/app.env
WorkingDirectory=/srv
Restart=on-failure
RestartSec=250ms
TimeoutStartSec=infinity
TimeoutStopSec=45
KillMode=mixed
KillSignal=SIGINT
RuntimeDirectory=app app/sub
RuntimeDirectoryMode=0700
DynamicUser=yes
SystemCallFilter=@system-service
StandardOutput=journal

[Install]
WantedBy=multi-user.target
`)
	if err != nil {
		t.Fatal(err)
	}
	want := unit.Unit{
		Name: "app@one.service", Description: "the app one of app, 100%",
		Requires: []string{"app.socket", "prepare.service"}, After: []string{"app.socket", "prepare.service"}, BindsTo: []string{"disk.service"},
		Conditions: []unit.Condition{{Path: "/etc/stop", Not: true}}, WantedBy: []string{"multi-user.target"},
		StartLimitInterval: 90 * time.Second, StartLimitBurst: 7,
		Service: &unit.Service{
			Type:     "notify",
			StartPre: []unit.Command{{Words: []string{"/bin/rm", "-f", "/tmp/a b"}, IgnoreFailure: true}},
			Start:    []unit.Command{{Words: []string{"/usr/bin/app", "--name", "app@one.service", "its", "a b"}}},
			Stop:     []unit.Command{{Words: []string{"/bin/kill", "$MAINPID"}}}, Environment: []string{"A=1", "B=two words", "C=3"},
			EnvironmentFiles: []unit.File{{Path: "/etc/app.env", Optional: true}}, WorkingDirectory: unit.File{Path: "/srv"},
			Restart: "on-failure", RestartDelay: 250 * time.Millisecond, TimeoutStop: 45 * time.Second,
			KillMode: "mixed", KillSignal: syscall.SIGINT, RuntimeDirectory: []string{"app", "app/sub"}, RuntimeMode: 0o700, StateMode: 0o755,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unit (-want +got):\n%s", diff)
	}
}

func TestParseSocket(t *testing.T) {
	t.Parallel()
	got, err := unit.Parse("app.socket", "[Socket]\nListenStream=8080\nListenStream=127.0.0.1:81\nListenStream=/run/app.sock\nAccept=no\nFileDescriptorName=http\nSocketMode=0600\n")
	if err != nil {
		t.Fatal(err)
	}
	want := &unit.Socket{Listen: []string{"8080", "127.0.0.1:81", "/run/app.sock"}, Name: "http", Service: "app.service"}
	if diff := cmp.Diff(want, got.Socket); diff != "" {
		t.Errorf("socket (-want +got):\n%s", diff)
	}
}

func TestAnEmptyValueClearsAList(t *testing.T) {
	t.Parallel()
	got, err := unit.Parse("a.service", "[Service]\nExecStart=/bin/one\nExecStart=\nExecStart=/bin/two\n")
	if err != nil || len(got.Service.Start) != 1 || got.Service.Start[0].Words[0] != "/bin/two" {
		t.Errorf("got %+v, %v; want /bin/two alone", got.Service.Start, err)
	}
}

func TestParseRefusesByUnitLineAndDirective(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[Service]\nExecStart=/bin/a\nWatchdogSec=5":            "a.service:3: WatchdogSec: this directive of [Service] is not supported",
		"[Service]\nExecStart=/bin/a\nType=forking":             `a.service:3: Type: "forking" is not supported`,
		"[Service]\nExecStart=app":                              `a.service:2: ExecStart: "app" is not an absolute path`,
		"[Service]\nExecStart=+/bin/a":                          `a.service:2: ExecStart: prefix "+"`,
		"[Service]\nExecStart=/bin/a %h":                        "a.service:2: ExecStart: specifier %h",
		"[Service]\nExecStart=/bin/a 'b":                        "a.service:2: ExecStart: quote ' is not closed",
		"[Service]\nType=simple":                                "a.service: ExecStart: is missing",
		"[Service]\nExecStart=/bin/a\nExecStart=/bin/b":         "only Type=oneshot allows",
		"[Service]\nType=oneshot\nExecStart=/a\nRestart=always": "always is not allowed with Type=oneshot",
		"[Service]\nExecStart=/bin/a\nRestartSec=5 parsecs":     `unknown unit "parsecs"`,
		"[Service]\nExecStart=/bin/a\nRuntimeDirectory=../x":    `"../x" is not a plain relative name`,
		"[Service]\nExecStart=/bin/a\nStandardOutput=file:/x":   `"file:/x" is not supported`,
		"[Timer]\nOnCalendar=daily":                             "a.service:2: OnCalendar: section [Timer] is not supported",
		"[Unit]\nPartOf=b.service\n[Service]\nExecStart=/a":     "a.service:2: PartOf",
		"[Unit]\nnonsense\n[Service]\nExecStart=/a":             `a.service:2: "nonsense" is neither`,
	} {
		_, err := unit.Parse("a.service", text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse %q: got %v, want an error with %q", text, err, want)
		}
	}
	if _, err := unit.Parse("a.socket", "[Socket]\nListenStream=80\nAccept=yes\nListenDatagram=5\n"); err == nil ||
		!strings.Contains(err.Error(), "Accept") || !strings.Contains(err.Error(), "ListenDatagram") {
		t.Errorf("socket: got %v, want both problems", err)
	}
	if _, err := unit.Parse("a.timer", ""); err == nil {
		t.Error("a timer unit was read")
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	c := unit.Command{Words: []string{"/bin/a", "$MANY", "x${ONE}y", "$NONE", "${NONE}", "$$ONE", "pa$ONE"}}
	got := c.Expand(map[string]string{"MANY": "one two", "ONE": "1"})
	want := []string{"/bin/a", "one", "two", "x1y", "", "$ONE", "pa$ONE"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}
