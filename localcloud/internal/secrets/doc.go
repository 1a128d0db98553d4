// Package secrets answers GetSecretValue of AWS Secrets Manager (JSON 1.1
// over HTTP, signed). The current version of a secret is the only one there
// is; rotation replaces it. Every other operation is refused by name.
//
// Values of secrets are answered to whoever may read them and appear nowhere
// else: not in logs, not in errors.
package secrets
