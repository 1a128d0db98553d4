package report

import (
	"math"
	"strconv"
	"time"

	"orchard/loadrunner/internal/chart"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
)

// points is how many a chart has at most: those of a long run hold several seconds.
const points = 600

// plot is a run over time, in steps.
type plot struct {
	step                                           time.Duration
	due, answered, failed, p50, p99, most, service []float64
	byClass                                        map[string][]float64
}

// readPlot reads the windows of a folder, and holds one step of them at a time.
func readPlot(folder string, d *results.Document) (*plot, error) {
	seconds := 1 + int(d.Seconds)/points
	p := &plot{step: time.Duration(seconds) * time.Second, byClass: map[string][]float64{}}
	var sum *record.Window
	for w, err := range results.Windows(folder) {
		if err != nil {
			return nil, err
		}
		if sum != nil && w.Second/seconds != sum.Second/seconds {
			p.add(sum, seconds)
			sum = nil
		}
		if sum == nil {
			sum = w
		} else {
			sum.Merge(w)
		}
	}
	if sum != nil {
		p.add(sum, seconds)
	}
	return p, nil
}

// add adds the step of a window; steps without one are empty.
func (p *plot) add(w *record.Window, seconds int) {
	for len(p.due) < w.Second/seconds {
		p.append(0, 0, 0, nil)
	}
	per := 1 / float64(seconds)
	i := len(p.due)
	p.append(float64(w.Scheduled)*per, float64(w.Answered)*per, float64(w.Failed)*per, w)
	class := func(name string, n uint64) {
		if n == 0 {
			return
		}
		values := p.byClass[name]
		for len(values) <= i {
			values = append(values, 0)
		}
		values[i] = float64(n) * per
		p.byClass[name] = values
	}
	for status, n := range w.Statuses {
		if status >= 400 {
			class(strconv.Itoa(status), n)
		}
	}
	for name, n := range w.Failures {
		class(name, n)
	}
	class("late", w.Late)
	class("dropped", w.Dropped)
}

func (p *plot) append(due, answered, failed float64, w *record.Window) {
	p.due, p.answered, p.failed = append(p.due, due), append(p.answered, answered), append(p.failed, failed)
	p50, p99, most, service := math.NaN(), math.NaN(), math.NaN(), math.NaN()
	if w != nil && w.Response.Count() > 0 {
		p50, p99 = w.Response.Quantile(0.5).Seconds(), w.Response.Quantile(0.99).Seconds()
		most, service = w.Response.Max().Seconds(), w.Service.Quantile(0.99).Seconds()
	}
	p.p50, p.p99, p.most, p.service = append(p.p50, p50), append(p.p99, p99), append(p.most, most), append(p.service, service)
}

// classes returns the classes of what failed, in the order of their names.
func (p *plot) classes() []chart.Series {
	var all []chart.Series
	for _, name := range sorted(p.byClass) {
		values := make([]float64, len(p.due))
		copy(values, p.byClass[name])
		all = append(all, chart.Series{Name: name, Values: values})
	}
	if len(all) == 0 {
		all = append(all, chart.Series{Name: "none", Values: make([]float64, len(p.due))})
	}
	return all
}
