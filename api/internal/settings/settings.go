package settings

import (
	"errors"
	"net/url"
	"time"
)

// Ways to authenticate to the database (ORCHARD_DATABASE_AUTH).
const (
	AuthPassword  = "password"    // in the URL or PGPASSWORD
	AuthAWSIAM    = "aws-iam"     // an RDS IAM token for each new connection
	AuthAWSSecret = "aws-secret"  // user name and password from Secrets Manager
	AuthEntra     = "azure-entra" // a Microsoft Entra token of a managed identity for each new connection
)

// Ways to serve TLS (ORCHARD_TLS).
const (
	TLSOff        = "off"
	TLSSelfSigned = "self-signed" // a key made at each start; balancers accept it from targets
	TLSFiles      = "files"       // ORCHARD_TLS_CERT and ORCHARD_TLS_KEY
)

// Database says how to reach PostgreSQL.
type Database struct {
	URL      string
	Auth     string // one of the Auth constants
	Secret   string // ARN of the secret, for AuthAWSSecret
	ClientID string // GUID of the managed identity, for AuthEntra (AZURE_CLIENT_ID)
	Pool     int    // connections, 2..1000
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
	Database     Database
	AppRole      string
	AppPrincipal string // GUID of what signs in as AppRole, for AuthEntra; else ""
}

// Events is what `orchard events` needs.
type Events struct {
	Instance    string // the virtual machine's name
	AdminSocket string // absolute path of the service's admin socket
	DrainWait   time.Duration
	Poll        time.Duration // 1s..5s
}

var known = []string{
	"ORCHARD_LISTEN", "ORCHARD_INSTANCE", "ORCHARD_ZONE",
	"ORCHARD_DATABASE_URL", "ORCHARD_DATABASE_AUTH", "ORCHARD_DATABASE_SECRET", "ORCHARD_DATABASE_POOL",
	"ORCHARD_APP_ROLE", "ORCHARD_APP_PRINCIPAL", "ORCHARD_DRAIN_WAIT", "ORCHARD_WRITE_TOKEN_SHA256",
	"ORCHARD_ADMIN_SOCKET", "ORCHARD_EVENTS_POLL",
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
		DrainWait:        e.drainWait(),
		WriteTokenSHA256: e.digest("ORCHARD_WRITE_TOKEN_SHA256"),
		TLS:              e.tls(),
		RuntimeDirectory: e.values["RUNTIME_DIRECTORY"],
	}
	return s, errors.Join(e.problems...)
}

// ParseMigrate reads the settings of `orchard migrate`.
func ParseMigrate(environ []string) (Migrate, error) {
	e := read(environ)
	m := Migrate{
		Database:     e.database(),
		AppRole:      e.role("ORCHARD_APP_ROLE", "orchard_app"),
		AppPrincipal: e.guid("ORCHARD_APP_PRINCIPAL"),
	}
	if (m.Database.Auth == AuthEntra) != (e.values["ORCHARD_APP_PRINCIPAL"] != "") {
		e.refuse("ORCHARD_APP_PRINCIPAL goes with ORCHARD_DATABASE_AUTH=%s; set both or neither", AuthEntra)
	}
	return m, errors.Join(e.problems...)
}

// ParseEvents reads the settings of `orchard events`.
func ParseEvents(environ []string) (Events, error) {
	e := read(environ)
	v := Events{
		Instance:    e.headerValue("ORCHARD_INSTANCE"),
		AdminSocket: e.socket("ORCHARD_ADMIN_SOCKET"),
		DrainWait:   e.drainWait(),
		Poll:        e.duration("ORCHARD_EVENTS_POLL", time.Second, 5*time.Second),
	}
	if v.Instance == "" {
		e.refuse("ORCHARD_INSTANCE is not set; give the virtual machine's name, by which events name it")
	}
	return v, errors.Join(e.problems...)
}

func (e *env) database() Database {
	d := Database{
		URL:    e.values["ORCHARD_DATABASE_URL"],
		Auth:   e.oneOf("ORCHARD_DATABASE_AUTH", AuthPassword, AuthAWSIAM, AuthAWSSecret, AuthEntra),
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
	if d.Auth == AuthEntra { // the variable is the SDKs'; it says nothing to the other ways
		if d.ClientID = e.guid("AZURE_CLIENT_ID"); e.values["AZURE_CLIENT_ID"] == "" {
			e.refuse("AZURE_CLIENT_ID is not set; give the client id of the managed identity that ORCHARD_DATABASE_AUTH=%s signs in with", AuthEntra)
		}
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
