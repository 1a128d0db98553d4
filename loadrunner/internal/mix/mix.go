// Package mix decides what is sent to the service: lists, single entries, creates
// with an Idempotency-Key, and updates, each with a weight.
//
// Updates and reads of single entries go to rows that the run has created itself,
// so a run needs no data and spoils none; until there is one, creates and lists
// take their place. A create is repeated under its key when the connection fails or
// the service says that it is not available. An update says which stock the row
// gets, and a row has at most one on its way, so the order of versions is certain;
// a row of which it is not certain any more is not written to again.
//
// Without a token nothing is written, and a mix that would is refused.
package mix

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"orchard/loadrunner/internal/engine"
	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/record"
)

// The kinds of requests, as indexes of Kinds.
const (
	list = iota
	detail
	create
	update
)

// Weights say how often each kind is sent, relative to each other.
type Weights struct {
	List, Detail, Create, Update int
}

// Default is a shop that is looked at more than it is stocked: 20 % writes.
var Default = Weights{List: 40, Detail: 40, Create: 10, Update: 10}

// Writes tells whether the weights have any.
func (w Weights) Writes() bool { return w.Create+w.Update > 0 }

// Check returns an error for weights that cannot be drawn from.
func (w Weights) Check() error {
	if w.List < 0 || w.Detail < 0 || w.Create < 0 || w.Update < 0 {
		return errors.New("a weight is 0 or more")
	}
	if w.List+w.Detail+w.Create+w.Update == 0 {
		return errors.New("a mix needs a weight above 0")
	}
	if w.Update > 0 && w.Create == 0 {
		return errors.New("updates are of rows that the run has created: give create a weight")
	}
	return nil
}

// kept is how many rows are updated and read at a time; older ones are left alone.
const kept = 256

// Mix is the source of a run's requests.
type Mix struct {
	Ledger *ledger.Ledger // takes what is acknowledged; needed for writes

	weights Weights
	host    string
	token   string
	random  *rand.Rand
	creates uint32

	rows  []ledger.Entry
	spare []uint64 // indexes of rows that are not in use
	ready []uint64 // indexes of rows without a write on its way, the oldest first
}

// New returns a mix. host is for the Host field; one seed makes one order of kinds.
func New(w Weights, host, token string, seed uint64) (*Mix, error) {
	if err := w.Check(); err != nil {
		return nil, err
	}
	if w.Writes() && token == "" {
		return nil, errors.New("the mix writes, which needs the stack's token: give --token-file or ORCHARD_WRITE_TOKEN (make token prints it)")
	}
	return &Mix{weights: w, host: host, token: token, random: rand.New(rand.NewPCG(seed, 1))}, nil
}

// Kinds returns the kinds of requests.
func (m *Mix) Kinds() []record.Kind {
	return []record.Kind{{Name: "list"}, {Name: "detail"}, {Name: "create", Write: true}, {Name: "update", Write: true}}
}

// Next fills in the next request.
func (m *Mix) Next(r *engine.Request) {
	r.Kind, r.Repeatable = m.draw(), true
	switch r.Kind {
	case list:
		m.get(r, "/api/v1/fruit/")
	case detail:
		row := &m.rows[m.ready[m.random.IntN(len(m.ready))]]
		m.get(r, fmt.Sprintf("/api/v1/fruit/%d/", row.ID))
	case create:
		m.create(r)
	case update:
		m.update(r)
	}
}

// draw chooses a kind by weight, and another where there is no row yet.
func (m *Mix) draw() int {
	w := m.weights
	n := m.random.IntN(w.List + w.Detail + w.Create + w.Update)
	switch {
	case n < w.List:
		return list
	case n < w.List+w.Detail && len(m.ready) > 0:
		return detail
	case n < w.List+w.Detail:
		return list
	case n < w.List+w.Detail+w.Create || len(m.ready) == 0:
		return create
	}
	return update
}

func (m *Mix) get(r *engine.Request, path string) {
	r.Bytes = fmt.Appendf(r.Bytes, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: orchard-loadrunner\r\nAccept: application/json\r\n\r\n", path, m.host)
}
