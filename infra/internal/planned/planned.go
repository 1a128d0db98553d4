// Package planned runs the program as it would go up on a cloud that answers
// everything, and gives what it declares: for checks over a whole stack that
// need neither an account nor the engine, such as the scorecard and the cost.
//
// The configuration is the project's own: the defaults of Pulumi.yaml and the
// stack's file. What surprises: ids and addresses are made up from resources'
// names, so that one resource's input can be followed to another resource; and
// the release is the smallest file that counts as a program, because what is
// planned does not depend on what is in it.
package planned

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/program"
)

// WriteToken stands for the token that a stack's secrets hold.
const WriteToken = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// Stack is what a stack's program declares.
type Stack struct {
	Name string
	// Resources are sorted by type and name.
	Resources []fakecloud.Resource
	// Outputs are resolved, with made-up ids.
	Outputs map[string]any
	// Release is the file that the plan names as its release.
	Release []byte
	// SecretOutputs are the keys of outputs that the engine would not show.
	SecretOutputs []string
}

// Of gives the resources of one type by name.
func (s Stack) Of(token string) map[string]fakecloud.Resource {
	found := map[string]fakecloud.Resource{}
	for _, each := range s.Resources {
		if each.Type == token {
			found[each.Name] = each
		}
	}
	return found
}

// Names are the stacks that have a file in the project's folder, sorted.
func Names(project string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(project, "Pulumi.*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list stacks: %w", err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml"))
	}
	return slices.Sorted(slices.Values(names)), nil
}

// Read runs the program with the configuration of a stack of the project's
// folder, changed by what set holds by key without the project's name.
func Read(project, stack string, set map[string]string) (Stack, error) {
	values, err := configuration(project, stack)
	if err != nil {
		return Stack{}, err
	}
	folder, err := os.MkdirTemp("", "orchard-plan-")
	if err != nil {
		return Stack{}, fmt.Errorf("make a folder for the release: %w", err)
	}
	defer os.RemoveAll(folder)
	release := filepath.Join(folder, "release")
	values["orchard:release"] = release
	for key, value := range set {
		values["orchard:"+key] = value
	}
	file := fakecloud.Release(values["orchard:architecture"])
	if err := os.WriteFile(release, file, 0o600); err != nil {
		return Stack{}, fmt.Errorf("write release: %w", err)
	}
	planned, err := run(stack, values)
	planned.Release = file
	return planned, err
}

func run(stack string, values map[string]string) (Stack, error) {
	var recorder fakecloud.Recorder
	planned := Stack{Name: stack}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		outputs, err := program.Declare(ctx, slices.Collect(maps.Keys(values)))
		if err != nil {
			return err
		}
		outputs.ToMapOutput().ApplyT(func(resolved map[string]any) any {
			planned.Outputs = resolved
			return nil
		})
		planned.SecretOutputs = secrets(outputs)
		return nil
	}, pulumi.WithMocks("orchard", stack, &recorder), func(info *pulumi.RunInfo) { info.Config = values })
	if err != nil {
		return Stack{}, fmt.Errorf("plan stack %s: %w", stack, err)
	}
	planned.Resources = recorder.Resources()
	return planned, nil
}

// secrets are the keys of values that are marked as secret, or hold one that
// is. It waits for them.
func secrets(outputs pulumi.Map) []string {
	var keys []string
	for key, value := range outputs {
		if pulumi.IsSecret(pulumi.ToOutput(value)) {
			keys = append(keys, key)
		}
	}
	return slices.Sorted(slices.Values(keys))
}

// configuration reads the defaults and the stack's file. A secret of a file
// is encrypted and stays unread; the one key that has one is made up.
func configuration(project, stack string) (map[string]string, error) {
	declared, err := workspace.LoadProject(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read project: %w", err)
	}
	values := map[string]string{}
	for key, each := range declared.Config {
		if !strings.Contains(key, ":") {
			values["orchard:"+key] = fmt.Sprint(each.Default)
		}
	}
	own, err := workspace.LoadProjectStack(nil, declared, filepath.Join(project, "Pulumi."+stack+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("read stack %s: %w", stack, err)
	}
	for key, value := range own.Config {
		text, err := value.Value(config.NopDecrypter)
		if err != nil {
			return nil, fmt.Errorf("read %s of stack %s: %w", key, stack, err)
		}
		values[key.String()] = text
	}
	values["orchard:writeToken"] = WriteToken
	return values, nil
}
