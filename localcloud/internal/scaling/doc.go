// Package scaling decides what a scaling group does next: which instances to
// launch, in which zones, which to terminate, and how many there should be
// by its target tracking policies.
//
// Plan brings the instances that exist towards the desired count; Track
// moves the desired count. Both are pure functions of what they are given
// and now; the caller carries the decisions out and asks again when
// something has changed or the time in the answer has come. Durations are
// used as given: who runs clocks faster divides them first.
//
// What surprises: an instance that is being terminated counts for nothing,
// so its replacement is launched in the same plan (terminate and launch, the
// default of both clouds for failed health checks). Rebalancing between
// zones goes the other way round, launch before terminate.
//
// Left out: what no shipped stack declares (step and simple scaling, warm
// pools, mixed instance types), and Azure's autoscale rules, which are
// another decision beside Track.
package scaling
