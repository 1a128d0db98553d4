// Package blobs answers the part of the Azure Blob Storage REST interface that
// instances use: Get Blob, Get Blob Properties and Put Blob, on an account's own
// host name, with an access token.
//
// Order matters as on the real service: token, then permission, then
// existence. Whoever may not read is told 403 for a blob that is not there.
//
// Left out: everything that lists, deletes or writes a blob in parts, shared
// keys and signatures, anonymous access, snapshots and versions, conditions of
// a Put Blob. A parameter in the query is
// refused by name, except timeout, which a client may always give.
package blobs
