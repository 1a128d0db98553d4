package health_test

import (
	"testing"
	"time"

	"orchard/localcloud/internal/health"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	rules := health.Rules{BalancerHealth: true, Grace: time.Minute}
	in := func(state health.State, armed bool) []health.Attachment {
		return []health.Attachment{{By: "pool web", State: state, Armed: armed}}
	}
	two := append(in(health.Healthy, true), health.Attachment{By: "pool admin", State: health.Unhealthy, Armed: true})
	changed := func(after time.Duration) health.Rules {
		return health.Rules{BalancerHealth: true, Grace: time.Minute, Changed: start.Add(after)}
	}
	tests := []struct {
		name  string
		inst  health.Instance
		rules health.Rules
		after time.Duration // since it came into service
		want  string        // reason; empty for no replacement
	}{
		{"healthy", health.Instance{Running: true, InService: start, Attachments: in(health.Healthy, true)}, rules, time.Hour, ""},
		{"gone in grace", health.Instance{InService: start}, rules, time.Second, "its process is gone"},
		{"gone before service", health.Instance{}, rules, 0, "its process is gone"},
		{"gone without balancer health", health.Instance{InService: start}, health.Rules{}, 0, "its process is gone"},
		{"unhealthy in grace", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, true)}, rules, time.Minute - 1, ""},
		{"unhealthy as grace ends", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, true)}, rules, time.Minute, "pool web calls it unhealthy"},
		{"unhealthy, not armed", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, false)}, rules, time.Hour, ""},
		{"unhealthy, still booting", health.Instance{Running: true, Attachments: in(health.Unhealthy, true)}, rules, time.Hour, ""},
		{"unhealthy, balancer health not used", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, true)}, health.Rules{Grace: time.Minute}, time.Hour, ""},
		{"unhealthy in the second pool", health.Instance{Running: true, InService: start, Attachments: two}, rules, time.Hour, "pool admin calls it unhealthy"},
		{"initial for long", health.Instance{Running: true, InService: start, Attachments: in(health.Initial, true)}, rules, time.Hour, ""},
		{"draining", health.Instance{Running: true, InService: start, Attachments: in(health.Draining, true)}, rules, time.Hour, ""},
		{"not used", health.Instance{Running: true, InService: start, Attachments: in(health.Unused, true)}, rules, time.Hour, ""},
		{"missing: it says nothing of itself", health.Instance{Running: true, InService: start, Attachments: in(health.Missing, true)}, rules, time.Hour, ""},
		{"missing, and gone", health.Instance{InService: start, Attachments: in(health.Missing, true)}, rules, time.Hour, "its process is gone"},
		{"the group was changed: in grace again", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, true)}, changed(time.Hour), time.Hour + time.Minute - 1, ""},
		{"that grace ends too", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, true)}, changed(time.Hour), time.Hour + time.Minute, "pool web calls it unhealthy"},
		{"changed before it came into service", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, true)}, changed(-time.Hour), time.Minute - 1, ""},
		{"no grace", health.Instance{Running: true, InService: start, Attachments: in(health.Unhealthy, true)}, health.Rules{BalancerHealth: true}, 0, "pool web calls it unhealthy"},
	}
	for _, tt := range tests {
		reason, replace := health.Replace(tt.inst, tt.rules, start.Add(tt.after))
		if reason != tt.want || replace != (tt.want != "") {
			t.Errorf("%s: got %q, %v, want %q", tt.name, reason, replace, tt.want)
		}
	}
}
