// Package provider answers the Pulumi engine in the place of a cloud's
// provider plugin: the gRPC service ResourceProvider, on loopback, attached
// by PULUMI_DEBUG_PROVIDERS.
//
// What it knows of a cloud is a Table: the resource types with their
// properties, what forces a replacement, what the cloud computes and what it
// refuses. The server itself knows no cloud. What is declared goes into a
// World, one for each stack, which makes it durable and makes it real.
//
// Four things surprise:
//
//   - Each provider instance of a program has a connection of its own, and
//     the engine does not repeat the instance's configuration with each call.
//     The configuration is therefore kept with the connection.
//   - Create is idempotent until the engine has named the id it was given. A
//     Create whose answer was lost is repeated by the engine's next run; it
//     finds the record of the first and gets the same id and outputs.
//     Generated names are a function of the URN for the same reason.
//   - A failure after the resource is on record is answered as
//     ErrorResourceInitFailed, so that the engine records it too and a later
//     destroy deletes it.
//   - Cancel arrives whenever the engine closes a provider. It ends nothing.
//
// Strictness: an unknown type, an unknown property or a value that the real
// provider would refuse is refused here, by name. A property that has no
// effect here is in the table all the same and marked Inert. It leaves out
// GetSchema, components (Construct, Call) and List, which a program of custom
// resources does not need.
package provider
