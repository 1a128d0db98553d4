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
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"orchard/localcloud/internal/world"
)

// Create records a resource and waits until it runs.
func (s *Server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	typ, w, err := s.subject(ctx, req.GetUrn())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		out, err := preview(typ, nil, req.GetProperties(), nil)
		return &pulumirpc.CreateResponse{Properties: out}, err
	}
	find := func() (*world.Resource, error) {
		if r, ok := w.Unconfirmed(req.GetUrn()); ok && r.Type == typeOf(req.GetUrn()) {
			return &r, nil
		}
		return nil, nil
	}
	r, out, err := s.record(ctx, typ, w, req.GetUrn(), req.GetProperties(), find)
	if err != nil {
		return nil, err
	}
	id := typ.EngineID(r.ID)
	if err := settle(ctx, w, r.ID, req.GetTimeout()); err != nil {
		return nil, initFailed(ctx, id, out, err)
	}
	s.Log.Info("resource created", "type", r.Type, "name", Name(r.URN), "id", id)
	return &pulumirpc.CreateResponse{Id: id, Properties: out}, nil
}

// Update records a resource's new inputs and waits until they run.
func (s *Server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	typ, w, err := s.subject(ctx, req.GetUrn())
	if err != nil {
		return nil, err
	}
	prev, err := s.confirmed(ctx, typ, w, req.GetUrn(), req.GetId())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		out, err := preview(typ, &prev, req.GetNews(), req.GetOldInputs())
		return &pulumirpc.UpdateResponse{Properties: out}, err
	}
	find := func() (*world.Resource, error) {
		r, ok := w.Lookup(prev.ID)
		if !ok {
			return nil, status.Errorf(codes.NotFound, "%s is being deleted", Name(req.GetUrn()))
		}
		return &r, nil
	}
	r, out, err := s.record(ctx, typ, w, req.GetUrn(), req.GetNews(), find)
	if err != nil {
		return nil, err
	}
	if err := settle(ctx, w, r.ID, req.GetTimeout()); err != nil {
		return nil, initFailed(ctx, req.GetId(), out, err)
	}
	s.Log.Info("resource updated", "type", r.Type, "name", Name(r.URN), "id", req.GetId())
	return &pulumirpc.UpdateResponse{Properties: out}, nil
}

// record decides what the cloud answers and puts it on record, as one step.
func (s *Server) record(ctx context.Context, typ Type, w World, urn string, in *structpb.Struct, find func() (*world.Resource, error)) (world.Resource, *structpb.Struct, error) {
	config, err := configOf(ctx)
	if err != nil {
		return world.Resource{}, nil, err
	}
	values, secrets, err := read(in)
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

// preview answers what can be known of a resource before it is made.
func preview(typ Type, prev *world.Resource, in, oldIn *structpb.Struct) (*structpb.Struct, error) {
	values, secrets, err := read(in)
	if err != nil {
		return nil, err
	}
	outputs := map[string]any(Normalise(typ.Properties, values))
	moved := typ.Computed
	if prev != nil {
		olds, _, err := read(oldIn)
		if err != nil {
			return nil, err
		}
		if oldIn == nil {
			olds = prev.Inputs
		}
		moved = typ.moved(Changes(typ.Properties, olds, values))
		keep(outputs, typ.Computed, func(name string) any { return prev.Outputs[name] })
	}
	given := Normalise(typ.Properties, values)
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

// Delete forgets a resource and waits until nothing of it runs. One that is
// not there is gone already.
func (s *Server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	typ, w, err := s.subject(ctx, req.GetUrn())
	if err != nil {
		return nil, err
	}
	id := typ.WorldID(req.GetId())
	if err := s.remove(ctx, typ, w, req.GetUrn(), id); err != nil {
		return nil, err
	}
	if err := failed(ctx, w.SettleRemoved(ctx, id)); err != nil {
		return nil, err
	}
	s.Log.Info("resource deleted", "type", typeOf(req.GetUrn()), "name", Name(req.GetUrn()), "id", req.GetId())
	return &emptypb.Empty{}, nil
}

func (s *Server) remove(ctx context.Context, typ Type, w World, urn, id string) error {
	stack, err := stackOf(urn)
	if err != nil {
		return invalid("%w", err)
	}
	defer s.lock(stack)()
	r, ok := w.Lookup(id)
	if !ok || r.Type != typeOf(urn) {
		return nil
	}
	if typ.Leave != nil {
		request := Request{World: w, URN: urn, Prev: &r, Inputs: Normalise(typ.Properties, r.Inputs)}
		if err := typ.Leave(request); err != nil {
			return status.Error(codes.FailedPrecondition, err.Error())
		}
	}
	return failed(ctx, w.Remove(ctx, id))
}

// Read tells the engine what the world has on record. An id that the world
// does not know is gone.
func (s *Server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	typ, w, err := s.subject(ctx, req.GetUrn())
	if err != nil {
		return nil, err
	}
	r, ok, err := s.find(ctx, typ, w, req.GetUrn(), req.GetId())
	if err != nil || !ok {
		return &pulumirpc.ReadResponse{}, err
	}
	out, err := marshal(rich(r.Outputs, r.Secrets))
	if err != nil {
		return nil, err
	}
	inputs, err := recordedInputs(typ, r, req.GetInputs())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.ReadResponse{Id: req.GetId(), Properties: out, Inputs: inputs}, nil
}

// recordedInputs keeps the engine's own inputs where they are those on
// record: they know which nested values are secret.
func recordedInputs(typ Type, r world.Resource, engine *structpb.Struct) (*structpb.Struct, error) {
	values, _, err := read(engine)
	if err != nil {
		return nil, err
	}
	if len(values) > 0 && len(Changes(typ.Properties, values, r.Inputs)) == 0 {
		return engine, nil
	}
	return marshal(rich(r.Inputs, r.Secrets))
}
