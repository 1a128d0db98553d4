package azurestack

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/watch"
)

// TestEverySignalIsToldOrExplained: a signal has a metric or a reason, and
// not both.
func TestEverySignalIsToldOrExplained(t *testing.T) {
	t.Parallel()
	for _, row := range watch.Rows() {
		for _, chart := range row.Charts {
			for _, signal := range chart.Signals {
				_, told := measured[signal]
				if reason := unmeasured[signal]; told == (reason != "") {
					t.Errorf("signal %s: got a metric: %v, a reason: %q, want one of them", signal, told, reason)
				}
			}
		}
	}
}

func TestWithoutZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		min, max int
		want     string
	}{
		{3, 3, "67.2"},  // 2 of 3 are left
		{3, 6, "80.5"},  // at 5, 4 are left
		{6, 9, "75.5"},  // at 8, 6 are left
		{6, 30, "75.5"}, // likewise
	} {
		if got := fmt.Sprintf("%.1f", withoutZone(c.min, c.max)); got != c.want {
			t.Errorf("a fleet of %d to %d: got %s %%, want %s", c.min, c.max, got, c.want)
		}
	}
}

// TestFullStorage: a server of 32 GiB is read-only with 5 GiB left, at 84 %.
func TestFullStorage(t *testing.T) {
	t.Parallel()
	for gib, want := range map[int]string{32: "82.8", 64: "90.0", 128: "90.0", 2048: "90.0"} {
		if got := fmt.Sprintf("%.1f", fullStorage(gib)); got != want {
			t.Errorf("a server of %d GiB: got %s %%, want %s", gib, got, want)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int]string{1: "PT1M", 3: "PT5M", 5: "PT5M", 10: "PT15M", 15: "PT15M", 30: "PT30M", 31: "PT1H"} {
		if got := window(minutes); got != want {
			t.Errorf("a window of %d minutes: got %s, want %s", minutes, got, want)
		}
	}
}

// TestAlarms has a row for each alarm: what rings, and how grave it is.
func TestAlarms(t *testing.T) {
	r := record(t, nil)
	got := map[string]string{}
	for name, alert := range r.Of(alertType) {
		criterion := fakecloud.At(t, alert, "criteria.allOf[0]").(map[string]any)
		got[name] = fmt.Sprintf("%v %v %v %.4g in %v, severity %v", criterion["timeAggregation"], criterion["metricName"], criterion["operator"],
			criterion["threshold"], alert.Inputs["windowSize"].StringValue(), alert.Inputs["severity"].NumberValue())
		if told := fakecloud.At(t, alert, "actions[0].actionGroupId").(string); !strings.HasSuffix(told, "/actionGroups/alarms1a2b3c4d") {
			t.Errorf("alert %s tells %s, want the stack's action group", name, told)
		}
	}
	want := map[string]string{
		"unreachable":          "Average VipAvailability LessThan 99 in PT5M, severity 0",
		"zone-empty":           "Average DipAvailability LessThan 80.5 in PT5M, severity 0",
		"below-minimum-app":    "Maximum ObservedCapacity LessThan 3 in PT15M, severity 2",
		"instances-busy-app":   "Average Percentage CPU GreaterThan 80 in PT15M, severity 2",
		"at-maximum-app":       "Minimum ObservedCapacity GreaterThan 5.5 in PT15M, severity 2",
		"database-down":        "Maximum is_db_alive LessThan 1 in PT5M, severity 0",
		"database-storage":     "Minimum storage_percent GreaterThan 82.81 in PT5M, severity 0",
		"database-connections": "Minimum active_connections GreaterThan 90 in PT5M, severity 2",
		"database-busy":        "Minimum cpu_percent GreaterThan 80 in PT15M, severity 2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
}

// TestAlarmsOfEachGroup: a zonal stack has an alarm for each of its groups,
// of the group that its name ends with.
func TestAlarmsOfEachGroup(t *testing.T) {
	alerts := record(t, map[string]string{"topology": "zonal"}).Of(alertType)
	for _, group := range []string{"app-1", "app-2", "app-3"} {
		for alarm, scope := range map[string]string{
			"instances-busy-": "/virtualMachineScaleSets/" + group, "below-minimum-": "/autoscaleSettings/cpu-" + group,
		} {
			alert, ok := alerts[alarm+group]
			if !ok {
				t.Errorf("got no alarm %s%s", alarm, group)
				continue
			}
			if got := fakecloud.At(t, alert, "scopes[0]").(string); !strings.Contains(got, scope) {
				t.Errorf("alarm %s: got scope %s, want %s", alert.Name, got, scope)
			}
		}
	}
}

// TestDashboard: every shared row and chart is there, in its place.
func TestDashboard(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		page := fmt.Sprint(fakecloud.At(t, fakecloud.Only(t, r, dashboardType), "properties"))
		for _, row := range watch.Rows() {
			for _, title := range append([]string{"## " + row.Title}, titles(row)...) {
				if !strings.Contains(page, title) {
					t.Errorf("the dashboard has no %q", title)
				}
			}
		}
	})
}

func titles(row watch.Row) []string {
	var list []string
	for _, chart := range row.Charts {
		list = append(list, chart.Title)
	}
	return list
}

// TestTilesHaveTheirPlace: each lies in the grid, and no two in one cell.
func TestTilesHaveTheirPlace(t *testing.T) {
	r := record(t, nil)
	taken := map[[2]int]int{}
	for i, part := range fakecloud.At(t, fakecloud.Only(t, r, dashboardType), "properties.lenses[0].parts").([]any) {
		at := part.(map[string]any)["position"].(map[string]any)
		cell := func(key string) int { return int(at[key].(float64)) }
		for x := cell("x"); x < cell("x")+cell("colSpan"); x++ {
			for y := cell("y"); y < cell("y")+cell("rowSpan"); y++ {
				if other, ok := taken[[2]int{x, y}]; ok || x >= gridWidth {
					t.Errorf("tile %d is at %d,%d, which is tile %d's or outside of the grid", i, x, y, other)
				}
				taken[[2]int{x, y}] = i
			}
		}
	}
}

// TestDrawnAndSaid: a metric that tells two signals is drawn once, and what
// is not told is explained once.
func TestDrawnAndSaid(t *testing.T) {
	t.Parallel()
	drawn, said := drawnAndSaid(watch.Chart{Title: "Instances", Signals: []watch.Signal{watch.Desired, watch.InService, watch.MaxSize}})
	if len(drawn) != 1 || drawn[0].label != "desired, in service" {
		t.Errorf("got the lines %v, want one for desired and in service", drawn)
	}
	if want := []string{"**Instances**", unmeasured[watch.MaxSize]}; !slices.Equal(said, want) {
		t.Errorf("got the texts %q, want %q", said, want)
	}
	_, said = drawnAndSaid(watch.Chart{Title: "Time to answer", Signals: []watch.Signal{watch.LatencyP50, watch.LatencyP99}})
	if want := []string{"**Time to answer**", noAnswers}; !slices.Equal(said, want) {
		t.Errorf("got the texts %q, want %q", said, want)
	}
}
