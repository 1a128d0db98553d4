// Package lifecycle answers CompleteLifecycleAction of EC2 Auto Scaling (Query
// protocol over HTTP, signed): by it the boot script of a new instance says how
// it ended. Every other operation is refused by name.
//
// Order matters as on the real service: signature, then parameters, then
// permission, then existence. An action that does not wait, for whichever
// reason (another hook, another group, an instance that is gone, one that has
// said it already), gets the same ValidationError.
//
// Left out: heartbeats, and tokens, which only notifications tell and
// localcloud sends none.
package lifecycle
