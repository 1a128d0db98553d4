// Package awscloud is AWS as an instance meets it: the metadata service, S3,
// Secrets Manager, the trust store of RDS, the end of a launch lifecycle hook,
// and the check of a database login.
//
// The translation of resources is package provider/aws; this package asks it
// anew for every request, so a policy that the program changes counts from the
// next request on. How it is served is package cloudservice.
//
// What surprises: each instance has a metadata service at its own address, so
// that who asks needs no proof. The services of the region are at addresses of
// the world's own, under certificates of the state folder's authority.
//
// Left out: STS, SSM, CloudWatch, and every other service that instances of
// this program do not ask.
package awscloud
