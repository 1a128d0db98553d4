package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample has one property for each rule.
func sample() map[string]Property {
	return map[string]Property{
		"name":  String().Needed().Length(3, 8).Like(`^[a-z]+$`, "lower-case letters"),
		"mode":  String().OneOf("fast", "slow"),
		"port":  Int().Between(1, 65535),
		"ratio": Number().AtLeast(0),
		"on":    Bool(),
		"tls":   Bool().OnlyHere(false, "it has no certificates"),
		"zones": Set(String()).Length(1, 2),
		"tags":  Map(String()),
		"doc":   Document(),
		"file":  Asset().Not("text"),
		"text":  String(),
		"check": Object(map[string]Property{
			"path":     String().Needed(),
			"interval": Int().Or(30.0).Between(5, 300),
		}),
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   map[string]any
		want []Failure
	}{
		"all right":        {map[string]any{"name": "web", "mode": "fast", "port": 80.0, "check": map[string]any{"path": "/"}}, nil},
		"missing":          {map[string]any{}, []Failure{{"name", "is required and missing"}}},
		"unknown property": {map[string]any{"name": "web", "nmae": 1.0}, []Failure{{"nmae", "localcloud does not know this property, so it would not do what it declares"}}},
		"the SDK's own":    {map[string]any{"name": "web", "__defaults": []any{"name"}}, nil},
		"too long":         {map[string]any{"name": "longerthan"}, []Failure{{"name", `"longerthan" has 10 characters, at most 8 are allowed`}}},
		"too short":        {map[string]any{"name": "ab"}, []Failure{{"name", `"ab" has 2 characters, at least 3 are needed`}}},
		"pattern":          {map[string]any{"name": "Web"}, []Failure{{"name", `is "Web", must be lower-case letters`}}},
		"enum":             {map[string]any{"name": "web", "mode": "roundRobin"}, []Failure{{"mode", `is "roundRobin", must be one of "fast", "slow"`}}},
		"range":            {map[string]any{"name": "web", "port": 0.0}, []Failure{{"port", "is 0, must be from 1 to 65535"}}},
		"least":            {map[string]any{"name": "web", "ratio": -1.0}, []Failure{{"ratio", "is -1, must be at least 0"}}},
		"whole number":     {map[string]any{"name": "web", "port": 1.5}, []Failure{{"port", "must be a whole number, not 1.5"}}},
		"weak types":       {map[string]any{"name": "web", "port": "80", "on": "true", "text": 7.0}, nil},
		"not a bool":       {map[string]any{"name": "web", "on": "yes"}, []Failure{{"on", `must be true or false, not "yes"`}}},
		"only here":        {map[string]any{"name": "web", "tls": true}, []Failure{{"tls", "is true, localcloud can only run false: it has no certificates"}}},
		"too many":         {map[string]any{"name": "web", "zones": []any{"a", "b", "c"}}, []Failure{{"zones", "has 3 items, at most 2 are allowed"}}},
		"element":          {map[string]any{"name": "web", "zones": []any{true, []any{}}}, []Failure{{"zones[1]", "must be text, not []"}}},
		"tag":              {map[string]any{"name": "web", "tags": map[string]any{"a": []any{}}}, []Failure{{"tags.a", "must be text, not []"}}},
		"bad document":     {map[string]any{"name": "web", "doc": "{"}, []Failure{{"doc", `must be a JSON document, not "{"`}}},
		"object document":  {map[string]any{"name": "web", "doc": map[string]any{"Version": "1"}}, nil},
		"conflict":         {map[string]any{"name": "web", "file": map[string]any{"$asset": map[string]any{"path": "/x"}}, "text": "x"}, []Failure{{"file", "may not be given together with text"}}},
		"nested":           {map[string]any{"name": "web", "check": map[string]any{"interval": 3.0, "timeout": 1.0}}, []Failure{{"check.interval", "is 3, must be from 5 to 300"}, {"check.timeout", "localcloud does not know this property, so it would not do what it declares"}, {"check.path", "is required and missing"}}},
		"not known yet":    {map[string]any{"name": Unknown{}, "port": Unknown{}, "check": Unknown{}, "zones": []any{Unknown{}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Problems(sample(), test.in)); diff != "" {
				t.Errorf("Problems(%v) (-want +got):\n%s", test.in, diff)
			}
		})
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	properties := sample()
	properties["vpc"] = String().Replaces()
	properties["policy"] = Document()
	for name, test := range map[string]struct {
		olds, news map[string]any
		want       []string // path, "!" before it when it replaces
	}{
		"nothing":               {map[string]any{"name": "web"}, map[string]any{"name": "web"}, nil},
		"default written out":   {map[string]any{"check": map[string]any{"path": "/"}}, map[string]any{"check": map[string]any{"path": "/", "interval": 30.0}}, nil},
		"number as text":        {map[string]any{"port": 80.0}, map[string]any{"port": "80"}, nil},
		"order of a set":        {map[string]any{"zones": []any{"a", "b"}}, map[string]any{"zones": []any{"b", "a"}}, nil},
		"format of a document":  {map[string]any{"policy": `{"a":1,"b":[2]}`}, map[string]any{"policy": "{ \"b\": [2],\n\"a\": 1}"}, nil},
		"none and empty":        {map[string]any{"tags": map[string]any{}}, map[string]any{}, nil},
		"made up by a provider": {map[string]any{"__defaults": []any{"name"}}, map[string]any{}, nil},
		"changed":               {map[string]any{"port": 80.0}, map[string]any{"port": 81.0}, []string{"port"}},
		"nested":                {map[string]any{"check": map[string]any{"path": "/", "interval": 5.0}}, map[string]any{"check": map[string]any{"path": "/", "interval": 6.0}}, []string{"check.interval"}},
		"removed":               {map[string]any{"text": "x"}, map[string]any{}, []string{"text"}},
		"replaces":              {map[string]any{"vpc": "vpc-1", "text": "x"}, map[string]any{"vpc": "vpc-2", "text": "y"}, []string{"text", "!vpc"}},
		"not known yet":         {map[string]any{"vpc": "vpc-1"}, map[string]any{"vpc": Unknown{}}, []string{"!vpc"}},
		"asset by its hash":     {map[string]any{"file": fileAsset("1", "")}, map[string]any{"file": fileAsset("1", "/tmp/x")}, nil},
		"another asset":         {map[string]any{"file": fileAsset("1", "/tmp/x")}, map[string]any{"file": fileAsset("2", "/tmp/x")}, []string{"file"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, c := range Changes(properties, test.olds, test.news) {
				path := c.Path
				if c.Replace {
					path = "!" + path
				}
				got = append(got, path)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Changes(%v, %v) (-want +got):\n%s", test.olds, test.news, diff)
			}
		})
	}
}

func fileAsset(hash, path string) map[string]any {
	return map[string]any{assetKey: map[string]any{"sha256": hash, "path": path}}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	in := map[string]any{
		"port": "80", "on": "true", "text": 7.0, "zones": []any{"b", "a"}, "doc": map[string]any{"b": 1.0, "a": "x"},
		"check": map[string]any{"path": "/"}, "tags": map[string]any{"a": 1.0, "__defaults": []any{}}, "strange": 1.0,
	}
	want := Inputs{
		"port": 80.0, "on": true, "text": "7", "zones": []any{"a", "b"}, "doc": `{"a":"x","b":1}`,
		"check": map[string]any{"path": "/", "interval": 30.0}, "tags": map[string]any{"a": "1"},
	}
	if diff := cmp.Diff(want, Normalise(sample(), in)); diff != "" {
		t.Errorf("Normalise(%v) (-want +got):\n%s", in, diff)
	}
}
