package fakecloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Recorder takes the place of the engine and notes every resource.
type Recorder struct {
	mu        sync.Mutex
	resources []Resource
	calls     []string
}

// Resource is one registration.
type Resource struct {
	Type, Name string
	// ID is made up from the name.
	ID     string
	Inputs resource.PropertyMap
	// Needs are the resources that exist before, as "type name".
	Needs []string
	// Ignores are the inputs whose later changes do not count.
	Ignores []string
	// Protected says that the engine refuses to delete it.
	Protected bool
	// Provider is empty for a provider itself.
	Provider string
}

// NewResource is of pulumi.MockResourceMonitor.
func (r *Recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.TypeToken == "pulumi:pulumi:Stack" {
		return args.Name, args.Inputs, nil
	}
	noted := Resource{Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs, Provider: args.Provider}
	if rpc := args.RegisterRPC; rpc != nil {
		noted.Ignores = rpc.GetIgnoreChanges()
		noted.Protected = rpc.GetProtect()
		for _, need := range rpc.GetDependencies() {
			u := urn.URN(need)
			noted.Needs = append(noted.Needs, fmt.Sprintf("%s %s", u.Type(), u.Name()))
		}
		slices.Sort(noted.Needs)
	}
	id, outputs := Create(args.TypeToken, args.Name, args.Inputs)
	noted.ID = id
	r.mu.Lock()
	r.resources = append(r.resources, noted)
	r.mu.Unlock()
	return id, outputs, nil
}

// Call is of pulumi.MockResourceMonitor: a look-up.
func (r *Recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	r.mu.Lock()
	r.calls = append(r.calls, args.Token)
	r.mu.Unlock()
	return Invoke(args.Token, args.Args)
}

// Calls are the look-ups that the program made.
func (r *Recorder) Calls() []string { return slices.Sorted(slices.Values(r.calls)) }

// Resources are sorted by type and name.
func (r *Recorder) Resources() []Resource {
	return slices.SortedFunc(slices.Values(r.resources), func(a, b Resource) int {
		return strings.Compare(a.Type+" "+a.Name, b.Type+" "+b.Name)
	})
}

// Of gives the resources of one type by name.
func (r *Recorder) Of(token string) map[string]Resource {
	found := map[string]Resource{}
	for _, each := range r.resources {
		if each.Type == token {
			found[each.Name] = each
		}
	}
	return found
}

// String shows every resource with its inputs, the same for the same program.
func (r *Recorder) String() string {
	var text strings.Builder
	for _, each := range r.Resources() {
		fmt.Fprintf(&text, "%s %s\n", each.Type, each.Name)
		for _, key := range each.Inputs.StableKeys() {
			fmt.Fprintf(&text, "  %s: %s\n", key, show(string(key), each.Inputs[key]))
		}
		if len(each.Ignores) > 0 {
			fmt.Fprintf(&text, "  (ignores changes of %s)\n", strings.Join(each.Ignores, ", "))
		}
		if each.Protected {
			text.WriteString("  (protected)\n")
		}
		for _, need := range each.Needs {
			fmt.Fprintf(&text, "  (after %s)\n", need)
		}
		text.WriteString("\n")
	}
	return text.String()
}

func show(key string, value resource.PropertyValue) string {
	if value.IsSecret() {
		return "<secret>"
	}
	if value.IsAsset() {
		return "file " + value.AssetValue().Path
	}
	if key == "userData" {
		return userData
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(withoutScript(value.Mappable())); err != nil {
		return "cannot be shown: " + err.Error()
	}
	return strings.TrimSpace(line.String())
}

// userData stands for an instance's script, which has golden files of its own.
const userData = "<user-data>"

// withoutScript takes the script out of a scale set's profile.
func withoutScript(value any) any {
	profile, _ := value.(map[string]any)
	if system, ok := profile["osProfile"].(map[string]any); ok {
		system["customData"] = userData
	}
	return value
}
