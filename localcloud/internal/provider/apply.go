package provider

import (
	"context"
	"slices"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"orchard/localcloud/internal/world"
)

// Create records a resource and waits until it runs.
func (s *Server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	typ, w, err := s.subject(ctx, req.GetUrn())
	if err != nil {
		return nil, err
	}
	values, secrets, err := read(req.GetProperties())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		out, err := preview(typ, nil, nil, values, secrets)
		return &pulumirpc.CreateResponse{Properties: out}, err
	}
	if err := s.takeUp(ctx, typ, w, req.GetUrn(), values); err != nil {
		return nil, err
	}
	find := func() (*world.Resource, error) {
		if r, ok := w.Unconfirmed(req.GetUrn()); ok && r.Type == typeOf(req.GetUrn()) {
			return &r, nil
		}
		return nil, nil
	}
	r, out, err := s.record(ctx, typ, w, req.GetUrn(), values, secrets, find)
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

// takeUp prepares for a Create that may repeat one whose answer was lost. The
// resource keeps the name that was made up for it then. Where the program has
// changed so that the resource would have to be replaced, the lost one is
// removed: the engine does not know that it exists.
func (s *Server) takeUp(ctx context.Context, typ Type, w World, urn string, values map[string]any) error {
	lost, ok := w.Unconfirmed(urn)
	if !ok || lost.Type != typeOf(urn) {
		return nil
	}
	if n := typ.Name; n != nil && generated(values, n.Property) && generated(lost.Inputs, n.Property) {
		values[n.Property] = lost.Inputs[n.Property]
	}
	if !slices.ContainsFunc(Changes(typ.Properties, lost.Inputs, values), func(c Change) bool { return c.Replace }) {
		return nil
	}
	if err := s.remove(ctx, typ, w, urn, lost.ID); err != nil {
		return err
	}
	return failed(ctx, w.SettleRemoved(ctx, lost.ID))
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
	values, secrets, err := read(req.GetNews())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		out, err := preview(typ, &prev, req.GetOldInputs(), values, secrets)
		return &pulumirpc.UpdateResponse{Properties: out}, err
	}
	find := func() (*world.Resource, error) {
		r, ok := w.Lookup(prev.ID)
		if !ok {
			return nil, status.Errorf(codes.NotFound, "%s is being deleted", Name(req.GetUrn()))
		}
		return &r, nil
	}
	r, out, err := s.record(ctx, typ, w, req.GetUrn(), values, secrets, find)
	if err != nil {
		return nil, err
	}
	if err := settle(ctx, w, r.ID, req.GetTimeout()); err != nil {
		return nil, initFailed(ctx, req.GetId(), out, err)
	}
	s.Log.Info("resource updated", "type", r.Type, "name", Name(r.URN), "id", req.GetId())
	return &pulumirpc.UpdateResponse{Properties: out}, nil
}
