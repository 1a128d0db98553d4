module orchard/tools/models

go 1.26.0

// The models of AWS's services are read as files of this module; no package
// of it is imported, so that go mod tidy would drop the line.
require github.com/aws/aws-sdk-go v1.55.8
