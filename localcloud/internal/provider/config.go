package provider

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// engineKeys are in a provider's inputs for the engine, not for the provider.
var engineKeys = []string{"version", "pluginDownloadURL", "pluginChecksums", "parameterization"}

// CheckConfig checks the inputs of a provider resource.
func (s *Server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	props, values, err := s.readConfig(req.GetNews())
	if err != nil {
		return nil, err
	}
	if problems := Problems(s.Table.Config, values); len(problems) > 0 {
		return &pulumirpc.CheckResponse{Inputs: req.GetNews(), Failures: checkFailures(problems)}, nil
	}
	inputs, err := marshal(props)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: inputs}, nil
}

// DiffConfig compares the inputs of a provider resource.
func (s *Server) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds := req.GetOldInputs()
	if olds == nil {
		olds = req.GetOlds()
	}
	_, old, err := s.readConfig(olds)
	if err != nil {
		return nil, err
	}
	_, news, err := s.readConfig(req.GetNews())
	if err != nil {
		return nil, err
	}
	return diffResponse(Changes(s.Table.Config, old, news), false), nil
}

// Configure keeps the configuration with the connection.
func (s *Server) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	_, values, err := s.readConfig(req.GetArgs())
	if err != nil {
		return nil, err
	}
	if problems := Problems(s.Table.Config, values); len(problems) > 0 {
		return nil, invalid("configure provider %s: %s: %s", s.Table.Name, problems[0].Property, problems[0].Reason)
	}
	sessionOf(ctx).configure(Normalise(s.Table.Config, values))
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true}, nil
}

// readConfig reads a provider's inputs. A language may give what is not text
// as JSON text.
func (s *Server) readConfig(in *structpb.Struct) (resource.PropertyMap, map[string]any, error) {
	props, err := unmarshal(in)
	if err != nil {
		return nil, nil, invalid("read configuration: %w", err)
	}
	values, _, err := plain(props)
	if err != nil {
		return nil, nil, invalid("read configuration: %w", err)
	}
	for name, v := range values {
		if slices.Contains(engineKeys, name) {
			delete(values, name)
			continue
		}
		text, isText := v.(string)
		p := s.Table.Config[name]
		if isText && p.Kind != KindString && p.Kind != KindDocument {
			var decoded any
			if json.Unmarshal([]byte(text), &decoded) == nil {
				values[name] = decoded
			}
		}
	}
	return props, values, nil
}
