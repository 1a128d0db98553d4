package scenario

import (
	"fmt"
	"math"
	"strings"
)

// The size of a chart's field, in characters.
const (
	chartWidth  = 72
	chartHeight = 10
)

// line is one line of a chart.
type line struct {
	name   string
	symbol byte
	value  func(Record) float64
	dips   bool // of the seconds that share a column the lowest is drawn
}

// chart draws lines over the whole time of the records. Of the seconds that
// share a column the highest value is drawn, so that no peak is lost, or the
// lowest of a line whose dips matter; 0 is not drawn. Where lines meet, the
// later one covers the earlier.
func chart(title string, records []Record, lines ...line) string {
	var legend []string
	columns := make([][]float64, len(lines))
	top := 0.0
	for n, l := range lines {
		legend = append(legend, fmt.Sprintf("%c %s", l.symbol, l.name))
		columns[n] = l.columns(records)
		for _, v := range columns[n] {
			top = max(top, v)
		}
	}
	top = niceTop(top)
	field := make([][]byte, chartHeight+1)
	for row := range field {
		field[row] = []byte(strings.Repeat(" ", chartWidth))
	}
	for n, l := range lines {
		for column, v := range columns[n] {
			if v > 0 {
				field[chartHeight-int(math.Round(v/top*chartHeight))][column] = l.symbol
			}
		}
	}
	return fmt.Sprintf("%s: %s\n%s", title, strings.Join(legend, ", "), frame(field, top, records[len(records)-1]))
}

// frame puts the axes to the field.
func frame(field [][]byte, top float64, last Record) string {
	var b strings.Builder
	for row, cells := range field {
		label := ""
		if row%(chartHeight/2) == 0 {
			label = fmt.Sprintf("%.4g", top*float64(chartHeight-row)/chartHeight)
		}
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%8s |%s", label, cells), " "))
	}
	end := clock(last.At)
	fmt.Fprintf(&b, "%8s +%s\n", "", strings.Repeat("-", chartWidth))
	fmt.Fprintf(&b, "%8s  %s%*s\n", "", "0:00:00", chartWidth-len("0:00:00"), end)
	return b.String()
}

// columns is what is drawn in each column.
func (l line) columns(records []Record) []float64 {
	pick := func(a, b float64) float64 { return max(a, b) }
	if l.dips {
		pick = func(a, b float64) float64 { return min(a, b) }
	}
	columns := make([]float64, min(chartWidth, len(records)))
	latest := -1
	for n, r := range records {
		column := n * len(columns) / len(records)
		if column != latest {
			columns[column] = l.value(r)
		}
		columns[column] = pick(columns[column], l.value(r))
		latest = column
	}
	return columns
}

// niceTop is the smallest of 1, 2, 4, 6 or 10 times a power of ten that is
// not below the value, so that half of it is a short number too.
func niceTop(value float64) float64 {
	if value <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(value)))
	for _, n := range []float64{1, 2, 4, 6} {
		if value <= n*power {
			return n * power
		}
	}
	return 10 * power
}
