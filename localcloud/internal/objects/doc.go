// Package objects answers the part of Amazon S3's REST interface that
// instances use: GetObject and HeadObject, path-style, signed.
//
// Order matters as on the real service: signature, then permission, then
// existence. Whoever may not list a bucket is told 403 for an object that is
// not there, not 404.
//
// Left out: everything that writes or lists, virtual-host addressing,
// versions, presigned addresses. A parameter in the query is refused by
// name, except the SDKs' own x-id.
package objects
