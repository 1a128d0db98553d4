package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// layout is where a server's files are.
type layout struct{ root string }

func layoutOf(folder, name string) layout { return layout{filepath.Join(folder, name)} }

func (l layout) data() string { return filepath.Join(l.root, "data") }

// incoming is where a data folder grows: what has the name data is complete.
func (l layout) incoming() string { return filepath.Join(l.root, "incoming") }

func (l layout) run() string     { return filepath.Join(l.root, "run") }
func (l layout) log() string     { return filepath.Join(l.root, "log") }
func (l layout) config() string  { return filepath.Join(l.data(), "postgresql.conf") }
func (l layout) trigger() string { return filepath.Join(l.data(), "standby.signal") }

// complete says that there is a data folder to start a server from.
func (l layout) complete() bool {
	_, err := os.Stat(filepath.Join(l.data(), "PG_VERSION"))
	return err == nil
}

// defaults may be overridden by the settings of a Spec. The short replication
// times let a standby that comes back stream again at once, and bound how
// long a frozen one holds up commits.
var defaults = map[string]string{
	"datestyle":                    "iso, mdy",
	"default_text_search_config":   "pg_catalog.english",
	"lc_messages":                  "C",
	"log_line_prefix":              "%m [%p] ",
	"log_timezone":                 "UTC",
	"max_slot_wal_keep_size":       "1GB",
	"max_wal_size":                 "1GB",
	"password_encryption":          "scram-sha-256",
	"timezone":                     "UTC",
	"wal_receiver_status_interval": "1s",
	"wal_receiver_timeout":         "5s",
	"wal_retrieve_retry_interval":  "100ms",
	"wal_sender_timeout":           "5s",
}

// common are the settings that both servers start with. The standby's must
// not be lower than the primary's, so they are the same.
func common(spec Spec) map[string]string {
	settings := maps.Clone(defaults)
	for name, value := range spec.Settings {
		settings[strings.ToLower(name)] = value
	}
	maps.Copy(settings, map[string]string{
		"archive_mode":                   "off",
		"dynamic_shared_memory_type":     "mmap", // goes with the data folder, where posix leaves /dev/shm full after a kill
		"fsync":                          "on",
		"full_page_writes":               "on",
		"hot_standby":                    "on",
		"listen_addresses":               "",
		"log_destination":                "stderr",
		"logging_collector":              "off",
		"max_connections":                strconv.Itoa(spec.MaxConnections),
		"max_replication_slots":          "8",
		"max_wal_senders":                "8",
		"port":                           "5432",
		"ssl":                            "off",
		"superuser_reserved_connections": "5",
		"unix_socket_permissions":        "0700",
		"wal_level":                      "replica",
	})
	return settings
}

// maxConnections is what a server starts with. A standby does not follow a
// primary that runs with more, so it keeps up with one that has not been
// restarted since the setting was lowered.
func maxConnections(state State, server Server) int {
	if server.Name == state.Primary {
		return state.Spec.MaxConnections
	}
	primary, _ := state.server(state.Primary)
	return max(state.Spec.MaxConnections, primary.MaxConnections)
}

// digest tells whether two servers run with the same settings.
func digest(spec Spec) string {
	sum := sha256.Sum256([]byte(render(common(spec))))
	return hex.EncodeToString(sum[:8])
}

// configOf is the whole postgresql.conf of a server. Only a primary with a
// standby in sync names it: a standby that inherited the name would wait for
// itself once promoted.
func configOf(state State, server Server) string {
	settings := common(state.Spec)
	settings["unix_socket_directories"] = layoutOf(state.Spec.Folder, server.Name).run()
	settings["cluster_name"] = server.Zone
	settings["synchronous_standby_names"] = ""
	standby, paired := state.Standby()
	if server.Name == state.Primary {
		if paired && state.Synced {
			settings["synchronous_standby_names"] = standby.Name
		}
		return render(settings)
	}
	settings["max_connections"] = strconv.Itoa(maxConnections(state, server))
	settings["primary_slot_name"] = server.Name
	settings["primary_conninfo"] = connectionString(
		layoutOf(state.Spec.Folder, state.Primary).run(), state.Spec.Superuser, "", server.Name)
	return render(settings)
}

func render(settings map[string]string) string {
	var text strings.Builder
	text.WriteString("# Written anew at every change.\n")
	for _, name := range sortedKeys(settings) {
		fmt.Fprintf(&text, "%s = '%s'\n", name, escape.Replace(settings[name]))
	}
	return text.String()
}

// escape is for single-quoted values, in postgresql.conf (where doubling
// quotes would do as well) and in connection strings alike.
var escape = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// connectionString is libpq's keyword form; an empty database is left out.
func connectionString(folder, user, database, application string) string {
	text := fmt.Sprintf("host='%s' port=5432 user='%s' application_name='%s' sslmode=disable",
		escape.Replace(folder), escape.Replace(user), escape.Replace(application))
	if database != "" {
		text += fmt.Sprintf(" dbname='%s'", escape.Replace(database))
	}
	return text
}

// hba lets in whoever can open the socket, which the folder's mode decides.
const hba = "local all all trust\nlocal replication all trust\n"

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
