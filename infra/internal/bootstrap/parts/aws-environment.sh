
# What the units are told. Only the migration learns where the master role's secret is kept.
umask 077
database='{{.Database.Host}}:{{.Database.Port}}/{{.Database.Name}}?sslmode=verify-full&sslrootcert='"$etc/database-ca.pem"
cat >"$etc/orchard.env" <<ENV
ORCHARD_LISTEN=:{{.Port}}
ORCHARD_INSTANCE=$instance
ORCHARD_ZONE=$zone
ORCHARD_DATABASE_URL=postgres://{{.Database.Role}}@$database
ORCHARD_DATABASE_AUTH=aws-iam
ORCHARD_DATABASE_POOL={{.PoolSize}}
ORCHARD_DRAIN_WAIT={{.Drain}}
AWS_REGION={{.Region}}
ENV
cat >"$etc/migrate.env" <<ENV
ORCHARD_DATABASE_URL=postgres://{{.Database.MasterRole}}@$database
ORCHARD_DATABASE_AUTH=aws-secret
ORCHARD_DATABASE_SECRET={{.MasterSecret}}
ORCHARD_APP_ROLE={{.Database.Role}}
AWS_REGION={{.Region}}
ENV
umask 022
