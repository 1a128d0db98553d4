package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"orchard/localcloud/internal/world"
)

// Check fills in what Pulumi's provider fills in (a name, the default tags)
// and lists everything that is wrong.
func (s *Server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	typ, w, err := s.subject(ctx, req.GetUrn())
	if err != nil {
		return nil, err
	}
	props, err := unmarshal(req.GetNews())
	if err != nil {
		return nil, invalid("read inputs: %w", err)
	}
	olds, _, err := read(req.GetOlds())
	if err != nil {
		return nil, err
	}
	if err := s.confirmByInputs(ctx, typ, w, req.GetUrn(), olds); err != nil {
		return nil, err
	}
	if config, _ := sessionOf(ctx).get(); s.Table.DefaultTags != nil {
		typ.addTags(props, s.Table.DefaultTags(config))
	}
	failures := typ.addName(props, olds, req.GetUrn(), w.Resources())
	values, secrets, err := plain(props)
	if err != nil {
		return nil, invalid("%s: %w", Name(req.GetUrn()), err)
	}
	problems := typ.problems(values)
	if len(problems) == 0 && typ.Runs != nil && !s.PlanOnly {
		problems = typ.Runs(Normalise(typ.Properties, values))
	}
	failures = append(failures, hide(problems, typ.Properties, secrets)...)
	inputs, err := marshal(props)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: inputs, Failures: checkFailures(failures)}, nil
}

// subject finds the type and the world that a URN belongs to.
func (s *Server) subject(ctx context.Context, urn string) (Type, World, error) {
	typ, err := s.Table.lookup(urn)
	if err != nil {
		return Type{}, nil, status.Error(codes.Unimplemented, err.Error())
	}
	stack, err := stackOf(urn)
	if err != nil {
		return Type{}, nil, invalid("%w", err)
	}
	w, err := s.Open(ctx, stack)
	if err != nil {
		return Type{}, nil, status.Error(codes.Unavailable, fmt.Errorf("open world of stack %s: %w", stack, err).Error())
	}
	return typ, w, nil
}

// problems adds the rules between properties to those of each. The first are
// asked only where the second hold.
func (t Type) problems(values map[string]any) []Failure {
	failures := Problems(t.Properties, values)
	if len(failures) == 0 && t.Check != nil {
		failures = t.Check(Normalise(t.Properties, values))
	}
	return failures
}

// hide takes the values of secret properties out of the reasons, which quote
// what they find wrong.
func hide(failures []Failure, properties map[string]Property, secrets []string) []Failure {
	for i, f := range failures {
		top := f.Property
		if end := strings.IndexAny(top, ".["); end >= 0 {
			top = top[:end]
		}
		if properties[top].Secret || slices.Contains(secrets, top) {
			failures[i].Reason = "is not a value that is allowed here; it is secret and not shown"
		}
	}
	return failures
}

// addTags merges the provider's default tags into a resource's tags, as
// Pulumi's provider does in its Check.
func (t Type) addTags(props resource.PropertyMap, defaults map[string]any) {
	if p, ok := t.Properties["tags"]; !ok || p.Kind != KindMap || len(defaults) == 0 {
		return
	}
	merged := rich(defaults, nil)
	if own, ok := props["tags"]; ok {
		if !own.IsObject() {
			return // not known yet, or secret as a whole
		}
		maps.Copy(merged, own.ObjectValue())
	}
	props["tags"] = resource.NewObjectProperty(merged)
}

// addName names a resource that the program does not name. A name once made
// up stays until the resource is replaced.
func (t Type) addName(props resource.PropertyMap, olds map[string]any, urn string, resources []world.Resource) []Failure {
	if t.Name == nil || props.HasValue(resource.PropertyKey(t.Name.Property)) ||
		props.HasValue(resource.PropertyKey(t.Name.Property+"Prefix")) {
		return nil
	}
	name, kept := olds[t.Name.Property].(string)
	if !kept || !generated(olds, t.Name.Property) {
		var err error
		if name, err = t.Name.Generate(urn, t.Name.taken(resources, urn)); err != nil {
			return []Failure{{t.Name.Property, err.Error()}}
		}
	}
	props[resource.PropertyKey(t.Name.Property)] = resource.NewStringProperty(name)
	if t.Name.Random == 0 {
		return nil // a replacement cannot have another name, as if the program had given it
	}
	props[defaultsKey] = resource.NewArrayProperty([]resource.PropertyValue{resource.NewStringProperty(t.Name.Property)})
	return nil
}

// checkFailures names the property in the reason alone: where the field is
// set, the engine prints the property's value too, a secret one included.
func checkFailures(failures []Failure) []*pulumirpc.CheckFailure {
	var out []*pulumirpc.CheckFailure
	for _, f := range failures {
		out = append(out, &pulumirpc.CheckFailure{Reason: f.Property + ": " + f.Reason})
	}
	return out
}
