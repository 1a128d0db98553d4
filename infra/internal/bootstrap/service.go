package bootstrap

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Service is what every cloud's script says about the release and the unit.
type Service struct {
	// Digest is the release's SHA-256 in lower-case hex.
	Digest string
	// PoolSize is the number of database connections of one instance.
	PoolSize int
	// Drain is how long the service says that it is leaving before it stops
	// listening. It must be longer than the load balancer takes to notice.
	Drain time.Duration
	// TLS is how the service presents itself: one of the ways of its
	// ORCHARD_TLS, or empty for plain HTTP.
	TLS string
	// Database is where the service finds its data.
	Database Database
	// WriteToken is the SHA-256 of the token that a write needs, in lower-case
	// hex. The token itself is in no user-data.
	WriteToken string
}

// Database is an endpoint and the role that serves requests.
type Database struct {
	Host string
	Port int
	Name string
	// Role has data rights only.
	Role string
	// MasterRole creates Role, and owns the schema.
	MasterRole string
}

// StopTimeout is how long the service manager waits before it kills: the
// drain, and the time that the last requests may take, which is 46 s for those
// that wait for a database.
func (s Service) StopTimeout() time.Duration { return s.Drain + 60*time.Second }

// Port is for the templates, as are Purpose and Program.
func (Service) Port() int { return Port }

// Purpose begins the script.
func (Service) Purpose() string { return "Makes this machine serve one release of Orchard." }

// The ways of Service.TLS: a key made at each start, and a certificate in
// files.
const (
	SelfSigned = "self-signed"
	Files      = "files"
)

// Scheme is what the instance's own end of the service speaks.
func (s Service) Scheme() string {
	if s.TLS != "" {
		return "https"
	}
	return "http"
}

// Program is the binary's name on the machine.
func (Service) Program() string { return "orchard" }

// word is what may stand in the script without quotes, in an environment
// file and in a URL.
var word = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/!+=@-]*$`)

var digest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// field is one value by the name that a message gives it.
type field struct{ name, value string }

func (s Service) fields() []field {
	return []field{
		{"database host", s.Database.Host},
		{"database name", s.Database.Name},
		{"database role", s.Database.Role},
		{"database master role", s.Database.MasterRole},
	}
}

// check refuses what would not survive the shell, naming each field.
func (s Service) check(more ...field) error {
	problems := checkFields(s.Digest, s.WriteToken, append(s.fields(), more...))
	if s.PoolSize < 2 || s.Drain < 0 || s.Database.Port < 1 {
		problems = append(problems, fmt.Sprintf("pool size %d, drain %s or database port %d is too small", s.PoolSize, s.Drain, s.Database.Port))
	}
	return refuse(problems)
}

// checkFields finds digests that are none, and values that are no words.
func checkFields(release, token string, fields []field) (problems []string) {
	if !digest.MatchString(release) {
		problems = append(problems, fmt.Sprintf("release digest %q is not a SHA-256", release))
	}
	if !digest.MatchString(token) {
		problems = append(problems, fmt.Sprintf("write token's digest %q is not a SHA-256", token))
	}
	for _, f := range fields {
		if !word.MatchString(f.value) {
			problems = append(problems, fmt.Sprintf("%s %q is not a plain word", f.name, f.value))
		}
	}
	return problems
}

func refuse(problems []string) error {
	if len(problems) > 0 {
		return fmt.Errorf("check user-data: %s", strings.Join(problems, "; "))
	}
	return nil
}
