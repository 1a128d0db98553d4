// Package faults reads the experiment templates that the load runner compiles
// from its drills for AWS Fault Injection Service (loadrunner drill compile).
//
// The files in fis are copies of those in loadrunner/drills/fis, because
// modules do not import each other and a program embeds only what lies in its
// own; a test holds the copies to the originals, byte for byte.
//
// What surprises: a template that names ${zone} is there once for each zone,
// because a target chooses by a zone's name and cannot be told one when the
// experiment starts. ${alarm} and ${role} are left for the stack, which has
// both as resources.
package faults

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed fis/*.json
var files embed.FS

// Template is one experiment, in the words of the service's API.
type Template struct {
	// Name is the drill's, with the zone's after it where there is one.
	Name           string            `json:"-"`
	Description    string            `json:"description"`
	Targets        map[string]Target `json:"targets"`
	Actions        map[string]Action `json:"actions"`
	StopConditions []StopCondition   `json:"stopConditions"`
	RoleARN        string            `json:"roleArn"`
	Tags           map[string]string `json:"tags"`
}

// Target is what actions find in the account by its tags.
type Target struct {
	ResourceType  string            `json:"resourceType"`
	ResourceTags  map[string]string `json:"resourceTags"`
	Filters       []Filter          `json:"filters"`
	SelectionMode string            `json:"selectionMode"`
}

// Filter narrows a target by an attribute of the resources.
type Filter struct {
	Path   string   `json:"path"`
	Values []string `json:"values"`
}

// Action is one thing that is done. Its targets have one entry at most, from
// the key that the service knows to the name of a target.
type Action struct {
	ActionID   string            `json:"actionId"`
	Parameters map[string]string `json:"parameters"`
	Targets    map[string]string `json:"targets"`
	StartAfter []string          `json:"startAfter"`
}

// StopCondition ends the experiment.
type StopCondition struct {
	Source string `json:"source"`
	Value  string `json:"value"`
}

// Templates are all templates of a stack, in the order of their names. It
// refuses a file that holds what Template does not know.
func Templates(stack string, zones []string) ([]Template, error) {
	entries, err := files.ReadDir("fis")
	if err != nil {
		return nil, fmt.Errorf("list fault templates: %w", err)
	}
	var all []Template
	for _, entry := range entries {
		text, err := files.ReadFile("fis/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read fault template: %w", err)
		}
		drill := strings.TrimSuffix(entry.Name(), ".json")
		for _, zone := range zonesOf(string(text), zones) {
			template, err := decode(text, stack, zone)
			if err != nil {
				return nil, fmt.Errorf("read fault template %s: %w", drill, err)
			}
			template.Name = strings.TrimSuffix(drill+"-"+zone, "-")
			all = append(all, template)
		}
	}
	return all, nil
}

// zonesOf is one nameless zone for a template that names none.
func zonesOf(text string, zones []string) []string {
	if strings.Contains(text, "${zone}") {
		return zones
	}
	return []string{""}
}

// decode fills in the names, which are of letters, digits and hyphens and so
// need no quoting in JSON.
func decode(text []byte, stack, zone string) (Template, error) {
	filled := strings.NewReplacer("${stack}", stack, "${zone}", zone).Replace(string(text))
	decoder := json.NewDecoder(bytes.NewReader([]byte(filled)))
	decoder.DisallowUnknownFields()
	var template Template
	err := decoder.Decode(&template)
	return template, err
}
