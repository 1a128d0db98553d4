// Package cloudservice serves what the instances of a cloud ask it for,
// whichever cloud it is: a TLS service of the region at an address of the
// world's own, and for each instance a metadata service at the instance's.
//
// Whether a connection to a service comes through at all is decided before a
// byte of it is read, by the routes and rules that the program declares: one
// that has no way hangs, as it does there. The metadata service answers the
// processes of its instance and nobody else's, because whoever asks it needs
// no other proof of who they are.
//
// What is answered is the handlers', and so each cloud's.
package cloudservice
