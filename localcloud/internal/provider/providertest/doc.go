// Package providertest is what the tests of the clouds' providers share: a
// world in memory, a server for it, a client in the engine's place and the
// real engine itself. What differs between the clouds is given: the Table, the
// check that their translation is, the name of the engine's plugin.
//
// Three things surprise:
//
//   - A World needs its Check. Without one the first Put panics; a world that
//     takes everything would hide what a provider refuses.
//   - The engine is a Pulumi CLI on this machine: PULUMI_BIN, then PATH, then
//     the repository's own bin folder, seen from the folder of a package beside
//     this one, where its tests run.
//   - The steps with the engine check more than they are asked for. Each is a
//     part of a life cycle that must be the same with every cloud.
//
// It leaves out what a stack declares and what the cloud makes of it, and it
// runs nothing: what a World settles is up to the test. Only tests import it.
package providertest
