package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"orchard/localcloud/internal/machine/probe"
	"orchard/localcloud/internal/machine/supervisor"
)

// Health is what an instance reports of its health, see package probe.
type Health = probe.Health

// HealthState is one of its states.
type HealthState = probe.State

// The states that an instance may report.
const (
	Initializing = probe.Initializing
	Healthy      = probe.Healthy
	Unhealthy    = probe.Unhealthy
	Unknown      = probe.Unknown
)

// Health returns what the instance last reported, whoever was there to see it.
// fresh is false when no report came for three intervals: the instance hangs,
// is gone, or has not begun to report. Nothing is known of it then, which is
// not the same as the state Unknown. Without Spec.Health there is no report.
func (h *Handle) Health(now time.Time) (health Health, fresh bool, err error) {
	state, err := h.Status()
	if err != nil || state.Health == nil {
		return Health{}, false, err
	}
	info, err := os.Stat(supervisor.Layout{Dir: h.Record.Dir}.Report())
	if errors.Is(err, fs.ErrNotExist) {
		return *state.Health, false, nil // the state is there a moment before the mark
	}
	if err != nil {
		return Health{}, false, fmt.Errorf("health of instance %s: %w", h.Record.ID, err)
	}
	health = *state.Health
	health.Reported = info.ModTime()
	return health, health.Fresh(now), nil
}
