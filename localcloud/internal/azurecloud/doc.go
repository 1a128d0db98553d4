// Package azurecloud is Azure as an instance meets it: the metadata service
// with its identity tokens and scheduled events, Blob Storage, the secrets of
// vaults, and the check of a database login.
//
// The translation of resources is package provider/azure; this package asks it
// anew for every request, so a role assignment that the program changes counts
// from the next request on. How it is served is package cloudservice.
//
// What surprises: each instance has a metadata service at its own address, and
// it is the instance's HTTP proxy as well, because the Go SDK has
// 169.254.169.254 built in. Databases have a table of their own for what the
// real ones keep in security labels: which role is which principal.
//
// A vault is not the stack's. What it holds is a certificate for the domain that
// a secret's name spells with hyphens, of the authority of this machine; it is
// another one when the daemon has been started again.
//
// Left out: Microsoft Graph, so a database role is made for a principal by its
// object id alone; groups of principals; conditions of role assignments; and
// every other service that instances of this program do not ask.
package azurecloud
