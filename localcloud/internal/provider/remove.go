package provider

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"orchard/localcloud/internal/world"
)

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
