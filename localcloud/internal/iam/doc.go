// Package iam decides whether a policy of AWS allows a request: identity
// policies of a role, together with the policy of the resource where there
// is one.
//
// A denial in any statement wins; otherwise one statement that allows is
// enough; otherwise the request is denied. Wildcards are * and ?.
//
// What is not understood is refused when the document is read, by name:
// condition operators other than those in condition.go, policy variables
// (${...}), NotPrincipal. Left out: permission boundaries, service control
// and session policies, and requests across accounts.
package iam
