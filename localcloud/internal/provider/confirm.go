package provider

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"orchard/localcloud/internal/world"
)

// confirmed finds the resource of an id that the engine names, and notes that
// it has named it. What the engine knows and the world does not is an error.
func (s *Server) confirmed(ctx context.Context, typ Type, w World, urn, id string) (world.Resource, error) {
	r, ok, err := s.find(ctx, typ, w, urn, id)
	if err == nil && !ok {
		err = status.Error(codes.NotFound, fmt.Sprintf(
			"the engine's state has %s with the id %s, the world has not: run `pulumi refresh`", Name(urn), id))
	}
	return r, err
}

// find is confirmed without the error.
func (s *Server) find(ctx context.Context, typ Type, w World, urn, id string) (world.Resource, bool, error) {
	stack, err := stackOf(urn)
	if err != nil {
		return world.Resource{}, false, invalid("%w", err)
	}
	defer s.lock(stack)()
	r, ok := w.Lookup(typ.WorldID(id))
	if !ok || r.Type != typeOf(urn) {
		return world.Resource{}, false, nil
	}
	if r.Confirmed {
		return r, true, nil
	}
	r.Confirmed = true
	return r, true, failed(ctx, w.Put(ctx, r))
}

// confirmByInputs confirms the resource of a URN when the engine shows, in a
// Check, inputs on record that are those of the Create that was not confirmed.
func (s *Server) confirmByInputs(ctx context.Context, typ Type, w World, urn string, olds map[string]any) error {
	r, ok := w.Unconfirmed(urn)
	if !ok || len(olds) == 0 || len(Changes(typ.Properties, r.Inputs, olds)) > 0 {
		return nil
	}
	_, _, err := s.find(ctx, typ, w, urn, typ.EngineID(r.ID))
	return err
}

// read turns a message's properties into plain values.
func read(in *structpb.Struct) (values map[string]any, secrets []string, err error) {
	props, err := unmarshal(in)
	if err != nil {
		return nil, nil, invalid("read properties: %w", err)
	}
	if values, secrets, err = plain(props); err != nil {
		return nil, nil, invalid("read properties: %w", err)
	}
	return values, secrets, nil
}

// failed turns an error of the world into one of gRPC.
func failed(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	}
	return status.Error(codes.Unknown, err.Error())
}
