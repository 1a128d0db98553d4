package provider

import (
	"fmt"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// Unknown stands for a value that a preview cannot know yet.
type Unknown struct{}

// assetKey marks an asset in a plain value:
// {"$asset": {"sha256": …, "path": …}} or with "text".
const assetKey = "$asset"

var marshalOptions = plugin.MarshalOptions{
	KeepUnknowns: true,
	KeepSecrets:  true,
	SkipNulls:    true,
}

func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	if s == nil {
		return resource.PropertyMap{}, nil
	}
	return plugin.UnmarshalProperties(s, marshalOptions)
}

func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, marshalOptions)
}

// plain turns properties into JSON values, Unknown and assets, and names the
// top-level properties that hold a secret.
func plain(m resource.PropertyMap) (map[string]any, []string, error) {
	values := make(map[string]any, len(m))
	var secrets []string
	for k, v := range m {
		p, err := plainValue(v)
		if err != nil {
			return nil, nil, fmt.Errorf("property %s: %w", k, err)
		}
		values[string(k)] = p
		if v.ContainsSecrets() {
			secrets = append(secrets, string(k))
		}
	}
	sort.Strings(secrets)
	return values, secrets, nil
}

func plainValue(v resource.PropertyValue) (any, error) {
	switch {
	case v.IsNull():
		return nil, nil
	case v.IsSecret():
		return plainValue(v.SecretValue().Element)
	case v.IsComputed():
		return Unknown{}, nil
	case v.IsOutput():
		if !v.OutputValue().Known {
			return Unknown{}, nil
		}
		return plainValue(v.OutputValue().Element)
	case v.IsBool(), v.IsNumber(), v.IsString():
		return v.V, nil
	case v.IsAsset():
		return plainAsset(v.AssetValue())
	case v.IsArray():
		return plainArray(v.ArrayValue())
	case v.IsObject():
		o, _, err := plain(v.ObjectValue())
		return o, err
	}
	return nil, fmt.Errorf("a value of type %s is not supported", v.TypeString())
}

func plainArray(values []resource.PropertyValue) (any, error) {
	list := make([]any, len(values))
	for i, v := range values {
		p, err := plainValue(v)
		if err != nil {
			return nil, err
		}
		list[i] = p
	}
	return list, nil
}

// plainAsset reads an asset. One from the engine's state has its hash alone.
func plainAsset(a *asset.Asset) (any, error) {
	content := map[string]any{"sha256": a.Hash}
	switch {
	case a.IsPath():
		content["path"] = a.Path
	case a.IsText():
		content["text"] = a.Text
	case a.URI != "":
		return nil, fmt.Errorf("an asset must be a file or text, not the address %s", a.URI)
	}
	return map[string]any{assetKey: content}, nil
}

// rich is the inverse of plain.
func rich(values map[string]any, secrets []string) resource.PropertyMap {
	m := make(resource.PropertyMap, len(values))
	for k, v := range values {
		m[resource.PropertyKey(k)] = richValue(v)
	}
	for _, k := range secrets {
		key := resource.PropertyKey(k)
		if v, ok := m[key]; ok && !v.IsSecret() {
			m[key] = resource.MakeSecret(v)
		}
	}
	return m
}

func richValue(v any) resource.PropertyValue {
	switch v := v.(type) {
	case Unknown:
		return resource.MakeComputed(resource.NewStringProperty(""))
	case []any:
		list := make([]resource.PropertyValue, len(v))
		for i, e := range v {
			list[i] = richValue(e)
		}
		return resource.NewArrayProperty(list)
	case map[string]any:
		if a, ok := v[assetKey].(map[string]any); ok {
			return richAsset(a)
		}
		return resource.NewObjectProperty(rich(v, nil))
	case int:
		return resource.NewNumberProperty(float64(v))
	}
	return resource.NewPropertyValue(v)
}

func richAsset(a map[string]any) resource.PropertyValue {
	text := func(k string) string { s, _ := a[k].(string); return s }
	return resource.NewAssetProperty(&asset.Asset{
		Sig: asset.AssetSig, Hash: text("sha256"), Path: text("path"), Text: text("text"),
	})
}
