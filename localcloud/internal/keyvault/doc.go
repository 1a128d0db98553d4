// Package keyvault answers Get Secret of Azure Key Vault, on a vault's own host
// name, with an access token.
//
// Order matters as on the real service: token, then permission, then
// existence. The current version of a secret is the only one there is. Every
// other operation is refused by name.
//
// Values of secrets are answered to whoever may read them and appear nowhere
// else: not in logs, not in errors.
package keyvault
