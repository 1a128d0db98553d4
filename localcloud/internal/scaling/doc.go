// Package scaling decides what a scaling group does next: which instances to
// launch, in which zones, which to terminate, and how many there should be
// by its policies or rules.
//
// Plan brings the instances that exist towards the desired count. Two ways
// move the desired count, and a group has one of them: Track follows target
// tracking policies, which say what a metric should be, and Follow follows
// threshold rules, which say by how many to change. All are pure functions
// of what they are given and now; the caller carries the decisions out and
// asks again when something has changed or the time in the answer has come.
// Durations are used as given: who runs clocks faster divides them first.
//
// What surprises: an instance that is being terminated counts for nothing,
// so its replacement is launched in the same plan (terminate and launch, the
// default of both clouds for failed health checks). Rebalancing between
// zones goes the other way round, launch before terminate. A policy counts
// the instances that its metric was taken from, a rule the desired count.
//
// Left out is what no shipped stack declares, and the providers refuse: step
// and simple scaling with their adjustments, so the worked examples that are
// documented for step scaling (10, 11, 14, 13, 10 instances, its rounding
// and its smallest adjustment) have no test here; warm pools, mixed instance
// types, schedules and forecasts; rules that change by per cent or to an
// exact count, and metrics of something else than the group's own instances,
// such as the length of a queue divided by their number.
package scaling
