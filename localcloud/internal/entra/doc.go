// Package entra issues and verifies the access tokens of managed identities:
// what Microsoft Entra ID is to the services that instances of Azure ask.
//
// A token is a JWT with the claims that Entra gives a managed identity
// (version 1). Nothing is stored: it is signed (HS256) with a key that is
// derived from one secret of the caller, so it holds over a restart of the
// daemon and ends with the secret. Real ones are signed with RS256 by keys
// that are published; here issuer and verifiers are one process.
//
// What surprises: whoever asks for the same identity and resource within an
// hour gets the same token, as from the real service's cache; and a verifier
// asks for its audience with or without a slash at the end, because programs
// ask for both.
//
// Left out: users, groups, other grants, OpenID Connect.
package entra
