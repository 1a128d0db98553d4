package aws_test

import (
	"testing"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// translates is Declare, for its error alone.
func translates(resources []world.Resource) error {
	_, _, err := aws.Declare(resources)
	return err
}

// newWorld has the resources given.
func newWorld(resources ...world.Resource) *providertest.World {
	return &providertest.World{Check: translates, Have: resources}
}

// serve runs this provider for one world and gives its address.
func serve(t *testing.T, w provider.World) string {
	t.Helper()
	return providertest.Serve(t, aws.Table(), w)
}
