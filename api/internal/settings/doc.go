// Package settings reads the environment of the orchard binary once and
// checks it whole.
//
// Every problem is reported together, and a variable that begins with
// ORCHARD_ and is not known is refused by its name: a misspelt setting must
// not fall back to a default in silence. Serve, Migrate and Events know the
// same names, so that they can share a part of an environment file.
//
// The package opens nothing and dials nothing. PostgreSQL's own variables
// (PGPASSWORD, PGHOST and so on) and those of the cloud SDKs are read by
// their libraries, but for AZURE_CLIENT_ID, which names the managed identity.
package settings
