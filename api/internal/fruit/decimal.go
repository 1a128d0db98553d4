package fruit

import (
	"regexp"
	"strconv"
	"strings"
)

// decimal is a number as it was written: digits × 10^-scale.
type decimal struct {
	negative bool
	digits   string // without leading zeros; "" is zero
	scale    int
}

var (
	decimalText = regexp.MustCompile(`^([+-]?)([0-9]{1,64})(?:\.([0-9]{1,64}))?(?:[eE]([+-]?[0-9]{1,3}))?$`)
	huge        = 512 // scales beyond this are out of range for every field
)

// parseDecimal reads a decimal exactly. Numbers of more than 64 digits before
// or after the point are not read.
func parseDecimal(s string) (decimal, bool) {
	m := decimalText.FindStringSubmatch(s)
	if m == nil {
		return decimal{}, false
	}
	exponent, _ := strconv.Atoi(m[4]) // at most three digits, or "" which is 0
	d := decimal{negative: m[1] == "-", digits: strings.TrimLeft(m[2]+m[3], "0"), scale: len(m[3]) - exponent}
	if d.digits == "" {
		return decimal{}, true
	}
	trimmed := strings.TrimRight(d.digits, "0")
	d.scale -= len(d.digits) - len(trimmed)
	d.digits = trimmed
	return d, true
}

// fixed returns the number scaled by 10^places as an integer. It reports
// TooPrecise where decimals would be lost and OutOfRange beyond 18 digits.
func (d decimal) fixed(places int) (int64, Reason) {
	zeros := places - d.scale
	switch {
	case d.digits == "":
		return 0, ""
	case zeros < 0:
		return 0, TooPrecise
	case zeros > huge || len(d.digits)+zeros > 18:
		return 0, OutOfRange
	}
	n, _ := strconv.ParseInt(d.digits+strings.Repeat("0", zeros), 10, 64) // at most 18 digits
	if d.negative {
		n = -n
	}
	return n, ""
}

// formatCents writes cents, which are not negative, with two decimals.
func formatCents(cents int64) string {
	b := strconv.AppendInt(nil, cents/100, 10)
	return string(append(b, '.', byte('0'+cents/10%10), byte('0'+cents%10)))
}
