// Package azure is what the provider knows of Azure: the resource types of
// the pulumi-azure-native SDK 2.90.0 that localcloud can run, each in one API
// version, the functions it answers, and the translation of what a program
// declares into the neutral words of package world.
//
// The facts in the tables (names, limits, defaults, what forces a
// replacement) are those of azure-native and of the Resource Manager that it
// calls. azure-native itself judges little before it calls; what the Resource
// Manager would refuse is refused here already at the check, where the inputs
// alone show it, and else at the create. Errors have Azure's codes.
//
// Five things surprise:
//
//   - The ids are the Resource Manager's, and their case means nothing. A
//     program may build the id of something inside a resource by itself
//     ({balancer}/probes/livez) before the resource is there.
//   - Probes, rules, pools, subnets and security rules are parts of their
//     resource. They are known by the ids that they have in its outputs.
//   - Subscription and tenant are those of the provider's configuration, or
//     made-up ones, so that no account is needed. Every location has three
//     zones, germanywestcentral-1 to -3.
//   - A few addresses are the machine's own: ipAddress of a public address
//     and fullyQualifiedDomainName of a database server are loopback.
//   - A database server runs while it has an administrator and a database,
//     one of each: before, no one could log in. The data goes with the server,
//     and with either of these two.
//
// Every path of the stack is judged by the rules that are declared, of the
// subnet and of the interface: clients and probes to instances, instances to
// the database, to blobs and to the internet. A subnet spans the zones, so what
// is wrong is wrong in all of them. What a database server needs for itself
// (its standby, its archive, the directory) is not judged.
//
// Stricter than Azure: the create of a scale set waits until its instances
// are healthy, where Azure waits until they have booted.
//
// It leaves out IPv6, route tables, peerings, private endpoints, internal
// load balancers, inbound NAT, Uniform orchestration and every property that
// is not in a table: each is refused by name.
package azure
