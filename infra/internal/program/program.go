// Package program is the one Pulumi program of the project. The Pulumi CLI
// runs it through infra/main.go, and cmd/deploy through the Automation API;
// both call Run, so both declare the same.
package program

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"orchard/infra/internal/awsstack"
	"orchard/infra/internal/azurestack"
	"orchard/infra/internal/loadplan"
	"orchard/infra/internal/release"
	"orchard/infra/internal/servicestack"
	"orchard/infra/internal/settings"
)

// Run declares the stack and exports its outputs. The names are those of all
// configuration keys that the stack has, for Pulumi's context answers about a
// key but lists none.
func Run(ctx *pulumi.Context, names []string) error {
	outputs, err := Declare(ctx, names)
	if err != nil {
		return err
	}
	for name, value := range outputs {
		ctx.Export(name, value)
	}
	return nil
}

// Declare records every resource of the stack and gives its outputs, which Run
// exports.
func Declare(ctx *pulumi.Context, names []string) (pulumi.Map, error) {
	set, err := settings.Parse(ctx.Stack(), ctx.GetConfig, names)
	if err != nil {
		return nil, err
	}
	rel, err := release.Read(programs[set.Role], set.Release, set.Architecture)
	if err != nil {
		return nil, err
	}
	if set.Role == settings.LoadRunner {
		return declareRunner(ctx, set, rel)
	}
	switch set.Cloud {
	case settings.AWS:
		return awsstack.Declare(ctx, set, rel)
	case settings.Azure:
		return azurestack.Declare(ctx, set, rel)
	default:
		return nil, fmt.Errorf("orchard:cloud %q is unknown", set.Cloud)
	}
}

// programs are the names of the binaries on the machines that run them.
var programs = map[settings.Role]string{settings.Service: "orchard", settings.LoadRunner: "loadrunner"}

func declareRunner(ctx *pulumi.Context, set settings.Settings, rel release.Release) (pulumi.Map, error) {
	plan, err := loadplan.Of(set.Runner)
	if err != nil {
		return nil, err
	}
	service, err := servicestack.Find(ctx, set.Runner.ServiceStack)
	if err != nil {
		return nil, err
	}
	load := servicestack.Load{Service: service, Plan: plan, Token: config.RequireSecret(ctx, "orchard:writeToken")}
	switch set.Cloud {
	case settings.AWS:
		return awsstack.DeclareRunner(ctx, set, rel, load)
	case settings.Azure:
		return azurestack.DeclareRunner(ctx, set, rel, load)
	default:
		return nil, fmt.Errorf("orchard:cloud %q is unknown", set.Cloud)
	}
}
