package apimodel

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a model with one operation and a member of each kind.
const small = `{
  "operations": {"Make": {"input": {"shape": "MakeInput"}}},
  "shapes": {
    "MakeInput": {"type": "structure", "required": ["Name"], "members": {
      "Name": {"shape": "Name"}, "Count": {"shape": "Count"}, "Share": {"shape": "Share"},
      "On": {"shape": "On"}, "Kind": {"shape": "Kind"}, "Parts": {"shape": "Parts"},
      "Tags": {"shape": "Tags"}, "Words": {"shape": "Words"}, "Body": {"shape": "Body"},
      "Joined": {"shape": "Name"}, "Ahead": {"shape": "Ahead"}}},
    "Name": {"type": "string", "min": 2, "max": 5, "pattern": "[a-z,]+"},
    "Count": {"type": "integer", "min": 1, "max": 9},
    "Share": {"type": "double", "max": 1},
    "On": {"type": "boolean"},
    "Kind": {"type": "string", "enum": ["one_kind", "other_kind"]},
    "Parts": {"type": "list", "member": {"shape": "Part"}, "max": 2},
    "Part": {"type": "structure", "required": ["Id"], "members": {"Id": {"shape": "Name"}, "Count": {"shape": "Count"}}},
    "Tags": {"type": "list", "member": {"shape": "Tag"}},
    "Tag": {"type": "structure", "members": {"Key": {"shape": "Name"}, "Value": {"shape": "Name"}}},
    "Words": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Name"}, "max": 1},
    "Body": {"type": "blob"},
    "Ahead": {"type": "string", "pattern": "a(?!b)"}
  }
}`

func smallModel(t *testing.T) *Model {
	t.Helper()
	var model Model
	if err := json.Unmarshal([]byte(small), &model); err != nil {
		t.Fatal(err)
	}
	return &model
}

func TestValidate(t *testing.T) {
	t.Parallel()
	limits := map[string]Limit{
		"MakeInput.Share": {Min: new(float64)},
		"Tag.Value[size]": {Min: new(float64)},
		"Part.Id":         {Values: []string{"left", "right"}},
	}
	for _, test := range []struct {
		body string
		want []string
	}{
		{body: `{"Name": "abc", "Count": 9, "Share": 0.5, "On": true, "Kind": "one_kind", "Parts": [{"Id": "left"}], "Tags": {"ab": "cd"}, "Words": {"ab": "cd"}, "Body": 1}`},
		{body: `{"Name": "abc", "Count": "9", "On": "false", "Joined": ["ab", "cd"], "Words": ["ab"]}`},
		{body: `{}`, want: []string{"Make: has no Name, which is required"}},
		{body: `{"Name": "a"}`, want: []string{"Make.Name: has a length of 1, less than 2"}},
		{body: `{"Name": "abcdef"}`, want: []string{"Make.Name: has a length of 6, more than 5"}},
		{body: `{"Name": "aB"}`, want: []string{"Make.Name: is aB, which does not match [a-z,]+"}},
		{body: `{"Name": "abc", "Joined": ["abc", "def"]}`, want: []string{"Make.Joined: has a length of 7, more than 5"}},
		{body: `{"Name": "abc", "Count": 0}`, want: []string{"Make.Count: is 0, less than 1"}},
		{body: `{"Name": "abc", "Count": 10}`, want: []string{"Make.Count: is 10, more than 9"}},
		{body: `{"Name": "abc", "Count": 1.5}`, want: []string{"Make.Count: is 1.5, not of type integer"}},
		{body: `{"Name": "abc", "Count": "many"}`, want: []string{"Make.Count: is many, not of type integer"}},
		{body: `{"Name": "abc", "Share": -1}`, want: []string{"Make.Share: is -1, less than 0"}},
		{body: `{"Name": "abc", "On": "yes"}`, want: []string{"Make.On: is yes, neither true nor false"}},
		{body: `{"Name": "abc", "Kind": "oneKind"}`, want: []string{"Make.Kind: is oneKind, not one of one_kind, other_kind"}},
		{body: `{"Name": "abc", "Parts": [{"Count": 1}]}`, want: []string{"Make.Parts[0]: has no Id, which is required"}},
		{body: `{"Name": "abc", "Parts": [{"Id": "up"}]}`, want: []string{"Make.Parts[0].Id: is up, not one of left, right"}},
		{body: `{"Name": "abc", "Parts": [{"Id": "left"}, {"Id": "left"}, {"Id": "left"}]}`, want: []string{"Make.Parts: has a size of 3, more than 2"}},
		{body: `{"Name": "abc", "Parts": "left"}`, want: []string{"Make.Parts: is left, not a list"}},
		{body: `{"Name": "abc", "Parts": ["left"]}`, want: []string{"Make.Parts[0]: is left, not an object"}},
		{body: `{"Name": "abc", "Tags": {"ab": "cd", "a": "cd"}}`, want: []string{"Make.Tags[0].Key: has a length of 1, less than 2"}},
		{body: `{"Name": "abc", "Tags": [{"Key": "size", "Value": "ab"}]}`, want: []string{"Make.Tags[0]: is ab, which is no number"}},
		{body: `{"Name": "abc", "Words": {"ab": "cd", "cd": "ef"}}`, want: []string{"Make.Words: has a size of 2, more than 1"}},
		{body: `{"Name": "abc", "Words": {"ab": "C"}}`, want: []string{"Make.Words.ab: has a length of 1, less than 2", "Make.Words.ab: is C, which does not match [a-z,]+"}},
		{body: `{"Name": "abc", "Other": 1}`, want: []string{"Make.Other: is no member of MakeInput"}},
	} {
		asked := newRequest("Make")
		if err := json.Unmarshal([]byte(test.body), &asked.body); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, each := range validate(smallModel(t), limits, asked, nil) {
			got = append(got, each.Member+": "+each.Says)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.body, diff)
		}
	}
}

func TestGiven(t *testing.T) {
	t.Parallel()
	if got := validate(smallModel(t), nil, newRequest("Make"), []string{"Name"}); len(got) > 0 {
		t.Errorf("got %v of a request whose required member is given, want none", got)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	asked := newRequest("Make")
	asked.body = map[string]any{"Name": "abc"}
	words := found{value: "C3", indices: []int{0}, property: "words[0].name"}
	asked.fill(parsePath("Words[]"), Target{Key: true}, words)
	want := []Violation{{Property: "words[0].name", Member: "Make.Words[0] key", Says: "is C3, which does not match [a-z,]+"}}
	if diff := cmp.Diff(want, validate(smallModel(t), nil, asked, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestUnreadablePattern wants a pattern that Go cannot read to be loud.
func TestUnreadablePattern(t *testing.T) {
	t.Parallel()
	asked := newRequest("Make")
	asked.body = map[string]any{"Name": "abc", "Ahead": "ac"}
	got := validate(smallModel(t), nil, asked, nil)
	if len(got) != 1 || !strings.Contains(got[0].Says, "cannot be checked") {
		t.Errorf("got %v, want that the pattern cannot be checked", got)
	}
}

func TestCompile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{`[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*`, "an app 🍎", true},
		{`[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*`, "\x01", false},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/nodes/", true},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/nodes", false},
		{`[\w+=,.@-]+`, "orchard-app", true},
		{`[\w+=,.@-]+`, "orchard app", false},
		{`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`, "orchard dev", true},
	} {
		pattern, err := compile(test.pattern)
		if err != nil {
			t.Error(err)
		} else if got := pattern.MatchString(test.text); got != test.want {
			t.Errorf("%s and %q: got %t, want %t", test.pattern, test.text, got, test.want)
		}
	}
}
