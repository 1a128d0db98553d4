package aws

import (
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
)

// eventCategories are what RDS tells of each kind of source. Source: Amazon
// RDS user guide, event categories.
var eventCategories = map[string][]string{
	"db-instance": {
		"availability", "backup", "configuration change", "creation", "deletion", "failover", "failure", "low storage",
		"maintenance", "notification", "read replica", "recovery", "restoration", "security", "security patching",
	},
	"db-parameter-group": {"configuration change"},
	"db-security-group":  {"configuration change", "failure"},
}

// eventSubscription is recorded: nothing is told to its topic.
func eventSubscription() provider.Type {
	return provider.Type{
		Properties: properties{
			"name":            name(255, `^[A-Za-z0-9-]+$`, "letters, digits and hyphens"),
			"snsTopic":        text().Needed(),
			"sourceType":      text().OneOf("db-instance", "db-parameter-group", "db-security-group"),
			"sourceIds":       texts(),
			"eventCategories": provider.Set(text()).NoEffect(),
			"enabled":         flag().Or(true).NoEffect(),
			"tags":            tags(),
		},
		Name: autoName("name", 255), Space: "eventSubscription",
		Computed: []string{"arn", "customerAwsId", "tagsAll"},
		Moves:    tagsMove(), Check: checkSubscription, Compute: computeSubscription,
	}
}

func checkSubscription(in provider.Inputs) failures {
	known, given := eventCategories[in.Text("sourceType")]
	for _, category := range in.Texts("eventCategories") {
		if given && !slices.Contains(known, category) {
			return refuse("eventCategories", "has %q, which is no category of %s: there are %s", category, in.Text("sourceType"), strings.Join(known, ", "))
		}
	}
	return nil
}

func computeSubscription(req request) (result, error) {
	in := req.Inputs
	if _, ok := found(req.World, typeTopic, in.Text("snsTopic")+"#topic"); !ok {
		return result{}, fmt.Errorf("SNSTopicArnNotFound: The SNS topic ARN %s does not exist", in.Text("snsTopic"))
	}
	for _, id := range in.Texts("sourceIds") {
		if !isSource(req.World, id) {
			return result{}, fmt.Errorf("SourceNotFound: Could not find source: %s", id)
		}
	}
	return answer(req, in.Text("name"), map[string]any{
		"arn": arn("rds", region(req), "es:"+in.Text("name")), "customerAwsId": Account,
	}), nil
}

// isSource says whether a database or a parameter group has a name.
func isSource(w provider.World, id string) bool {
	for _, r := range w.Resources() {
		switch {
		case r.Type == typeDatabase && outs(r).Text("identifier") == id, r.Type == typeParameterGroup && outs(r).Text("name") == id:
			return true
		}
	}
	return false
}

// needMonitor refuses measurements of a database's host by a role that RDS
// may not take, or that may not write them.
func needMonitor(req request) error {
	in := req.Inputs
	if in.Int("monitoringInterval") == 0 {
		return nil
	}
	for _, role := range each(req.World.Resources(), typeRole) {
		o := outs(role)
		if o.Text("arn") == in.Text("monitoringRoleArn") && lets(o.Text("assumeRolePolicy"), "monitoring.rds.amazonaws.com", "sts:AssumeRole") && attached(req.World, o.Text("name"), monitoringPolicy) {
			return nil
		}
	}
	return fmt.Errorf("InvalidParameterValue: IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING")
}

const monitoringPolicy = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"

// attached says whether a role has one of AWS's own policies.
func attached(w provider.World, role, policy string) bool {
	for _, r := range each(w.Resources(), typeAttachment) {
		if outs(r).Text("role") == role && outs(r).Text("policyArn") == policy {
			return true
		}
	}
	return false
}
