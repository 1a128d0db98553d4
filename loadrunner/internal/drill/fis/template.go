package fis

// Template is an experiment template.
type Template struct {
	Description    string            `json:"description"`
	Targets        map[string]Target `json:"targets"`
	Actions        map[string]Action `json:"actions"`
	StopConditions []StopCondition   `json:"stopConditions"`
	RoleARN        string            `json:"roleArn"`
	Tags           map[string]string `json:"tags"`
}

// Target says which resources an action hits.
type Target struct {
	ResourceType  string            `json:"resourceType"`
	ResourceTags  map[string]string `json:"resourceTags"`
	Filters       []Filter          `json:"filters,omitempty"`
	SelectionMode string            `json:"selectionMode"`
}

// Filter keeps the resources whose attribute has one of the values.
type Filter struct {
	Path   string   `json:"path"`
	Values []string `json:"values"`
}

// Action is one thing that is done.
type Action struct {
	ActionID   string            `json:"actionId"`
	Parameters map[string]string `json:"parameters,omitempty"`
	Targets    map[string]string `json:"targets,omitempty"` // by the name that the action gives them
	StartAfter []string          `json:"startAfter,omitempty"`
}

// StopCondition ends the experiment.
type StopCondition struct {
	Source string `json:"source"`
	Value  string `json:"value"`
}

// The resources of a stack are found by the tags that all of them have.
func tagged() map[string]string { return map[string]string{"Project": "orchard", "Stack": "${stack}"} }

func inZone(path string) []Filter { return []Filter{{path, []string{"${zone}"}}} }

var running = Filter{"State.Name", []string{"running"}}

// targets are those that actions use, by name.
var targets = map[string]Target{
	"one-instance":   {"aws:ec2:instance", tagged(), []Filter{running}, "COUNT(1)"},
	"zone-instance":  {"aws:ec2:instance", tagged(), append(inZone("Placement.AvailabilityZone"), running), "COUNT(1)"},
	"zone-instances": {"aws:ec2:instance", tagged(), append(inZone("Placement.AvailabilityZone"), running), "ALL"},
	"zone-subnets":   {"aws:ec2:subnet", tagged(), inZone("AvailabilityZone"), "ALL"},
	"groups":         {"aws:ec2:autoscaling-group", tagged(), nil, "ALL"},
	"database":       {"aws:rds:db", tagged(), nil, "ALL"},
}
