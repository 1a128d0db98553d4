// Package objects answers the part of Amazon S3's REST interface that
// instances use: GetObject, HeadObject and PutObject, path-style, signed.
//
// Order matters as on the real service: signature, then permission, then
// existence. Whoever may not list a bucket is told 403 for an object that is
// not there, not 404.
//
// Left out: everything that lists or deletes, multipart uploads, bodies sent in
// signed chunks, virtual-host addressing, versions, conditions of a PutObject,
// presigned addresses. A parameter in the query is refused by
// name, except the SDKs' own x-id.
package objects
