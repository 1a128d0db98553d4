// Command infra is the Pulumi program as the Pulumi CLI runs it.
package main

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/program"
)

func main() {
	var names []string
	pulumi.Run(func(ctx *pulumi.Context) error {
		return program.Run(ctx, names)
	}, func(info *pulumi.RunInfo) {
		names = slices.Collect(maps.Keys(info.Config))
	})
}
