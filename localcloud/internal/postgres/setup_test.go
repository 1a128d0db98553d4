package postgres

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestSetup(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	spec := newSpec(t, false)
	spec.Setup = []string{"create table one (n int)", "insert into one values (1), (2)"}
	pair := create(t, m, spec)
	var sum int
	if err := pair.Ask(t.Context(), "select sum(n) from one where n < $1", []any{3}, &sum); err != nil || sum != 3 {
		t.Errorf("sum of what the set-up wrote: got %d, %v; want 3", sum, err)
	}
	if err := pair.Ask(t.Context(), "select n from one where n = $1", []any{7}, &sum); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("ask for what is not there: got %v, want %v", err, pgx.ErrNoRows)
	}
}

func TestSetupThatFails(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	spec := newSpec(t, false)
	spec.Setup = []string{"select 1", "create nonsense"}
	if _, err := Create(t.Context(), m.Host, spec); err == nil || !strings.Contains(err.Error(), "statement 2") {
		t.Errorf("create: got %v, want an error that names statement 2", err)
	}
	if _, err := os.Stat(spec.Folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder of a failed create: got %v, want it to be gone", err)
	}
}
