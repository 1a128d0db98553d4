package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	// ErrUnavailable wraps the last failure of a database that stayed away
	// until the deadline. Nothing was done; the caller may try again.
	ErrUnavailable = errors.New("database unavailable")
	// ErrOutcomeUnknown wraps the failure of a write that was sent and not
	// answered. It may have been done.
	ErrOutcomeUnknown = errors.New("outcome unknown")
)

// A repeatable call may be sent twice: a read, or a write that carries its own
// key. A single call is sent again only where it provably was not done.
type Kind bool

const (
	Single     Kind = false
	Repeatable Kind = true
)

// attemptTimeout bounds one attempt of a repeatable call, so that a connection
// that has gone quiet leaves time for the next.
const attemptTimeout = 5 * time.Second

// Do runs call with a connection of the pool, again and again while the
// database is away and ctx lasts. Errors that the database itself decided
// (a constraint, for one) come back as they are.
func Do(ctx context.Context, pool *pgxpool.Pool, kind Kind, call func(context.Context, *pgxpool.Conn) error) error {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		verdict, err := attempt(ctx, pool, kind, call)
		switch {
		case err == nil || verdict == refused:
			return err
		case verdict == unknown && kind == Single:
			return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
		if !pause(ctx, wait/2+rand.N(wait)) {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
}

func attempt(ctx context.Context, pool *pgxpool.Pool, kind Kind, call func(context.Context, *pgxpool.Conn) error) (verdict, error) {
	if kind == Repeatable {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, attemptTimeout)
		defer cancel()
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return undone, err
	}
	defer conn.Release()
	err = call(ctx, conn)
	if err == nil {
		return refused, nil
	}
	if becameStandby(err) {
		pool.Reset()
	}
	return classify(err), err
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func isEOF(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
