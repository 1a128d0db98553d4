// Package metadata answers what an instance asks about itself, and issues
// the credentials that it is given.
//
// Nothing is stored: credentials and metadata tokens carry what they say and
// are verified by keyed digests of it (HMAC-SHA256), derived from one secret
// of the caller. They hold over a restart of the daemon, and end with the
// secret. The access tokens of Azure are package entra's.
//
// The handlers of AWS and Azure each answer for exactly one instance; the
// caller mounts them at an address of that instance's own. Azure's is a proxy
// as well, because its SDKs have the service's address built in and take
// another from HTTP_PROXY alone.
//
// Left out: IMDSv1, IPv6, and every path that is not listed in aws.go and
// azure.go, which is 404 as an unknown path is on the real service; Azure's
// attested data, and that a first question for scheduled events may take it
// minutes. An instance of Azure sees its own events and no other's.
package metadata
