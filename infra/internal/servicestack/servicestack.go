// Package servicestack reads what a load runner's stack needs to know of the
// stack whose service it asks: the url, which is of the outputs contract
// (package outputs) and nothing else. The write token is no output, because
// outputs are not secret: it is configured for both stacks.
package servicestack

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/loadplan"
)

// Service is the service of another stack.
type Service struct {
	URL pulumi.StringOutput
	// Port is that of the url.
	Port pulumi.IntOutput
}

// Load is what the nodes of a load runner do, and to whom.
type Load struct {
	Service Service
	Plan    loadplan.Plan
	// Token is the service's write token. It is secret.
	Token pulumi.StringInput
}

// Find reads the stack with the given name: one of this project, or
// ORGANIZATION/PROJECT/STACK. A stack that is not there, or is no service's,
// fails the preview.
func Find(ctx *pulumi.Context, name string) (Service, error) {
	stack, err := pulumi.NewStackReference(ctx, "service", &pulumi.StackReferenceArgs{
		Name: pulumi.String(fullName(ctx.Organization(), ctx.Project(), name)),
	})
	if err != nil {
		return Service{}, fmt.Errorf("read stack %s: %w", name, err)
	}
	url := stack.GetOutput(pulumi.String("url")).ApplyT(func(value any) (string, error) {
		text, _ := value.(string)
		_, err := loadplan.Port(text)
		return strings.TrimSuffix(text, "/"), err
	}).(pulumi.StringOutput)
	return Service{URL: url, Port: url.ApplyT(loadplan.Port).(pulumi.IntOutput)}, nil
}

// fullName is what every backend understands.
func fullName(organization, project, name string) string {
	if strings.Contains(name, "/") || organization == "" {
		return name
	}
	return strings.Join([]string{organization, project, name}, "/")
}
