package database

import (
	"context"
	"errors"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE and constraint names are known in this file alone.

// verdict is what an error says of the statement that met it.
type verdict int

const (
	refused verdict = iota // the database understood and declined: do not try again
	undone                 // nothing was done: trying again is safe
	unknown                // it may have been done
)

// away are the answers of a server that is starting, stopping, or has become
// a standby, before it has done anything; rolledBack are those of one that
// gave the transaction up.
var (
	away = []string{
		"57P03", // cannot_connect_now
		"25006", // read_only_sql_transaction: a primary that is a standby now
		"53300", // too_many_connections
	}
	rolledBack = []string{"40001", "40P01", "55P03"}
	// A fast shutdown or a crash may come while a commit waits for its
	// standby: the row may be there.
	cut = []string{"57P01", "57P02", "08000", "08003", "08006", "08007", "40003", "58000", "58030", "XX000"}
)

func classify(err error) verdict {
	var server *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &connecting), pgconn.SafeToRetry(err):
		return undone
	case errors.As(err, &server):
		switch {
		case slices.Contains(away, server.Code), slices.Contains(rolledBack, server.Code):
			return undone
		case slices.Contains(cut, server.Code):
			return unknown
		}
		return refused
	case isTransport(err):
		return unknown
	}
	return refused
}

func isTransport(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, net.ErrClosed) || isEOF(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// becameStandby tells that every connection of the pool leads to a server that
// no longer takes writes.
func becameStandby(err error) bool { return sqlState(err) == "25006" }

// NameTaken tells that a row was refused because another has its name.
func NameTaken(err error) bool { return violates(err, "fruit_name_key") }

// IDTaken tells that a row was refused because another has its id.
func IDTaken(err error) bool { return violates(err, "fruit_pkey") }

// KeyTaken tells that an idempotency key is in the database already.
func KeyTaken(err error) bool { return violates(err, "idempotency_pkey") }

// IDsExhausted tells that the sequence has no id left.
func IDsExhausted(err error) bool { return sqlState(err) == "2200H" }

func violates(err error, constraint string) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "23505" && server.ConstraintName == constraint
}

func sqlState(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code
	}
	return ""
}
