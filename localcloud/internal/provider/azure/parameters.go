package azure

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"orchard/localcloud/internal/world"
)

// badParameter judges the parameters that localcloud reads itself. The
// others are PostgreSQL's to judge.
func badParameter(name, value string) string {
	switch name {
	case "require_secure_transport":
		if v := strings.ToLower(value); v != "on" && v != "off" {
			return fmt.Sprintf("%q, must be on or off", value)
		}
	case "max_connections":
		if n, err := strconv.Atoi(value); err != nil || n < 25 || n > 5000 {
			return fmt.Sprintf("%q, must be from 25 to 5000", value)
		}
	case "ssl_min_protocol_version", "ssl_max_protocol_version":
		if !slices.Contains([]string{"", "TLSV1.2", "TLSV1.3"}, strings.ToUpper(value)) {
			return fmt.Sprintf("%q, must be TLSv1.2 or TLSv1.3", value)
		}
	}
	return ""
}

// ownParameters are those of the service itself and of extensions, which
// PostgreSQL alone does not have. Their families end with a dot.
var ownParameters = []string{
	"azure.", "connection_throttle.", "cron.", "index_tuning.", "intelligent_tuning", "logfiles.", "metrics.", "pg_qs.", "pg_stat_statements.",
	"pgaudit.", "pgbouncer.", "pglogical.", "pgms_wait_sampling.", "require_secure_transport", "shared_preload_libraries", "ssl_", "max_connections",
}

func isOwn(parameter string) bool {
	return slices.ContainsFunc(ownParameters, func(own string) bool { return strings.HasPrefix(parameter, own) })
}

// parametersOf are the parameters that the program has set on a server.
func parametersOf(resources []world.Resource, server world.Resource) map[string]string {
	out := map[string]string{}
	for _, r := range each(resources, typeConfiguration) {
		if o := outs(r); Within(r.ID, server.ID) && o.Has("value") && o.Text("source") == "user-override" {
			out[o.Text("configurationName")] = o.Text("value")
		}
	}
	return out
}

// forPostgres are those of them that PostgreSQL is started with.
func forPostgres(parameters map[string]string) map[string]string {
	out := maps.Clone(parameters)
	maps.DeleteFunc(out, func(name, _ string) bool { return isOwn(name) })
	return out
}
