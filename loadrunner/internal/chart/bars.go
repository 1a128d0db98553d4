package chart

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// Bar is one bar.
type Bar struct {
	Name  string // below its right end
	Hint  string // shown where the pointer is
	Value float64
}

// Bars draws bars over a logarithmic scale, so that the rare are seen beside the many.
func Bars(title string, bars []Bar) template.HTML {
	var b strings.Builder
	begin(&b, title)
	highest := 1.0
	for _, bar := range bars {
		highest = max(highest, bar.Value)
	}
	s := logarithmic(1, highest)
	s.low = -0.3 // so that a single one is seen
	grid(&b, s, Count)
	wide := float64(width-left-right) / float64(max(1, len(bars)))
	every := 1 + len(bars)/16
	for i, bar := range bars {
		at, top := left+float64(i)*wide, y(s, bar.Value)
		if bar.Value > 0 {
			fmt.Fprintf(&b, `<rect class="bar s0" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title></rect>`,
				at+1, top, max(1, wide-2), height-low-top, html.EscapeString(bar.Hint))
		}
		if i%every == 0 {
			fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%d" text-anchor="end">%s</text>`, at+wide, height-low+16, html.EscapeString(bar.Name))
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}
