// Package aws is what the provider knows of AWS: the resource types of the
// pulumi-aws SDK 6.83.0 that localcloud can run, the functions it answers,
// and the translation of what a program declares into the neutral words of
// package world.
//
// The facts in the tables (names, limits, defaults, what forces a
// replacement) are those of the Terraform provider that Pulumi's provider
// wraps; where AWS itself and that provider differ, the provider counts,
// because it is what the program meets. Errors have AWS's codes.
//
// Three things surprise:
//
//   - Account 000000000000 owns everything, and every region has three zones.
//   - A few addresses are the machine's own: dnsName of a load balancer and
//     address of a database are loopback addresses.
//   - The id of a bucket object is bucket/key, because two buckets may hold
//     the same key.
//
// Every path of the stack is judged by the rules and routes that are declared:
// clients to the load balancer, the load balancer to instances, instances to
// the database, to the object store and to the internet. A path is judged for
// TCP and by subnet, so that what is wrong in one zone blocks that zone alone.
//
// It leaves out IPv6 and every property that is not in a table: each is refused
// by name. A default network ACL that the program takes over and lets go again
// is as a network comes with it, where the cloud keeps its last rules.
package aws
