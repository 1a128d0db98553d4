package chart

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
	"time"
)

// The size of a chart, in the units of its view box, and its margins.
const (
	width, height           = 960, 260
	left, right, above, low = 64, 16, 28, 28
)

// Series is one line: a value for each step, NaN where there is none.
type Series struct {
	Name   string
	Values []float64
}

// Event is marked at its moment.
type Event struct {
	At   time.Duration
	Name string
}

// Chart is values over time.
type Chart struct {
	Title   string
	Step    time.Duration // between two values
	Series  []Series
	Events  []Event
	Unit    Unit
	Log     bool // the scale
	Stacked bool // areas on top of each other, instead of lines
}

// SVG draws the chart.
func (c Chart) SVG() template.HTML {
	var b strings.Builder
	begin(&b, c.Title)
	s := c.scale()
	grid(&b, s, c.Unit)
	steps := c.steps()
	c.times(&b, steps)
	if c.Stacked {
		c.areas(&b, s, steps)
	} else {
		c.lines(&b, s, steps)
	}
	c.events(&b, steps)
	c.hints(&b, steps)
	legend(&b, c.Series)
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func begin(b *strings.Builder, title string) {
	fmt.Fprintf(b, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s"><text class="title" x="%d" y="16">%[3]s</text>`,
		width, height, html.EscapeString(title), left)
}

func (c Chart) steps() int {
	n := 0
	for _, s := range c.Series {
		n = max(n, len(s.Values))
	}
	return n
}

// scale holds all values, or their sums where they are stacked.
func (c Chart) scale() scale {
	lowest, highest := math.Inf(1), 0.0
	for i := range c.steps() {
		sum := 0.0
		for _, s := range c.Series {
			if v := s.at(i); v > 0 {
				lowest, highest, sum = min(lowest, v), max(highest, v), sum+v
			}
		}
		if c.Stacked {
			highest = max(highest, sum)
		}
	}
	if c.Log {
		return logarithmic(lowest, highest)
	}
	return linear(highest)
}

func (s Series) at(i int) float64 {
	if i >= len(s.Values) {
		return math.NaN()
	}
	return s.Values[i]
}

func x(i, steps int) float64 {
	return left + (float64(i)+0.5)/float64(steps)*(width-left-right)
}

func y(s scale, v float64) float64 { return height - low - s.share(v)*(height-above-low) }

func grid(b *strings.Builder, s scale, unit Unit) {
	for _, v := range s.ticks {
		at := y(s, v)
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>`,
			left, width-right, at, at, left-6, at+4, unit(v))
	}
}

// times writes the axis below, with about eight round moments.
func (c Chart) times(b *strings.Builder, steps int) {
	length := c.Step * time.Duration(steps)
	for _, every := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400} {
		every *= time.Second
		if length/every > 10 && every < 86400*time.Second {
			continue
		}
		for at := time.Duration(0); at <= length; at += every {
			fmt.Fprintf(b, `<text class="tick" x="%.1f" y="%d" text-anchor="middle">%s</text>`, c.when(at, steps), height-low+16, clock(at))
		}
		return
	}
}

// when returns where a moment is.
func (c Chart) when(at time.Duration, steps int) float64 {
	length := float64(c.Step) * float64(max(1, steps))
	return left + float64(at)/length*(width-left-right)
}

func (c Chart) lines(b *strings.Builder, s scale, steps int) {
	for n, series := range c.Series {
		var path strings.Builder
		pen := "M"
		for i, v := range series.Values {
			if math.IsNaN(v) || (s.log && v <= 0) {
				pen = "M"
				continue
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", pen, x(i, steps), y(s, v))
			pen = "L"
		}
		fmt.Fprintf(b, `<path class="line s%d" d="%s"/>`, n, path.String())
	}
}

func (c Chart) areas(b *strings.Builder, s scale, steps int) {
	below := make([]float64, steps)
	for n, series := range c.Series {
		var path strings.Builder
		half := (x(1, steps) - x(0, steps)) / 2
		for i := range steps {
			v := series.at(i)
			if !(v > 0) {
				continue
			}
			from, to := y(s, below[i]), y(s, below[i]+v)
			fmt.Fprintf(&path, "M%.1f %.1fH%.1fV%.1fH%.1fZ", x(i, steps)-half, from, x(i, steps)+half, to, x(i, steps)-half)
			below[i] += v
		}
		fmt.Fprintf(b, `<path class="area s%d" d="%s"/>`, n, path.String())
	}
}

func (c Chart) events(b *strings.Builder, steps int) {
	for i, e := range c.Events {
		at, down := c.when(e.At, steps), above+10+i%4*13
		fmt.Fprintf(b, `<line class="event" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, at, at, above, height-low)
		anchor, gap := "start", 4.0
		if at > width*0.75 {
			anchor, gap = "end", -4.0
		}
		fmt.Fprintf(b, `<text class="event" x="%.1f" y="%d" text-anchor="%s">%s</text>`, at+gap, down, anchor, html.EscapeString(e.Name))
	}
}

// hints show the values of a step where the pointer is.
func (c Chart) hints(b *strings.Builder, steps int) {
	wide := float64(width-left-right) / float64(max(1, steps))
	for i := range steps {
		fmt.Fprintf(b, `<rect class="hint" x="%.1f" y="%d" width="%.2f" height="%d"><title>%s`,
			x(i, steps)-wide/2, above, wide, height-above-low, clock(c.Step*time.Duration(i)))
		for _, s := range c.Series {
			if v := s.at(i); !math.IsNaN(v) {
				fmt.Fprintf(b, "\n%s %s", html.EscapeString(s.Name), c.Unit(v))
			}
		}
		b.WriteString("</title></rect>")
	}
}

// legend names the series at the top right.
func legend(b *strings.Builder, series []Series) {
	at := float64(width - right)
	for n := len(series) - 1; n >= 0; n-- {
		name := html.EscapeString(series[n].Name)
		at -= 7*float64(len(series[n].Name)) + 8
		fmt.Fprintf(b, `<text class="legend" x="%.1f" y="16">%s</text><rect class="key s%d" x="%.1f" y="8" width="8" height="8"/>`, at, name, n, at-12)
		at -= 24
	}
}
