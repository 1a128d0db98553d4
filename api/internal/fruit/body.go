package fruit

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxName is the longest name, in characters.
const MaxName = 100

// maxCents is the highest price, 999999.99.
const maxCents = 99_999_999

// Change holds the fields that a body sent; nil means not sent.
type Change struct {
	Name  *string
	Price *string // canonical: two decimals
	Stock *int32
}

// ParseChange reads the JSON object of a POST, PUT or PATCH. Members that are
// no field, and the read-only id and resource_uri, are ignored, so that an
// entry can be sent back as it was read. On any problem the Change is empty.
func ParseChange(body []byte) (Change, []Problem) {
	members, problem := splitObject(body)
	if problem != nil {
		return Change{}, []Problem{*problem}
	}
	var c Change
	var problems []Problem
	seen := map[string]bool{}
	for _, m := range members {
		read, known := readers[m.name]
		if !known {
			continue
		}
		if seen[m.name] {
			problems = append(problems, Problem{m.name, Duplicate, "the member is there more than once"})
			continue
		}
		seen[m.name] = true
		if p := read(&c, m.value); p != nil {
			p.Field = m.name
			problems = append(problems, *p)
		}
	}
	if problems != nil {
		return Change{}, problems
	}
	return c, nil
}

// Entry returns the entry that a Change makes where there was none: what was
// not sent takes its default, and the name has none.
func (c Change) Entry() (Fruit, []Problem) {
	if c.Name == nil {
		return Fruit{}, []Problem{{"name", Required, "a fruit needs a name"}}
	}
	return c.Apply(Fruit{Price: "0.00"}), nil
}

// Apply returns f with the fields that were sent.
func (c Change) Apply(f Fruit) Fruit {
	if c.Name != nil {
		f.Name = *c.Name
	}
	if c.Price != nil {
		f.Price = *c.Price
	}
	if c.Stock != nil {
		f.Stock = *c.Stock
	}
	return f
}

// Digest is the same for two bodies that ask for the same entry.
func (f *Fruit) Digest() []byte {
	sum := sha256.Sum256([]byte(strconv.Itoa(int(f.Stock)) + "\x00" + f.Price + "\x00" + f.Name))
	return sum[:]
}

type member struct {
	name  string
	value json.RawMessage
}

// splitObject reads the members of a JSON object that fills body.
func splitObject(body []byte) ([]member, *Problem) {
	if !utf8.Valid(body) {
		return nil, &Problem{Reason: NotUTF8, Detail: "the body is not UTF-8"}
	}
	if !json.Valid(body) {
		return nil, &Problem{Reason: Malformed, Detail: "the body is not a JSON document"}
	}
	if bytes.TrimLeft(body, " \t\r\n")[0] != '{' {
		return nil, &Problem{Reason: Malformed, Detail: "the body is not a JSON object"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	_, _ = d.Token() // the brace; the document is known to be valid
	var members []member
	for d.More() {
		name, err := d.Token()
		var m member
		if err == nil {
			m.name = name.(string)
			err = d.Decode(&m.value)
		}
		if err != nil {
			return nil, &Problem{Reason: Malformed, Detail: "the body is not a JSON document"}
		}
		members = append(members, m)
	}
	if _, err := d.Token(); err != nil && !errors.Is(err, io.EOF) {
		return nil, &Problem{Reason: Malformed, Detail: "the body is not a JSON document"}
	}
	return members, nil
}

var readers = map[string]func(*Change, json.RawMessage) *Problem{
	"name":  readName,
	"price": readPrice,
	"stock": readStock,
}

func readName(c *Change, raw json.RawMessage) *Problem {
	s, p := readString(raw)
	if p != nil {
		return p
	}
	if p := checkName(s); p != nil {
		return p
	}
	c.Name = &s
	return nil
}

func checkName(s string) *Problem {
	switch {
	case s == "":
		return &Problem{Reason: Empty, Detail: "a name has at least one character"}
	case utf8.RuneCountInString(s) > MaxName:
		return &Problem{Reason: TooLong, Detail: "a name has at most 100 characters"}
	case strings.ContainsRune(s, 0):
		return &Problem{Reason: NotAllowed, Detail: "a name holds no NUL character"}
	}
	return nil
}

func readString(raw json.RawMessage) (string, *Problem) {
	if p := wrongType(raw, '"'); p != nil {
		return "", p
	}
	if loneSurrogate(raw) {
		return "", &Problem{Reason: NotUTF8, Detail: "an escape is half of a surrogate pair"}
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", &Problem{Reason: Malformed, Detail: "not a JSON string"}
	}
	return s, nil
}

// readPrice takes a JSON number or a string that holds a decimal.
func readPrice(c *Change, raw json.RawMessage) *Problem {
	text := string(raw)
	if raw[0] == '"' {
		var p *Problem
		if text, p = readString(raw); p != nil {
			return p
		}
	} else if p := wrongType(raw, '0'); p != nil {
		return p
	}
	d, ok := parseDecimal(text)
	if !ok {
		return &Problem{Reason: NotANumber, Detail: "a price is a decimal number, such as 1.25"}
	}
	cents, reason := d.fixed(2)
	switch {
	case reason == TooPrecise:
		return &Problem{Reason: reason, Detail: "a price has at most two decimals"}
	case reason != "" || cents < 0 || cents > maxCents:
		return &Problem{Reason: OutOfRange, Detail: "a price is from 0.00 to 999999.99"}
	}
	price := formatCents(cents)
	c.Price = &price
	return nil
}

func readStock(c *Change, raw json.RawMessage) *Problem {
	if p := wrongType(raw, '0'); p != nil {
		return p
	}
	d, ok := parseDecimal(string(raw))
	if !ok {
		return &Problem{Reason: OutOfRange, Detail: "a stock is from -2147483648 to 2147483647"}
	}
	n, reason := d.fixed(0)
	switch {
	case reason == TooPrecise:
		return &Problem{Reason: NotAnInt, Detail: "a stock is a whole number"}
	case reason != "" || n < math.MinInt32 || n > math.MaxInt32:
		return &Problem{Reason: OutOfRange, Detail: "a stock is from -2147483648 to 2147483647"}
	}
	stock := int32(n)
	c.Stock = &stock
	return nil
}

// wrongType compares the type of a JSON value with the one wanted: '"' for a
// string, '0' for a number.
func wrongType(raw json.RawMessage, want byte) *Problem {
	got := raw[0]
	if got == '-' || got >= '0' && got <= '9' {
		got = '0'
	}
	switch {
	case got == want:
		return nil
	case got == 'n':
		return &Problem{Reason: Null, Detail: "null is no value here; leave the member out"}
	case want == '"':
		return &Problem{Reason: WrongType, Detail: "a JSON string is needed"}
	}
	return &Problem{Reason: WrongType, Detail: "a JSON number is needed"}
}

// loneSurrogate tells whether a valid JSON string has an escape \uD800 to
// \uDFFF that is not one of a pair; encoding/json would replace it silently.
func loneSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		if raw[i] != 'u' {
			continue
		}
		r, _ := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
		i += 4
		if r < 0xD800 || r > 0xDFFF {
			continue
		}
		if r >= 0xDC00 || i+6 >= len(raw) || raw[i+1] != '\\' || raw[i+2] != 'u' {
			return true
		}
		low, _ := strconv.ParseUint(string(raw[i+3:i+7]), 16, 16)
		if low < 0xDC00 || low > 0xDFFF {
			return true
		}
		i += 6
	}
	return false
}
