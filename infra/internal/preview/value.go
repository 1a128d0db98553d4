package preview

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// A value is nil, a bool, a float64, a string, a []any or a map[string]any of
// values, or one of these.
type (
	// unknown holds what is made up in its place, if anything is.
	unknown struct{ madeUp any }
	secret  struct{}
	// script is a text of more than one line.
	script string
	// document is a string that holds JSON.
	document struct{ value any }
	// file is known by the SHA-256 of what it holds.
	file string
)

// merge reads a value of a plan. made is the planned one in the same place.
func merge(key string, plan any, made resource.PropertyValue) any {
	switch plan := plan.(type) {
	case string:
		if plan == plugin.UnknownStringValue {
			return unknown{fromPlanned(key, made)}
		}
		return readable(key, plan)
	case []any:
		var items []any
		for i, each := range plan {
			items = append(items, merge(key, each, element(made, i)))
		}
		return items
	case map[string]any:
		if sign, ok := plan[resource.SigKey]; ok {
			return signed(key, sign, plan)
		}
		members := map[string]any{}
		for name, each := range plan {
			members[name] = merge(name, each, member(made, name))
		}
		return members
	default:
		return plan
	}
}

// signed reads what the engine marks: a secret, whose value is encrypted, or
// a file. Nothing else is shown, lest it is a secret.
func signed(key string, sign any, plan map[string]any) any {
	if sign != resource.AssetSig {
		return secret{}
	}
	if text, ok := plan["text"].(string); ok && text != "" {
		return readable(key, text)
	}
	hash, _ := plan["hash"].(string)
	return file(hash)
}

func element(made resource.PropertyValue, i int) resource.PropertyValue {
	if made.IsArray() && i < len(made.ArrayValue()) {
		return made.ArrayValue()[i]
	}
	return resource.NewNullProperty()
}

func member(made resource.PropertyValue, name string) resource.PropertyValue {
	if made.IsObject() {
		return made.ObjectValue()[resource.PropertyKey(name)]
	}
	return resource.NewNullProperty()
}

// fromPlanned reads a value that package planned has.
func fromPlanned(key string, made resource.PropertyValue) any {
	switch {
	case made.IsSecret():
		return secret{}
	case made.IsOutput():
		return fromPlanned(key, made.OutputValue().Element)
	case made.IsString():
		return readable(key, made.StringValue())
	case made.IsArray():
		items := []any{}
		for _, each := range made.ArrayValue() {
			items = append(items, fromPlanned(key, each))
		}
		return items
	case made.IsObject():
		members := map[string]any{}
		for name, each := range made.ObjectValue() {
			members[string(name)] = fromPlanned(string(name), each)
		}
		return members
	case made.IsBool(), made.IsNumber():
		return made.V
	default:
		return nil
	}
}

// scripts are the properties in which clouds want base64.
var scripts = map[string]bool{"userData": true, "customData": true}

// readable shows what a string holds.
func readable(key, text string) any {
	if scripts[key] {
		if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
			return script(plain)
		}
	}
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		var value any
		if json.Unmarshal([]byte(text), &value) == nil {
			return document{value}
		}
	}
	if strings.Contains(text, "\n") {
		return script(text)
	}
	return text
}
