package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLinearTicks(t *testing.T) {
	t.Parallel()
	for highest, want := range map[float64][]float64{
		0:   {0, 0.2, 0.4, 0.6, 0.8, 1},
		7:   {0, 2, 4, 6, 8},
		100: {0, 20, 40, 60, 80, 100},
		320: {0, 100, 200, 300, 400},
		999: {0, 200, 400, 600, 800, 1000},
	} {
		s := linear(highest)
		if diff := cmp.Diff(want, s.ticks, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })); diff != "" {
			t.Errorf("ticks to %v (-want +got):\n%s", highest, diff)
		}
		if s.share(highest) > 1 || s.share(0) != 0 {
			t.Errorf("to %v: the highest is at %v, 0 at %v", highest, s.share(highest), s.share(0))
		}
	}
}

func TestLogarithmicScale(t *testing.T) {
	t.Parallel()
	s := logarithmic(0.002, 3)
	if diff := cmp.Diff([]float64{0.001, 0.01, 0.1, 1, 10}, s.ticks); diff != "" {
		t.Errorf("ticks (-want +got):\n%s", diff)
	}
	if got := s.share(0.1); math.Abs(got-0.5) > 1e-9 {
		t.Errorf("0.1 is at %v, want the middle", got)
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ got, want string }{
		{Count(12), "12"},
		{Count(1234), "1.23k"},
		{Count(5e6), "5M"},
		{Duration(0), "0"},
		{Duration(2e-5), "20 µs"},
		{Duration(0.05), "50 ms"},
		{Duration(1.5), "1.5 s"},
		{clock(9 * time.Second), "9 s"},
		{clock(65 * time.Second), "1:05"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

// TestSVG holds charts of all kinds, of odd lengths too, to be well-formed and to have
// what they are given.
func TestSVG(t *testing.T) {
	t.Parallel()
	values := []float64{1, math.NaN(), 0, 3, 10}
	c := Chart{
		Title: "a < b", Step: time.Second, Unit: Count, Events: []Event{{At: 2 * time.Second, Name: "x & y"}},
		Series: []Series{{Name: "one", Values: values}, {Name: "two", Values: values[:2]}},
	}
	empty := Chart{Title: "nothing", Step: time.Second, Unit: Count}
	logged, stacked := c, c
	logged.Log, stacked.Stacked = true, true
	for name, svg := range map[string]string{
		"lines": string(c.SVG()), "logarithmic": string(logged.SVG()), "stacked": string(stacked.SVG()), "empty": string(empty.SVG()),
		"bars": string(Bars("a < b", []Bar{{"1 ms", "10", 10}, {"2 ms", "0", 0}})), "no bars": string(Bars("none", nil)),
	} {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s is not well-formed: %v\n%s", name, err, svg)
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s has a number that is none:\n%s", name, svg)
		}
	}
	for _, want := range []string{"a &lt; b", "x &amp; y", ">one<", ">two<"} {
		if !strings.Contains(string(c.SVG()), want) {
			t.Errorf("the lines have no %q", want)
		}
	}
}
