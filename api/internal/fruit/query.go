package fruit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	DefaultLimit = 20
	MaxLimit     = 1000
)

// Query is what a list was asked for.
type Query struct {
	Limit   int   // 1..MaxLimit
	Offset  int64 // 0..
	After   int32 // entries with a greater id only; 0: from the first
	Keyset  bool  // After was given: links use it
	Filters []Filter
	Order   []Order
	params  []param
}

// Filter compares a field with values: one for most lookups, two for range,
// any number for in.
type Filter struct {
	Field  Field
	Lookup string
	Values []string
}

// Order sorts by a field.
type Order struct {
	Field      string
	Descending bool
}

// Plain tells that the query takes every entry in the order of ids.
func (q *Query) Plain() bool { return len(q.Filters) == 0 && len(q.Order) == 0 }

// ParseQuery reads the raw query of a list. Parameters that are no field are
// ignored, and kept in the links to other pages.
func ParseQuery(raw string) (Query, []Problem) {
	q := Query{Limit: DefaultLimit}
	if raw == "" {
		return q, nil
	}
	q.params = parseParams(raw)
	var problems []Problem
	for _, p := range q.params {
		problems = append(problems, q.take(p)...)
	}
	if q.Keyset && (q.Offset > 0 || !ascendingIDs(q.Order)) {
		problems = append(problems, Problem{"after", Conflicting, "after goes with neither offset nor an order other than id"})
	}
	if problems != nil {
		return Query{}, problems
	}
	return q, nil
}

func ascendingIDs(order []Order) bool {
	return len(order) == 0 || order[0] == Order{Field: "id"}
}

func (q *Query) take(p param) []Problem {
	switch p.name {
	case "limit":
		return q.takeLimit(p.last())
	case "offset":
		n, err := strconv.ParseInt(strings.TrimSpace(p.last()), 10, 64)
		if err != nil || n < 0 {
			return []Problem{{"offset", OutOfRange, "an offset is a whole number from 0 to 9223372036854775807"}}
		}
		q.Offset = n
	case "after":
		n, err := strconv.ParseInt(p.last(), 10, 32)
		if err != nil || n < 0 {
			return []Problem{{"after", OutOfRange, "after is an id, or 0 for the first page"}}
		}
		q.After, q.Keyset = int32(n), true
	case "order_by":
		return q.takeOrder(p.values)
	default:
		return q.takeFilter(p)
	}
	return nil
}

func (q *Query) takeLimit(value string) []Problem {
	n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	if err != nil || n < 0 {
		return []Problem{{"limit", OutOfRange, "a limit is a whole number from 0, which means the maximum of 1000"}}
	}
	if n == 0 || n > MaxLimit {
		n = MaxLimit
	}
	q.Limit = int(n)
	return nil
}

func (q *Query) takeOrder(values []string) []Problem {
	var problems []Problem
	for _, v := range values {
		name, descending := strings.CutPrefix(v, "-")
		f, ok := fieldNamed(name)
		if !ok || !f.Orderable {
			problems = append(problems, Problem{"order_by", NotAllowed, "a list is ordered by id, name or price, each with or without - before it"})
			continue
		}
		if !ordersBy(q.Order, name) { // a second ordering by the same field decides nothing
			q.Order = append(q.Order, Order{name, descending})
		}
	}
	return problems
}

func ordersBy(order []Order, name string) bool {
	for _, o := range order {
		if o.Field == name {
			return true
		}
	}
	return false
}

func (q *Query) takeFilter(p param) []Problem {
	name, lookup, _ := strings.Cut(p.name, "__")
	field, ok := fieldNamed(name)
	if !ok {
		return nil
	}
	if lookup == "" {
		lookup = "exact"
	}
	if !contains(field.Lookups, lookup) {
		return []Problem{{p.name, NotAllowed, fmt.Sprintf("%s has no filter %s (it has: %s)", name, lookup, strings.Join(field.Lookups, ", "))}}
	}
	values := []string{p.last()}
	if lookup == "in" || lookup == "range" {
		values = strings.Split(strings.Join(p.values, ","), ",")
	}
	if lookup == "range" && len(values) != 2 {
		return []Problem{{p.name, Malformed, "a range is two values with a comma between them"}}
	}
	if len(values) > MaxLimit {
		return []Problem{{p.name, TooLong, "a filter has at most 1000 values"}}
	}
	for i, v := range values {
		clean, problem := field.filterValue(v)
		if problem != nil {
			problem.Field = p.name
			return []Problem{*problem}
		}
		values[i] = clean
	}
	q.Filters = append(q.Filters, Filter{field, lookup, values})
	return nil
}

// filterValue checks a value to compare with. It may lie outside what the
// field itself can hold, as long as it is of its kind.
func (f Field) filterValue(v string) (string, *Problem) {
	switch f.Kind {
	case Text:
		if strings.ContainsRune(v, 0) {
			return "", &Problem{Reason: NotAllowed, Detail: "a name holds no NUL character"}
		}
	case Decimal:
		if _, ok := parseDecimal(v); !ok || strings.ContainsAny(v, "eE") {
			return "", &Problem{Reason: NotANumber, Detail: "a price is compared with a decimal number, such as 1.25"}
		}
	case Integer:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return "", &Problem{Reason: NotAnInt, Detail: "a whole number of at most 64 bits is needed"}
		}
		return strconv.FormatInt(n, 10), nil
	}
	return v, nil
}

// AppendPage appends a page of the list: its entries, and the links to the
// pages before and after it. total counts all entries that pass the filters.
func (q *Query) AppendPage(b []byte, total int64, entries []Fruit) []byte {
	next, previous := q.links(total, entries)
	b = append(b, `{"meta": {"limit": `...)
	b = strconv.AppendInt(b, int64(q.Limit), 10)
	b = appendLink(append(b, `, "next": `...), next)
	b = strconv.AppendInt(append(b, `, "offset": `...), q.Offset, 10)
	b = appendLink(append(b, `, "previous": `...), previous)
	b = strconv.AppendInt(append(b, `, "total_count": `...), total, 10)
	b = append(b, `}, "objects": `...)
	b = AppendList(b, entries)
	return append(b, '}')
}

func appendLink(b []byte, link string) []byte {
	if link == "" {
		return append(b, "null"...)
	}
	return AppendString(b, link)
}

func (q *Query) links(total int64, entries []Fruit) (next, previous string) {
	limit := int64(q.Limit)
	if q.Keyset {
		if len(entries) == q.Limit {
			next = q.link("after", int64(entries[len(entries)-1].ID))
		}
		return next, ""
	}
	if q.Offset <= math.MaxInt64-limit && q.Offset+limit < total {
		next = q.link("offset", q.Offset+limit)
	}
	if q.Offset >= limit {
		previous = q.link("offset", q.Offset-limit)
	}
	return next, previous
}

func (q *Query) link(name string, value int64) string {
	b := append([]byte(Collection), '?')
	b = appendParams(b, q.params, "limit", "offset", "after")
	b = append(b, "limit="...)
	b = strconv.AppendInt(b, int64(q.Limit), 10)
	b = append(b, '&')
	b = append(b, name...)
	b = append(b, '=')
	return string(strconv.AppendInt(b, value, 10))
}
