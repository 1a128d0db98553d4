// Package metadata answers what an instance asks about itself, and issues
// the credentials that it is given.
//
// Nothing is stored: credentials and metadata tokens carry what they say and
// are verified by keyed digests of it (HMAC-SHA256), derived from one secret
// of the caller. They hold over a restart of the daemon, and end with the
// secret.
//
// The handler of AWS answers for exactly one instance; the caller mounts it
// at an address of that instance's own. Left out: IMDSv1, IPv6, and every
// path that is not listed in aws.go, which is 404 as an unknown path is on
// the real service.
package metadata
