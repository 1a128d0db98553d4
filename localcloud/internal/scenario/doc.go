// Package scenario plays what a service lives through (load, losses, bad
// releases) on a virtual clock, with the decisions of packages scaling and
// health, and modelled instances in place of processes.
//
// A scenario is a file: see Scenario. A run steps through it second by
// second, without goroutines, without chance and without the time of day, so
// the same file gives the same run: of six instances a hundred thousand times
// faster than life, of a thousand a thousand times. Its golden files show what
// decisions lead to, and change when a decision does.
//
// What is real is what decides: desired counts, zones, launches,
// terminations, back-off, thresholds, grace, repairs and their limits. What
// is modelled is small: an instance boots in a fixed time and serves requests
// up to a capacity; its processor is used at load by capacity. Requests come
// evenly within a second and are spread evenly over healthy targets; those
// above a target's capacity are unserved, nothing queues and nobody tries
// again. A target that has just stopped working gets its part until its
// health check has found out: those requests failed. A zone that is down has
// instances that hang, and launches nothing.
//
// What surprises: samples are complete as their period ends, so decisions
// come earlier than on a cloud by the time that its metrics need to be
// published. A processor is never used above 100 per cent, whatever the load,
// so a policy on it cannot see how much is missing; requests per target can.
//
// Left out: response times, connections that live longer than a request, boots
// that differ in length, launch hooks, the database, and noise.
package scenario
