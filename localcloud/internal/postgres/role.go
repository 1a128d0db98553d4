package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/secure/precis"
)

// Role is what a login is decided by, beside the password.
type Role struct {
	Login   bool     // it may log in, and its time (VALID UNTIL) is not over
	Groups  []string // whose member it is, directly or not; not those that it may only grant
	secrets string   // the verifier in pg_authid; empty for none
}

// Errors of Role and CheckPassword.
var (
	ErrNoRole        = errors.New("there is no such role")
	ErrWrongPassword = errors.New("wrong password")
)

// roleQuery takes up to PostgreSQL 15 every membership; later versions tell
// those that give rights from those that may only be passed on.
const roleQuery = `select rolcanlogin and coalesce(rolvaliduntil > now(), true), coalesce(rolpassword, ''),
	array(select g.rolname::text from pg_roles g where g.oid <> r.oid and (%s) order by 1)
	from pg_authid r where rolname = $1`

// Role asks the primary for a role. Errors: ErrNoRole, ErrNoPrimary.
func (p *Pair) Role(ctx context.Context, name string) (Role, error) {
	if _, _, err := p.Primary(); err != nil {
		return Role{}, err
	}
	state := p.State()
	membership := "pg_has_role(r.oid, g.oid, 'member')"
	if state.Install.Major >= 16 {
		membership = "pg_has_role(r.oid, g.oid, 'usage') or pg_has_role(r.oid, g.oid, 'set')"
	}
	var role Role
	err := p.query(ctx, state, state.Primary, fmt.Sprintf(roleQuery, membership), []any{name}, &role.Login, &role.secrets, &role.Groups)
	if errors.Is(err, pgx.ErrNoRows) {
		return Role{}, ErrNoRole
	}
	if err != nil {
		return Role{}, fmt.Errorf("ask for role: %w: %w", ErrNoPrimary, err)
	}
	return role, nil
}

// Ask asks the primary for one row, as the superuser in database postgres, and
// puts its columns into targets. Errors: pgx.ErrNoRows, ErrNoPrimary.
func (p *Pair) Ask(ctx context.Context, sql string, arguments []any, targets ...any) error {
	if _, _, err := p.Primary(); err != nil {
		return err
	}
	state := p.State()
	err := p.query(ctx, state, state.Primary, sql, arguments, targets...)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("ask database: %w: %w", ErrNoPrimary, err)
	}
	return err
}

// CheckPassword compares a password with the one that SQL gave the role
// (CREATE ROLE ... PASSWORD). This package gives none to any role. Error:
// ErrWrongPassword, also where the role has none.
func (r Role) CheckPassword(password string) error {
	if r.secrets == "" {
		return fmt.Errorf("%w: the role has none", ErrWrongPassword)
	}
	verifier, err := parseVerifier(r.secrets)
	if err != nil {
		return err
	}
	stored, err := verifier.storedKey(password)
	if err != nil {
		return fmt.Errorf("compute password's key: %w", err)
	}
	if subtle.ConstantTimeCompare(stored, verifier.stored) != 1 {
		return ErrWrongPassword
	}
	return nil
}

// scramVerifier is SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server
// key>, the two keys and the salt in base64 (RFC 5803, as PostgreSQL writes it).
type scramVerifier struct {
	iterations   int
	salt, stored []byte
}

func parseVerifier(text string) (scramVerifier, error) {
	unknown := errors.New("the role's password is not stored as SCRAM-SHA-256: set it again with password_encryption = scram-sha-256")
	parts := strings.Split(text, "$")
	if len(parts) != 3 || parts[0] != "SCRAM-SHA-256" {
		return scramVerifier{}, unknown
	}
	count, salt, _ := strings.Cut(parts[1], ":")
	stored, _, _ := strings.Cut(parts[2], ":")
	iterations, err1 := strconv.Atoi(count)
	saltBytes, err2 := base64.StdEncoding.DecodeString(salt)
	storedBytes, err3 := base64.StdEncoding.DecodeString(stored)
	if err := errors.Join(err1, err2, err3); err != nil || iterations < 1 || len(storedBytes) != sha256.Size {
		return scramVerifier{}, unknown
	}
	return scramVerifier{iterations, saltBytes, storedBytes}, nil
}

// storedKey is H(HMAC(SaltedPassword, "Client Key")) of RFC 5802.
func (v scramVerifier) storedKey(password string) ([]byte, error) {
	prepared, err := precis.OpaqueString.String(password)
	if err != nil {
		prepared = password // PostgreSQL takes what it cannot prepare as it is
	}
	salted, err := pbkdf2.Key(sha256.New, prepared, v.salt, v.iterations, sha256.Size)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, salted)
	mac.Write([]byte("Client Key"))
	sum := sha256.Sum256(mac.Sum(nil))
	return sum[:], nil
}
