package provider

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"orchard/localcloud/internal/world"
)

// record decides what the cloud answers and puts it on record, as one step.
// find gives the resource on record, or none.
func (s *Server) record(ctx context.Context, typ Type, w World, urn string, values map[string]any, secrets []string, find func() (*world.Resource, error)) (world.Resource, *structpb.Struct, error) {
	config, err := configOf(ctx)
	if err != nil {
		return world.Resource{}, nil, err
	}
	stack, err := stackOf(urn)
	if err != nil {
		return world.Resource{}, nil, invalid("%w", err)
	}
	defer s.lock(stack)()
	prev, err := find()
	if err != nil {
		return world.Resource{}, nil, err
	}
	request := Request{
		World: w, Config: config, URN: urn, Prev: prev,
		Inputs: Normalise(typ.Properties, values), Store: s.store(ctx),
	}
	result, err := typ.Compute(request)
	if err != nil {
		return world.Resource{}, nil, invalid("%s: %w", Name(urn), err)
	}
	r := s.resource(typ, request, result, values, secrets)
	if err := w.Put(ctx, r); err != nil {
		return world.Resource{}, nil, failed(ctx, fmt.Errorf("%s: %w", Name(urn), err))
	}
	out, err := marshal(rich(r.Outputs, r.Secrets))
	return r, out, err
}

// resource is the record of a Create or Update.
func (s *Server) resource(typ Type, req Request, result Result, values map[string]any, secrets []string) world.Resource {
	outputs := maps.Clone(map[string]any(req.Inputs))
	maps.Copy(outputs, result.Outputs)
	for name, p := range typ.Properties {
		if p.Secret {
			secrets = append(secrets, name)
		}
	}
	secrets = append(secrets, result.Secrets...)
	slices.Sort(secrets)
	r := world.Resource{
		ID: typ.WorldID(result.ID), URN: req.URN, Cloud: s.Table.Name, Type: typeOf(req.URN),
		Inputs: values, Outputs: outputs, Secrets: slices.Compact(secrets), Private: result.Private,
	}
	if req.Prev != nil {
		r.ID, r.Order, r.Confirmed = req.Prev.ID, req.Prev.Order, req.Prev.Confirmed
	}
	return r
}

// preview answers what can be known of a resource before it is made or, with
// prev, updated.
func preview(typ Type, prev *world.Resource, oldInputs *structpb.Struct, values map[string]any, secrets []string) (*structpb.Struct, error) {
	given := Normalise(typ.Properties, values)
	outputs := maps.Clone(map[string]any(given))
	moved := typ.Computed
	var before map[string]any
	var changes []Change
	if prev != nil {
		olds, _, err := read(oldInputs)
		if err != nil {
			return nil, err
		}
		if oldInputs == nil {
			olds = prev.Inputs
		}
		before, changes = prev.Outputs, Changes(typ.Properties, olds, values)
		moved = typ.moved(changes)
		keep(outputs, typ.Computed, func(name string) any { return prev.Outputs[name] })
	}
	typ.promise(outputs, before, changes)
	for _, name := range moved {
		if !given.Has(name) {
			outputs[name] = Unknown{}
		}
	}
	return marshal(rich(outputs, secrets))
}

// keep adds what the inputs do not give.
func keep(outputs map[string]any, names []string, value func(string) any) {
	for _, name := range names {
		if outputs[name] == nil {
			outputs[name] = value(name)
		}
	}
}

// settle waits until a resource runs, for as long as the program's own
// timeout in seconds allows when it gives one.
func settle(ctx context.Context, w World, id string, timeout float64) error {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(timeout*float64(time.Second)))
		defer cancel()
	}
	return w.Settle(ctx, id)
}

// initFailed tells the engine that the resource is there and does not run.
// When the call itself was cancelled nothing is told: the record stays
// unconfirmed and the next Create takes it up.
func initFailed(ctx context.Context, id string, outputs *structpb.Struct, err error) error {
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	st, detailErr := status.New(codes.Unknown, err.Error()).WithDetails(&pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: outputs, Reasons: []string{err.Error()},
	})
	if detailErr != nil {
		return status.Error(codes.Internal, detailErr.Error())
	}
	return st.Err()
}

// store gives Request.Store: files are found from the program's folder.
func (s *Server) store(ctx context.Context) func(map[string]any) (string, int64, error) {
	_, folder := sessionOf(ctx).get()
	return func(asset map[string]any) (string, int64, error) {
		if text, ok := asset["text"].(string); ok {
			return storeText(s.StoreBlob, text)
		}
		path, _ := asset["path"].(string)
		if !filepath.IsAbs(path) {
			if folder == "" {
				return "", 0, fmt.Errorf("the file %s is relative, and the engine has not told to which folder: give an absolute path", path)
			}
			path = filepath.Join(folder, path)
		}
		sum, size, err := s.StoreBlob(path)
		if want, _ := asset["sha256"].(string); err == nil && want != "" && want != sum {
			err = fmt.Errorf("the file %s has changed since the engine read it", path)
		}
		return sum, size, err
	}
}
