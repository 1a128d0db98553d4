package fruit

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// param is one parameter of a query with all its values, in the order in which
// its name first came.
type param struct {
	name   string
	values []string
}

func (p param) last() string { return p.values[len(p.values)-1] }

// parseParams reads a raw query the way the replaced system did: only & parts,
// a bad escape stays as it is written, bytes that are not UTF-8 become U+FFFD,
// and the values of one name are kept together.
func parseParams(raw string) []param {
	var params []param
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		params = addParam(params, unescape(name), unescape(value))
	}
	return params
}

func addParam(params []param, name, value string) []param {
	for i := range params {
		if params[i].name == name {
			params[i].values = append(params[i].values, value)
			return params
		}
	}
	return append(params, param{name, []string{value}})
}

func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") && utf8.ValidString(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, fromHex(s[i+1])<<4|fromHex(s[i+2]))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func fromHex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

// appendParams appends params as a query, without those that are left out.
func appendParams(b []byte, params []param, leaveOut ...string) []byte {
	for _, p := range params {
		if contains(leaveOut, p.name) {
			continue
		}
		for _, v := range p.values {
			b = append(b, url.QueryEscape(p.name)...)
			b = append(b, '=')
			b = append(b, url.QueryEscape(v)...)
			b = append(b, '&')
		}
	}
	return b
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
