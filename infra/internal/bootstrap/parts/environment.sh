
# What the units are told. Only the migration learns how to be the master role.
umask 077
database="{{.Database.Host}}:{{.Database.Port}}/{{.Database.Name}}?sslmode=verify-full$trust"
cat >"$etc/orchard.env" <<ENV
ORCHARD_LISTEN=:{{.Port}}
ORCHARD_INSTANCE=$instance
ORCHARD_ZONE=$zone
ORCHARD_DATABASE_URL=postgres://{{.Database.Role}}@$database
ORCHARD_DATABASE_POOL={{.PoolSize}}
ORCHARD_DRAIN_WAIT={{.Drain}}
ORCHARD_WRITE_TOKEN_SHA256={{.WriteToken}}
{{if .TLS}}ORCHARD_TLS={{.TLS}}
{{end}}{{range .ServiceEnvironment}}{{.}}
{{end}}ENV
cat >"$etc/migrate.env" <<ENV
ORCHARD_DATABASE_URL=postgres://{{.Database.MasterRole}}@$database
ORCHARD_APP_ROLE={{.Database.Role}}
{{range .MigrationEnvironment}}{{.}}
{{end}}ENV
umask 022
