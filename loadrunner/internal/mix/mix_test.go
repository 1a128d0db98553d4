package mix

import (
	"bytes"
	"strings"
	"testing"

	"orchard/loadrunner/internal/engine"
	"orchard/loadrunner/internal/ledger"
)

func newMix(t *testing.T, w Weights) *Mix {
	t.Helper()
	m, err := New(w, "host:8080", "secret", 1)
	if err != nil {
		t.Fatal(err)
	}
	if m.Ledger, err = ledger.New(t.TempDir(), "run"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Ledger.Close)
	return m
}

// answer plays a service that does what it is asked, and returns how often each kind was sent.
func answer(m *Mix, n int) map[string]int {
	sent, kinds := map[string]int{}, m.Kinds()
	for i := range n {
		r := engine.Request{Attempts: 1}
		m.Next(&r)
		sent[kinds[r.Kind].Name]++
		m.Done(&r, engine.Outcome{Status: []int{200, 200, 201, 202}[r.Kind], ID: int64(i + 1)})
	}
	return sent
}

func TestKindsFollowTheWeights(t *testing.T) {
	t.Parallel()
	sent := answer(newMix(t, Weights{List: 4, Detail: 3, Create: 2, Update: 1}), 10000)
	for kind, want := range map[string]int{"list": 4000, "detail": 3000, "create": 2000, "update": 1000} {
		if got := sent[kind]; got < want*95/100 || got > want*105/100 {
			t.Errorf("%d of kind %s, want about %d", got, kind, want)
		}
	}
}

// TestRowsAreBounded holds what is kept in memory, whatever is created.
func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	m := newMix(t, Weights{Create: 1})
	answer(m, 10000)
	if len(m.ready) != kept || len(m.rows) > kept+1 {
		t.Errorf("%d rows ready and %d in memory, want %d and one more", len(m.ready), len(m.rows), kept)
	}
}

// TestARowHasOneWriteAtATime takes updates until no row is left for one.
func TestARowHasOneWriteAtATime(t *testing.T) {
	t.Parallel()
	m := newMix(t, Weights{Create: 1, Update: 1000})
	answer(m, 1)
	var first, second engine.Request
	m.Next(&first)
	m.Next(&second)
	if first.Kind != update || second.Kind != create {
		t.Errorf("kinds %d and %d, want an update and, as its row is taken, a create", first.Kind, second.Kind)
	}
	m.Done(&first, engine.Outcome{}) // without an answer: it may be carried out later
	if len(m.ready) != 0 {
		t.Error("a row is updated again whose last update is uncertain")
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	m := newMix(t, Weights{Create: 1})
	var r engine.Request
	m.Next(&r)
	head, body, _ := bytes.Cut(r.Bytes, []byte("\r\n\r\n"))
	for _, want := range []string{
		"POST /api/v1/fruit/ HTTP/1.1\r\n", "\r\nHost: host:8080\r\n", "\r\nAuthorization: Bearer secret\r\n",
		"\r\nIdempotency-Key: load-run-0\r\n", "\r\nContent-Type: application/json\r\nContent-Length: 51",
	} {
		if !strings.Contains(string(head), want) {
			t.Errorf("%q is missing in %q", want, head)
		}
	}
	if want := `{"name": "load-run-0", "price": "0.00", "stock": 0}`; string(body) != want || r.Attempts != attempts || !r.Repeatable {
		t.Errorf("the body is %s, with %d attempts; want %s with %d", body, r.Attempts, want, attempts)
	}
}

func TestWeightsAreChecked(t *testing.T) {
	t.Parallel()
	for _, w := range []Weights{{}, {List: -1, Create: 2}, {List: 1, Update: 1}} {
		if _, err := New(w, "h", "secret", 1); err == nil {
			t.Errorf("%+v gave no error", w)
		}
	}
	if _, err := New(Weights{List: 1}, "h", "", 1); err != nil {
		t.Errorf("reads without a token: %v", err)
	}
}
