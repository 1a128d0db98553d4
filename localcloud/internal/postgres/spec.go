package postgres

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// socketFile is the name of a server's unix socket in its socket folder.
const socketFile = ".s.PGSQL.5432"

// maxSocketPath is what sockaddr_un holds without its terminating zero.
const maxSocketPath = 107

// Spec is what is asked of a Pair. Folder, Database, MasterRole, Superuser
// and Groups cannot be changed afterwards.
type Spec struct {
	Folder         string            `json:"folder"`         // absolute; its parents must be passable for the account
	Zones          []string          `json:"zones"`          // where servers may live, the primary's first
	Standby        bool              `json:"standby"`        // needs two zones
	Database       string            `json:"database"`       // created with the server, owned by the master role; empty for none
	MasterRole     string            `json:"masterRole"`     // LOGIN CREATEROLE CREATEDB, never a superuser
	Superuser      string            `json:"superuser"`      // the cloud's own role; no client may log in as it
	Groups         []GroupRole       `json:"groups"`         // NOLOGIN roles that the cloud brings
	Settings       map[string]string `json:"settings"`       // as in postgresql.conf; names with a dot are placeholders to PostgreSQL
	MaxConnections int               `json:"maxConnections"` // at least 10

	// Setup is SQL that the superuser runs in database postgres, statement by
	// statement, once: before Create comes to its end. Changing it afterwards
	// has no effect.
	Setup []string `json:"setup,omitempty"`
}

// GroupRole is a role without login that exists from the start.
type GroupRole struct {
	Name    string `json:"name"`
	Granted bool   `json:"granted"` // the master role is a member
	// Grantable lets the master role grant it to others without being a
	// member. From PostgreSQL 16 on that needs an admin option; before,
	// CREATEROLE is enough.
	Grantable bool `json:"grantable"`
}

