package scenario

import (
	"strings"
	"testing"
	"time"
)

func TestRateAt(t *testing.T) {
	t.Parallel()
	load := []Load{
		{At: 0, Rate: 100},
		{At: time.Minute, Rate: 300, Over: 2 * time.Minute},
		{At: 5 * time.Minute, Rate: 50},
		{At: 10 * time.Minute, Rate: 10, Swing: 5, Every: time.Minute},
	}
	for at, want := range map[time.Duration]float64{
		0: 100, 59 * time.Second: 100, time.Minute: 100, 90 * time.Second: 150, 2 * time.Minute: 200, 3 * time.Minute: 300,
		299 * time.Second: 300, 5 * time.Minute: 50,
		10 * time.Minute: 10, 10*time.Minute + 29*time.Second: 10, 10*time.Minute + 30*time.Second: 15, 11 * time.Minute: 10,
	} {
		if got := rateAt(load, at); got != want {
			t.Errorf("at %s: got %v, want %v", at, got, want)
		}
	}
}

func TestFlapScore(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		changes map[int]int // minute to desired
		order   []int
		want    int
	}{
		{"never changed", nil, nil, 0},
		{"only out", map[int]int{1: 4, 2: 5, 3: 9}, []int{1, 2, 3}, 0},
		{"out, and in much later", map[int]int{1: 4, 32: 3}, []int{1, 32}, 0},
		{"out, and in at the end of the window", map[int]int{1: 4, 31: 3}, []int{1, 31}, 1},
		{"in and out again", map[int]int{1: 2, 5: 3}, []int{1, 5}, 1},
		{"out, out, in, in, out", map[int]int{1: 4, 2: 5, 3: 4, 4: 3, 5: 4}, []int{1, 2, 3, 4, 5}, 2},
		{"the window counts from the latest change", map[int]int{1: 4, 20: 5, 45: 4}, []int{1, 20, 45}, 1},
	}
	for _, tt := range tests {
		m, g := &model{now: beginning}, &group{desired: 3}
		for _, minute := range tt.order {
			m.now = beginning.Add(time.Duration(minute) * time.Minute)
			m.desire(g, tt.changes[minute], "a test")
		}
		if g.flaps != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, g.flaps, tt.want)
		}
	}
}

// TestAssertions judges claims about a desired count of 2 that becomes 5 at
// the third of six seconds, and 4 at the fifth.
func TestAssertions(t *testing.T) {
	t.Parallel()
	var records []Record
	for n, desired := range []int{2, 2, 2, 5, 5, 4, 4} {
		records = append(records, Record{At: time.Duration(n) * time.Second, Desired: desired})
	}
	s := Scenario{Length: 6 * time.Second, Topology: regional, Zones: []string{"a"}}
	for text, want := range map[string]string{
		"desired >= 2 throughout":        "",
		"desired == 2 throughout":        "5 at 0:00:03",
		"desired == 5 within 3s":         "5 at 0:00:03",
		"desired == 5 within 2s":         "never",
		"desired > 4 within 2s of 4s":    "5 at 0:00:04",
		"desired == 2 within 2s of 3s":   "never",
		"desired >= 4 after 3s":          "",
		"desired >= 5 after 3s":          "4 at 0:00:05",
		"desired < 3 from 0s to 2s":      "",
		"desired < 3 from 0s to 3s":      "5 at 0:00:03",
		"desired == 5 at 4s":             "",
		"desired == 5 at end":            "4 at 0:00:06",
		"desired <= 4 at end":            "",
		"desired >= 2.5 within 1s of 2s": "5 at 0:00:03",
	} {
		a, err := s.parseAssertion(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		v := a.judge(records)
		if holds := want == "" || a.once && want != "never"; v.Why != want || v.Holds != holds {
			t.Errorf("%s: got %v, %q, want %v, %q", text, v.Holds, v.Why, holds, want)
		}
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	var records []Record
	for n := range 144 {
		records = append(records, Record{At: time.Duration(n) * time.Second, Desired: 2, Load: float64(n)})
	}
	got := strings.Split(chart("Test", records,
		line{name: "load", symbol: 'l', value: func(r Record) float64 { return r.Load }},
		line{name: "desired", symbol: 'd', value: func(r Record) float64 { return float64(50 * r.Desired) }},
	), "\n")
	want := map[int]string{
		0:  "Test: l load, d desired",
		1:  "     200 |",
		6:  "     100 |" + strings.Repeat("d", chartWidth),
		11: "       0 |lllll",
		12: "         +" + strings.Repeat("-", chartWidth),
		13: "          0:00:00" + strings.Repeat(" ", chartWidth-14) + "0:02:23",
	}
	for row, text := range want {
		if got[row] != text {
			t.Errorf("row %d: got %q, want %q", row, got[row], text)
		}
	}
}

func TestChartKeepsPeaksOrDips(t *testing.T) {
	t.Parallel()
	var records []Record
	for n := range 2 * chartWidth {
		records = append(records, Record{Desired: 3 - n%2})
	}
	l := line{value: func(r Record) float64 { return float64(r.Desired) }}
	if got := l.columns(records); got[0] != 3 || got[chartWidth-1] != 3 {
		t.Errorf("2 and 3 in every column: got %v to %v, want 3", got[0], got[chartWidth-1])
	}
	l.dips = true
	if got := l.columns(records); got[0] != 2 || got[chartWidth-1] != 2 {
		t.Errorf("2 and 3 in every column, dips: got %v to %v, want 2", got[0], got[chartWidth-1])
	}
}

func TestNiceTop(t *testing.T) {
	t.Parallel()
	for value, want := range map[float64]float64{0: 1, 1: 1, 1.5: 2, 3: 4, 5: 6, 6.5: 10, 99: 100, 100: 100, 101: 200, 0.3: 0.4} {
		if got := niceTop(value); got != want {
			t.Errorf("%v: got %v, want %v", value, got, want)
		}
	}
}
