package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// env is an environment and what was found wrong with it so far. Its methods
// read one variable each.
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

func (e *env) drainWait() time.Duration {
	return e.duration("ORCHARD_DRAIN_WAIT", 0, 10*time.Minute)
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
	guid      = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
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

func (e *env) guid(name string) string {
	v := e.values[name]
	if v != "" && !guid.MatchString(v) {
		e.refuse("%s is %q; give a GUID, such as 00000000-0000-0000-0000-000000000000", name, v)
	}
	return v
}

// maxSocket is the longest path of a Unix socket on Linux, in bytes.
const maxSocket = 107

func (e *env) socket(name string) string {
	v := e.values[name]
	if !filepath.IsAbs(v) || len(v) > maxSocket {
		e.refuse("%s is %q; give the absolute path of the service's admin.sock, at most %d bytes", name, v, maxSocket)
	}
	return v
}
