package provider

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Diff compares the inputs that the engine has on record with the new ones.
func (s *Server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	typ, w, err := s.subject(ctx, req.GetUrn())
	if err != nil {
		return nil, err
	}
	if _, err := s.confirmed(ctx, typ, w, req.GetUrn(), req.GetId()); err != nil {
		return nil, err
	}
	oldStruct := req.GetOldInputs()
	if oldStruct == nil {
		oldStruct = req.GetOlds()
	}
	olds, _, err := read(oldStruct)
	if err != nil {
		return nil, err
	}
	news, _, err := read(req.GetNews())
	if err != nil {
		return nil, err
	}
	return diffResponse(Changes(typ.Properties, olds, news), typ.fixedName(olds, news)), nil
}

// fixedName says whether old and new resource would have the same name, which
// the program gave: then the old one has to go first.
func (t Type) fixedName(olds, news map[string]any) bool {
	if t.Name == nil {
		return false
	}
	name, ok := news[t.Name.Property].(string)
	return ok && name == olds[t.Name.Property] && !generated(news, t.Name.Property)
}

func diffResponse(changes []Change, fixedName bool) *pulumirpc.DiffResponse {
	out := &pulumirpc.DiffResponse{
		Changes:         pulumirpc.DiffResponse_DIFF_NONE,
		DetailedDiff:    map[string]*pulumirpc.PropertyDiff{},
		HasDetailedDiff: true,
	}
	seen := map[string]bool{}
	for _, c := range changes {
		out.Changes = pulumirpc.DiffResponse_DIFF_SOME
		out.DetailedDiff[c.Path] = &pulumirpc.PropertyDiff{Kind: c.kind(), InputDiff: true}
		if !seen[c.Top] {
			out.Diffs = append(out.Diffs, c.Top)
		}
		if c.Replace {
			out.Replaces = append(out.Replaces, c.Path)
		}
		seen[c.Top] = true
	}
	out.DeleteBeforeReplace = fixedName && len(out.Replaces) > 0
	return out
}

// kind is ADD, DELETE or UPDATE; each is followed by its …_REPLACE.
func (c Change) kind() pulumirpc.PropertyDiff_Kind {
	kind := pulumirpc.PropertyDiff_UPDATE
	switch {
	case empty(c.Old):
		kind = pulumirpc.PropertyDiff_ADD
	case empty(c.New):
		kind = pulumirpc.PropertyDiff_DELETE
	}
	if c.Replace {
		kind++
	}
	return kind
}
