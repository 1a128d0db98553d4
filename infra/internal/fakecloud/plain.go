package fakecloud

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// Plain gives the inputs as JSON would have them, secrets included. A file is
// its path; what the cloud has yet to compute is left out.
func (r Resource) Plain() map[string]any {
	return r.Inputs.MapRepl(nil, plain)
}

func plain(value resource.PropertyValue) (any, bool) {
	switch {
	case value.IsSecret():
		return value.SecretValue().Element.MapRepl(nil, plain), true
	case value.IsOutput():
		return value.OutputValue().Element.MapRepl(nil, plain), true
	case value.IsComputed():
		return nil, true
	case value.IsAsset():
		return value.AssetValue().Path, true
	}
	return nil, false
}
