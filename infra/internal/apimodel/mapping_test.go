package apimodel

import (
	"strings"
	"testing"
)

// TestRefuseMapping wants mappings and limits that the models do not bear out
// to be refused with what is wrong.
func TestRefuseMapping(t *testing.T) {
	t.Parallel()
	sdk, err := FindSDK(pinned)
	if err != nil {
		t.Fatal(err)
	}
	model, err := ReadModel(sdk, "elasticloadbalancingv2")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`resources: {a: {operation: MakeTargetGroup, properties: {port: Port}}}`:                                                      "no operation MakeTargetGroup",
		`resources: {a: {operation: CreateTargetGroup, properties: {port: Prot}}}`:                                                    "no member Prot",
		`resources: {a: {operation: CreateTargetGroup, properties: {port: "Port[]"}}}`:                                                "neither a list nor a map",
		`resources: {a: {operation: CreateTargetGroup, properties: {x: {to: ModifyTargetGroupAttributes/Attributes, attribute: x}}}}`: "no attribute x",
		`resources: {a: {operation: CreateTargetGroup, properties: {x: {to: "Tags[]", key: true}}}}`:                                  "not a map",
		`resources: {a: {operation: CreateTargetGroup, properties: {x: "CreateTargetGroup[]/Name"}}}`:                                 "there is none",
		`limits: {CreateTargetGroupInput.Name: {length: 33, says: maximum of 33 characters}}`:                                         "does not say",
		`limits: {CreateTargetGroupInput.Name: {length: 33, says: maximum of 32 characters}}`:                                         "does not say 33",
		`limits: {CreateTargetGroupInput.Name: {length: 32}}`:                                                                         "does not say 32",
		`limits: {CreateTargetGroupInput.Nam: {length: 32, says: maximum}}`:                                                           "says nothing",
		`limits: {"TargetGroupAttribute.Value[load_balancing.algorithm.type]": {values: [leastOutstandingRequests]}}`:                 "does not name leastOutstandingRequests",
	} {
		mapping, err := parseMapping([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := mapping.resolve(model); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one with %q", text, err, want)
		}
	}
	if _, err := parseMapping([]byte("resource: {}")); err == nil {
		t.Error("got no error of a mapping with an unknown key")
	}
}

func TestUnknownService(t *testing.T) {
	t.Parallel()
	if _, err := ReadModel(t.TempDir(), "fruit"); err == nil || !strings.Contains(err.Error(), "fruit") {
		t.Errorf("got error %v, want one that names the service", err)
	}
}
