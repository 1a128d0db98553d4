package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Ways to authenticate to the database (ORCHARD_DATABASE_AUTH).
const (
	AuthPassword  = "password"   // in the URL or PGPASSWORD
	AuthAWSIAM    = "aws-iam"    // an RDS IAM token for each new connection
	AuthAWSSecret = "aws-secret" // user name and password from Secrets Manager
)

// Ways to serve TLS (ORCHARD_TLS).
const (
	TLSOff        = "off"
	TLSSelfSigned = "self-signed" // a key made at each start; balancers accept it from targets
	TLSFiles      = "files"       // ORCHARD_TLS_CERT and ORCHARD_TLS_KEY
)

// Database says how to reach PostgreSQL.
type Database struct {
	URL    string
	Auth   string // one of the Auth constants
	Secret string // ARN of the secret, for AuthAWSSecret
	Pool   int    // connections, 2..1000
}

// TLS says what the service presents to its callers.
type TLS struct {
	Mode string // one of the TLS constants
	Cert string // PEM file, for TLSFiles
	Key  string // PEM file, for TLSFiles
}

// Serve is what `orchard serve` needs.
type Serve struct {
	Listen           string // host:port; not used under socket activation
	Instance         string
	Zone             string
	Database         Database
	DrainWait        time.Duration
	WriteTokenSHA256 []byte // nil: writes are open
	TLS              TLS
	RuntimeDirectory string // "" : no admin socket
}

// Migrate is what `orchard migrate` needs.
type Migrate struct {
	Database Database
	AppRole  string
}

var known = []string{
	"ORCHARD_LISTEN", "ORCHARD_INSTANCE", "ORCHARD_ZONE",
	"ORCHARD_DATABASE_URL", "ORCHARD_DATABASE_AUTH", "ORCHARD_DATABASE_SECRET", "ORCHARD_DATABASE_POOL",
	"ORCHARD_APP_ROLE", "ORCHARD_DRAIN_WAIT", "ORCHARD_WRITE_TOKEN_SHA256",
	"ORCHARD_TLS", "ORCHARD_TLS_CERT", "ORCHARD_TLS_KEY",
}

// ParseServe reads the settings of `orchard serve` from environ, a list of
// NAME=value as os.Environ returns it.
func ParseServe(environ []string) (Serve, error) {
	e := read(environ)
	s := Serve{
		Listen:           e.listen("ORCHARD_LISTEN", ":8080"),
		Instance:         e.headerValue("ORCHARD_INSTANCE"),
		Zone:             e.headerValue("ORCHARD_ZONE"),
		Database:         e.database(),
		DrainWait:        e.duration("ORCHARD_DRAIN_WAIT", 0, 10*time.Minute),
		WriteTokenSHA256: e.digest("ORCHARD_WRITE_TOKEN_SHA256"),
		TLS:              e.tls(),
		RuntimeDirectory: e.values["RUNTIME_DIRECTORY"],
	}
	return s, errors.Join(e.problems...)
}

// ParseMigrate reads the settings of `orchard migrate`.
func ParseMigrate(environ []string) (Migrate, error) {
	e := read(environ)
	m := Migrate{Database: e.database(), AppRole: e.role("ORCHARD_APP_ROLE", "orchard_app")}
	return m, errors.Join(e.problems...)
}

type env struct {
	values   map[string]string
	problems []error
}

func read(environ []string) *env {
	e := &env{values: map[string]string{}}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "ORCHARD_") && !slices.Contains(known, name) {
			e.refuse("%s is not a setting of orchard; remove it or correct its name (known: %s)", name, strings.Join(known, ", "))
		}
		e.values[name] = value
	}
	return e
}

func (e *env) refuse(format string, args ...any) {
	e.problems = append(e.problems, fmt.Errorf(format, args...))
}

func (e *env) database() Database {
	d := Database{
		URL:    e.values["ORCHARD_DATABASE_URL"],
		Auth:   e.oneOf("ORCHARD_DATABASE_AUTH", AuthPassword, AuthAWSIAM, AuthAWSSecret),
		Secret: e.values["ORCHARD_DATABASE_SECRET"],
		Pool:   e.number("ORCHARD_DATABASE_POOL", 4, 2, 1000),
	}
	if d.URL == "" {
		e.refuse("ORCHARD_DATABASE_URL is not set; give postgres://user@host:port/database")
	} else if u, err := url.Parse(d.URL); err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The URL may hold a password: it is not repeated.
		e.refuse("ORCHARD_DATABASE_URL is not a postgres:// URL")
	}
	if (d.Auth == AuthAWSSecret) != (d.Secret != "") {
		e.refuse("ORCHARD_DATABASE_SECRET goes with ORCHARD_DATABASE_AUTH=%s; set both or neither", AuthAWSSecret)
	}
	return d
}

func (e *env) tls() TLS {
	t := TLS{
		Mode: e.oneOf("ORCHARD_TLS", TLSOff, TLSSelfSigned, TLSFiles),
		Cert: e.values["ORCHARD_TLS_CERT"],
		Key:  e.values["ORCHARD_TLS_KEY"],
	}
	files := t.Mode == TLSFiles
	if files != (t.Cert != "") || files != (t.Key != "") {
		e.refuse("ORCHARD_TLS_CERT and ORCHARD_TLS_KEY go with ORCHARD_TLS=%s; set all three or none", TLSFiles)
	}
	return t
}

func (e *env) oneOf(name string, first string, others ...string) string {
	v := e.values[name]
	if v == "" {
		return first
	}
	if v != first && !slices.Contains(others, v) {
		e.refuse("%s is %q; choose one of %s, %s", name, v, first, strings.Join(others, ", "))
	}
	return v
}

func (e *env) number(name string, def, low, high int) int {
	v := e.values[name]
	if v == "" {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		e.refuse("%s is %q; give a whole number from %d to %d", name, v, low, high)
	}
	return n
}

func (e *env) duration(name string, low, high time.Duration) time.Duration {
	v := e.values[name]
	if v == "" {
		return low
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < low || d > high {
		e.refuse("%s is %q; give a duration from %s to %s, such as 15s", name, v, low, high)
	}
	return d
}

func (e *env) listen(name, def string) string {
	v := e.values[name]
	if v == "" {
		return def
	}
	_, port, err := net.SplitHostPort(v)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		e.refuse("%s is %q; give host:port, such as :8080", name, v)
	}
	return v
}

func (e *env) digest(name string) []byte {
	v := e.values[name]
	if v == "" {
		return nil
	}
	d, err := hex.DecodeString(v)
	if err != nil || len(d) != sha256.Size {
		e.refuse("%s is not a SHA-256 digest; give 64 hexadecimal digits", name)
		return nil
	}
	return d
}

var (
	printable = regexp.MustCompile(`^[!-~]{0,128}$`)
	roleName  = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)
)

func (e *env) headerValue(name string) string {
	v := e.values[name]
	if !printable.MatchString(v) {
		e.refuse("%s is %q; give at most 128 printable characters without spaces", name, v)
	}
	return v
}

func (e *env) role(name, def string) string {
	v := e.values[name]
	if v == "" {
		return def
	}
	if !roleName.MatchString(v) || strings.HasPrefix(v, "pg_") {
		e.refuse("%s is %q; give lower-case letters, digits and _, at most 63, not beginning with pg_", name, v)
	}
	return v
}
