package unit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/machine/unit"
)

func TestParseTimer(t *testing.T) {
	t.Parallel()
	got, err := unit.Parse("load.timer", `[Unit]
Description=a run each minute
[Timer]
OnCalendar=minutely
OnActiveSec=1500ms
AccuracySec=1s
[Install]
WantedBy=timers.target
`)
	want := unit.Unit{
		Name: "load.timer", Description: "a run each minute", WantedBy: []string{"timers.target"},
		StartLimitInterval: 10 * time.Second, StartLimitBurst: 5,
		Timer: &unit.Timer{Service: "load.service", Calendar: []time.Duration{time.Minute}, Active: []time.Duration{1500 * time.Millisecond}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("timer: %v (-want +got):\n%s", err, diff)
	}
}

func TestRefuseTimer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[Timer]\n":                                      "OnCalendar: is missing",
		"[Timer]\nOnCalendar=*-*-* 04:00\n":              `load.timer:2: OnCalendar: "*-*-* 04:00" is not supported`,
		"[Timer]\nOnCalendar=daily\nPersistent=yes\n":    "load.timer:3: Persistent: this directive of [Timer] is not supported",
		"[Timer]\nOnActiveSec=soon\n":                    "OnActiveSec",
		"[Timer]\nOnCalendar=daily\nAccuracySec=often\n": "AccuracySec",
		"[Service]\nExecStart=/bin/true\n":               "section [Service] is not supported in this unit",
	} {
		if _, err := unit.Parse("load.timer", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one with %q", text, err, want)
		}
	}
}

func TestTimerNext(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	started := at("2026-11-26T12:00:30Z")
	minutely := unit.Timer{Calendar: []time.Duration{time.Minute}}
	both := unit.Timer{Calendar: []time.Duration{24 * time.Hour}, Active: []time.Duration{time.Minute}}
	for _, c := range []struct {
		timer     unit.Timer
		now, want string // want "" is never
	}{
		{minutely, "2026-11-26T12:00:30Z", "2026-11-26T12:01:00Z"},
		{minutely, "2026-11-26T12:01:00Z", "2026-11-26T12:02:00Z"},
		{minutely, "2026-11-26T13:59:59+02:00", "2026-11-26T12:00:00Z"},
		{both, "2026-11-26T12:00:30Z", "2026-11-26T12:01:30Z"},
		{both, "2026-11-26T12:01:30Z", "2026-11-27T00:00:00Z"},
		{unit.Timer{Active: []time.Duration{time.Second}}, "2026-11-26T12:00:31Z", ""},
	} {
		got, ok := c.timer.Next(started, at(c.now))
		if ok != (c.want != "") || ok && !got.Equal(at(c.want)) {
			t.Errorf("%+v after %s: got %s, %v, want %s", c.timer, c.now, got, ok, c.want)
		}
	}
}
