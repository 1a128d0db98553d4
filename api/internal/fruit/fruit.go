// Package fruit decides what a fruit is: its fields and their rules, its JSON,
// and what a list may be asked for. It is pure: no HTTP and no SQL.
//
// The JSON is that of the system that Orchard replaces, to the byte: members
// in alphabetical order, a space after each colon and comma, characters
// outside ASCII as they are. It is written by hand because encoding/json
// writes neither the spaces nor quickly enough.
//
// What surprises: nothing is converted in silence. A body or a parameter that
// is not exactly what its field takes is reported with a reason, and all
// problems are reported at once.
package fruit

import (
	"strconv"
	"unicode/utf8"
)

const (
	Root       = "/api/v1/"
	Collection = "/api/v1/fruit/"
	Schema     = "/api/v1/fruit/schema/"
)

// Fruit is one entry. Price is a decimal with exactly two decimals.
type Fruit struct {
	ID    int32
	Name  string
	Price string
	Stock int32
}

// Path is the address of the entry with this id.
func Path(id int32) string {
	return string(appendPath(nil, id))
}

func appendPath(b []byte, id int32) []byte {
	b = append(b, Collection...)
	b = strconv.AppendInt(b, int64(id), 10)
	return append(b, '/')
}

// ParseID reads the id in a path: decimal, without sign or leading zero,
// 1 to 2147483647.
func ParseID(s string) (int32, bool) {
	if s == "" || s[0] < '1' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil
}

// AppendJSON appends the entry as JSON.
func (f *Fruit) AppendJSON(b []byte) []byte {
	b = append(b, `{"id": `...)
	b = strconv.AppendInt(b, int64(f.ID), 10)
	b = append(b, `, "name": `...)
	b = AppendString(b, f.Name)
	b = append(b, `, "price": "`...)
	b = append(b, f.Price...)
	b = append(b, `", "resource_uri": "`...)
	b = appendPath(b, f.ID)
	b = append(b, `", "stock": `...)
	b = strconv.AppendInt(b, int64(f.Stock), 10)
	return append(b, '}')
}

// AppendList appends entries as a JSON array.
func AppendList(b []byte, list []Fruit) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = list[i].AppendJSON(b)
	}
	return append(b, ']')
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			b = appendEscape(append(b, s[start:i]...), c)
			start = i + 1
		}
		i++
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
