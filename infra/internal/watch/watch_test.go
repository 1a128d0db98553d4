package watch

import (
	"regexp"
	"strings"
	"testing"

	"orchard/infra/internal/settings"
)

func production() settings.Settings {
	return settings.Settings{
		Fleet:    settings.Fleet{Topology: settings.Regional, MinSize: 6, MaxSize: 30},
		Database: settings.Database{StorageGiB: 100, MaxConnections: 400},
	}
}

// TestRows holds each chart to one unit, and each signal to one chart.
func TestRows(t *testing.T) {
	t.Parallel()
	shown := map[Signal]int{}
	for _, row := range Rows() {
		for _, chart := range row.Charts {
			for _, signal := range chart.Signals {
				shown[signal]++
				if signal.Unit() != chart.Unit() {
					t.Errorf("chart %s: got %s in %s, want %s", chart.Title, signal, signal.Unit(), chart.Unit())
				}
			}
		}
	}
	for signal := range signals {
		if shown[signal] != 1 {
			t.Errorf("signal %s: got %d charts, want 1", signal, shown[signal])
		}
	}
	if len(shown) != len(signals) {
		t.Errorf("got %d signals in charts, want the %d that have facts", len(shown), len(signals))
	}
}

func TestSignalsAreWhole(t *testing.T) {
	t.Parallel()
	for signal := range signals {
		if signal.Unit() == "" || signal.Scope() == "" || signal.Label() == "" {
			t.Errorf("signal %s: got unit %q, scope %q and label %q, want none empty", signal, signal.Unit(), signal.Scope(), signal.Label())
		}
	}
}

// TestAlarmsAreWhole holds each alarm to a name that every cloud takes and to
// sentences for a person.
func TestAlarmsAreWhole(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	names, stops := map[string]bool{}, 0
	for _, a := range Alarms(production()) {
		if !name.MatchString(a.Name) || len(a.Name) > 24 || names[a.Name] {
			t.Errorf("alarm %q: got a name that is taken or has another form than %s in 24 bytes", a.Name, name)
		}
		names[a.Name] = true
		if a.Periods < 1 || a.Threshold <= 0 || a.Bound == "" || a.Severity == "" || a.Comparison == "" || signals[a.Signal].unit == "" {
			t.Errorf("alarm %s: got %+v, want nothing empty", a.Name, a)
		}
		if !strings.HasSuffix(a.Means, ".") || !strings.HasSuffix(a.Do, ".") {
			t.Errorf("alarm %s: got %q and %q, want sentences", a.Name, a.Means, a.Do)
		}
		if a.Stops {
			stops++
		}
	}
	if stops != 1 {
		t.Errorf("got %d alarms that stop a fault, want 1", stops)
	}
}

// TestThresholdsFollow holds thresholds to what the stack declares.
func TestThresholdsFollow(t *testing.T) {
	t.Parallel()
	zonal := production()
	zonal.Fleet.Topology = settings.Zonal
	for _, c := range []struct {
		set   settings.Settings
		alarm string
		want  float64
	}{
		{production(), "below-minimum", 6},
		{zonal, "below-minimum", 2},
		{production(), "at-maximum", 29.5},
		{zonal, "at-maximum", 9.5},
		{production(), "database-connections", 360},
		{production(), "database-storage", 5 * gib},
	} {
		if got := find(t, c.set, c.alarm).Threshold; got != c.want {
			t.Errorf("%s of a %s stack: got %v, want %v", c.alarm, c.set.Fleet.Topology, got, c.want)
		}
	}
}

func find(t *testing.T, set settings.Settings, name string) Alarm {
	t.Helper()
	for _, each := range Alarms(set) {
		if each.Name == name {
			return each
		}
	}
	t.Fatalf("no alarm %s", name)
	return Alarm{}
}

func TestFixedFleetIsNeverAtItsMaximum(t *testing.T) {
	t.Parallel()
	fixed := production()
	fixed.Fleet.MaxSize = fixed.Fleet.MinSize
	for _, each := range Alarms(fixed) {
		if each.Name == "at-maximum" {
			t.Error("got at-maximum for a fleet of one size, want none")
		}
	}
}
