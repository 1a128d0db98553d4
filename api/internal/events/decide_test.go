package events

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	const wait = 10 * time.Second
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	never, justNow, longAgo := time.Time{}, now.Add(-wait+1), now.Add(-wait)
	terminate := func(id, status string, names ...string) event {
		return event{EventID: id, EventType: "Terminate", EventStatus: status, Resources: names}
	}
	mine := terminate("e1", "Scheduled", "vmss_2", "VMSS_1")
	for name, c := range map[string]struct {
		events  []event
		drained time.Time
		want    action
	}{
		"nothing":          {nil, never, action{}},
		"another machine":  {[]event{terminate("e1", "Scheduled", "vmss_12")}, longAgo, action{}},
		"another type":     {[]event{{EventID: "e1", EventType: "Reboot", EventStatus: "Scheduled", Resources: []string{"vmss_1"}}}, longAgo, action{}},
		"first seen":       {[]event{mine}, never, action{drain: true, event: mine}},
		"draining":         {[]event{mine}, justNow, action{drain: true, event: mine}},
		"drained":          {[]event{mine}, longAgo, action{drain: true, event: mine, approve: []string{"e1"}}},
		"already approved": {[]event{terminate("e1", "Started", "vmss_1")}, longAgo, action{drain: true, event: terminate("e1", "Started", "vmss_1")}},
		"two of them": {
			[]event{terminate("e0", "Scheduled", "vmss_9"), mine, terminate("e2", "Scheduled", "vmss_1")},
			longAgo,
			action{drain: true, event: mine, approve: []string{"e1", "e2"}},
		},
	} {
		got := decide(c.events, "vmss_1", c.drained, wait, now)
		if d := cmp.Diff(c.want, got, cmp.AllowUnexported(action{})); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