// managed settings belong to this package; a Spec may not set them.
var managed = []string{
	"archive_command", "archive_library", "archive_mode", "cluster_name", "config_file",
	"data_directory", "data_sync_retry", "dynamic_shared_memory_type", "event_source",
	"external_pid_file", "fsync", "full_page_writes", "hba_file", "hot_standby", "ident_file",
	"listen_addresses", "log_destination", "log_directory", "log_filename", "logging_collector",
	"max_connections", "max_replication_slots", "max_wal_senders", "port", "primary_conninfo",
	"primary_slot_name", "promote_trigger_file", "recovery_target_action", "restart_after_crash",
	"restore_command", "shared_memory_type", "superuser_reserved_connections",
	"synchronous_standby_names", "unix_socket_directories", "unix_socket_group",
	"unix_socket_permissions", "wal_level",
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)*$`)

// check reports everything that is wrong with the spec at once.
func (s Spec) check() error {
	problems := append(s.checkNames(), s.checkPlaces()...)
	if s.MaxConnections < 10 || s.MaxConnections > 262143 {
		problems = append(problems, fmt.Errorf("max_connections is %d: 10 to 262143 are possible", s.MaxConnections))
	}
	for _, name := range sortedKeys(s.Settings) {
		lower := strings.ToLower(name)
		switch {
		case !settingName.MatchString(name):
			problems = append(problems, fmt.Errorf("setting %q: not a name", name))
		case slices.Contains(managed, lower) || strings.HasPrefix(lower, "ssl"):
			problems = append(problems, fmt.Errorf("setting %q is the service's own and cannot be set", name))
		case strings.ContainsAny(s.Settings[name], "\x00\n\r"):
			problems = append(problems, fmt.Errorf("setting %q: the value has a line break or a zero byte", name))
		}
	}
	return errors.Join(problems...)
}

func (s Spec) checkNames() []error {
	var problems []error
	names := map[string]string{"master role": s.MasterRole, "superuser": s.Superuser}
	if s.Database != "" {
		names["database"] = s.Database
	}
	taken := map[string]bool{}
	for i, group := range s.Groups {
		names[fmt.Sprintf("group role %d", i+1)] = group.Name
		taken[group.Name] = true
	}
	if s.MasterRole == s.Superuser || taken[s.MasterRole] || taken[s.Superuser] {
		problems = append(problems, errors.New("master role, superuser and group roles must be different roles"))
	}
	for _, what := range sortedKeys(names) {
		name := names[what]
		if name == "" || len(name) > 63 || strings.Contains(name, "\x00") {
			problems = append(problems, fmt.Errorf("%s: a name of 1 to 63 bytes is needed, not %q", what, name))
		} else if strings.HasPrefix(name, "pg_") {
			problems = append(problems, fmt.Errorf("%s %q: PostgreSQL reserves names with pg_", what, name))
		}
	}
	return problems
}

func (s Spec) checkPlaces() []error {
	var problems []error
	if err := checkFolder(s.Folder); err != nil {
		problems = append(problems, err)
	}
	if len(s.Zones) == 0 || slices.Contains(s.Zones, "") {
		problems = append(problems, errors.New("zones: at least one name is needed, and none may be empty"))
	}
	if s.Standby && len(slices.Compact(slices.Sorted(slices.Values(s.Zones)))) < 2 {
		problems = append(problems, errors.New("zones: a standby needs a second zone"))
	}
	return problems
}

// checkFolder says whether a server's socket can have a path there.
func checkFolder(folder string) error {
	if !filepath.IsAbs(folder) {
		return fmt.Errorf("folder %q is not absolute", folder)
	}
	if length := len(filepath.Join(folder, "a", "run", socketFile)); length > maxSocketPath {
		return fmt.Errorf("folder %s is too long by %d bytes: the path of a unix socket has at most %d; choose a shorter folder",
			folder, length-maxSocketPath, maxSocketPath)
	}
	return nil
}

// zoneFor is where a standby is built: where it was, else in the first zone
// that is neither the primary's nor barred; empty where there is none.
func (s Spec) zoneFor(primary, last string, barred func(zone string) bool) string {
	for _, zone := range append([]string{last}, s.Zones...) {
		if zone != "" && zone != primary && !barred(zone) {
			return zone
		}
	}
	return ""
}

// State is what the caller keeps on disk. Its zero value is no database.
type State struct {
	Created bool     `json:"created"` // Create has come to its end
	Spec    Spec     `json:"spec"`
	Install Install  `json:"install"` // what the data folders were made by
	System  string   `json:"system"`  // PostgreSQL's system identifier, a number
	Primary string   `json:"primary"` // name of the server that is the primary
	Synced  bool     `json:"synced"`  // the standby holds every acknowledged commit
	Servers []Server `json:"servers"`

	Failover Failover `json:"failover,omitzero"`
}

// Server is one of the servers of a Pair.
type Server struct {
	Name    string  `json:"name"` // "a" or "b"
	Zone    string  `json:"zone"`
	Process Process `json:"process"`
	// What it was started with: a digest of the settings, and the one that a
	// standby may not have lower than its primary.
	Config         string `json:"config"`
	MaxConnections int    `json:"maxConnections"`
	// Stale says that the folder is a former primary's, which is built anew
	// and never started.
	Stale bool `json:"stale,omitempty"`
}

// clone copies what a caller could otherwise see changing.
func (s State) clone() State {
	s.Servers = slices.Clone(s.Servers)
	return s
}

func (s State) server(name string) (Server, bool) {
	i := slices.IndexFunc(s.Servers, func(server Server) bool { return server.Name == name })
	if i < 0 {
		return Server{}, false
	}
	return s.Servers[i], true
}

// Standby is the server that is not the primary.
func (s State) Standby() (Server, bool) {
	i := slices.IndexFunc(s.Servers, func(server Server) bool { return server.Name != s.Primary })
	if i < 0 {
		return Server{}, false
	}
	return s.Servers[i], true
}
