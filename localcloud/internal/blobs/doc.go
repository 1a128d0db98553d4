// Package blobs answers the part of the Azure Blob Storage REST interface that
// instances use: Get Blob and Get Blob Properties, on an account's own host
// name, with an access token.
//
// Order matters as on the real service: token, then permission, then
// existence. Whoever may not read is told 403 for a blob that is not there.
//
// Left out: everything that writes or lists, shared keys and signatures,
// anonymous access, snapshots and versions. A parameter in the query is
// refused by name, except timeout, which a client may always give.
package blobs
