package mix

import (
	"fmt"
	"net/http"

	"orchard/loadrunner/internal/engine"
	"orchard/loadrunner/internal/ledger"
)

// attempts is how often a create is sent at most.
const attempts = 3

// create sends a new row under a key that is the row's name.
func (m *Mix) create(r *engine.Request) {
	r.Attempts, r.Ref = attempts, m.take()
	m.rows[r.Ref] = ledger.Entry{Number: m.creates}
	m.creates++
	number := m.rows[r.Ref].Number
	name := m.Ledger.Name(number)
	body := fmt.Sprintf(`{"name": %q, "price": %q, "stock": 0}`, name, ledger.Price(number))
	m.write(r, "POST /api/v1/fruit/", "Idempotency-Key: "+name+"\r\n", body)
}

// update sends the next version of the row that has waited longest.
func (m *Mix) update(r *engine.Request) {
	r.Ref = m.ready[0]
	m.ready = append(m.ready[:0], m.ready[1:]...)
	row := &m.rows[r.Ref]
	row.Tried = row.Stock + 1
	m.write(r, fmt.Sprintf("PATCH /api/v1/fruit/%d/", row.ID), "", fmt.Sprintf(`{"stock": %d}`, row.Tried))
}

func (m *Mix) write(r *engine.Request, line, field, body string) {
	r.Bytes = fmt.Appendf(r.Bytes, "%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: orchard-loadrunner\r\nAuthorization: Bearer %s\r\n%s"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", line, m.host, m.token, field, len(body), body)
}

// take returns an index for a row.
func (m *Mix) take() uint64 {
	if n := len(m.spare); n > 0 {
		i := m.spare[n-1]
		m.spare = m.spare[:n-1]
		return i
	}
	m.rows = append(m.rows, ledger.Entry{})
	return uint64(len(m.rows) - 1)
}

// Done takes what became of a request.
func (m *Mix) Done(r *engine.Request, o engine.Outcome) {
	switch r.Kind {
	case create:
		m.created(r.Ref, o)
	case update:
		m.updated(r.Ref, o)
	}
}

func (m *Mix) created(i uint64, o engine.Outcome) {
	if o.Status == http.StatusConflict && o.Repeated {
		m.Ledger.Doubled()
	}
	if o.Status != http.StatusCreated {
		m.spare = append(m.spare, i) // perhaps it is there: the ledger allows both
		return
	}
	m.Ledger.Acknowledged()
	m.rows[i].ID = uint32(o.ID)
	m.keep(i)
}

func (m *Mix) updated(i uint64, o engine.Outcome) {
	row := &m.rows[i]
	acknowledged := o.Status >= 200 && o.Status < 300
	if acknowledged {
		m.Ledger.Acknowledged()
		row.Stock = row.Tried
	}
	// An attempt without an answer may still be carried out, after the next update.
	if !acknowledged || o.Repeated {
		m.retire(i)
		return
	}
	m.keep(i)
}

// keep makes a row ready for another write, and retires the oldest of too many.
func (m *Mix) keep(i uint64) {
	m.ready = append(m.ready, i)
	if len(m.ready) > kept {
		oldest := m.ready[0]
		m.ready = append(m.ready[:0], m.ready[1:]...)
		m.retire(oldest)
	}
}

// retire writes a row down, as it will not be written to again.
func (m *Mix) retire(i uint64) {
	m.Ledger.Add(m.rows[i])
	m.spare = append(m.spare, i)
}

// Finish writes down the rows that are left. The run must be over.
func (m *Mix) Finish() {
	for _, i := range m.ready {
		m.retire(i)
	}
	m.ready = nil
}
