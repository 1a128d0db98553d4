package aws

import (
	"fmt"
	"strings"
	"time"

	"orchard/localcloud/internal/provider"
)

const (
	likeIAMName   = `^[\w+=,.@-]+$`
	sayingIAMName = "letters, digits and +=,.@_-"
)

func identityTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeRole: {
			Properties: properties{
				"name":                name(64, likeIAMName, sayingIAMName),
				"assumeRolePolicy":    provider.Document().Needed(),
				"description":         text().Length(0, 1000).NoEffect(),
				"path":                text().Or("/").Replaces().Like(`^/(.*/)?$`, "a path that begins and ends with /"),
				"maxSessionDuration":  integer().Or(3600.0).Between(3600, 43200).NoEffect(),
				"forceDetachPolicies": flag().Or(false).NoEffect(),
				"tags":                tags(),
			},
			Name: autoName("name", 64), Space: "role",
			Computed: []string{"arn", "createDate", "tagsAll", "uniqueId"},
			Moves:    tagsMove(), Compute: computeRole, Leave: leaveRole,
		},
		typeRolePolicy: {
			Properties: properties{
				"name":   name(128, likeIAMName, sayingIAMName),
				"role":   text().Needed().Replaces(),
				"policy": provider.Document().Needed(),
			},
			Name: autoName("name", 128), Space: "rolePolicy",
			Compute: computeRolePolicy,
		},
		typeAttachment: {
			Properties: properties{"role": text().Needed().Replaces(), "policyArn": text().Needed().Replaces()},
			Space:      "attachment",
			Compute:    computeAttachment,
		},
		typeInstanceProfile: {
			Properties: properties{
				"name": name(128, likeIAMName, sayingIAMName),
				"path": text().Or("/").Replaces().Like(`^/(.*/)?$`, "a path that begins and ends with /"),
				"role": text(),
				"tags": tags(),
			},
			Name: autoName("name", 128), Space: "instanceProfile",
			Computed: []string{"arn", "createDate", "tagsAll", "uniqueId"},
			Moves:    tagsMove(), Compute: computeInstanceProfile,
		},
	}
}

func computeRole(req request) (result, error) {
	role := req.Inputs.Text("name")
	if req.Prev == nil {
		if _, ok := found(req.World, typeRole, role+"#role"); ok {
			return result{}, fmt.Errorf("EntityAlreadyExists: Role with name %s already exists", role)
		}
	}
	return answer(req, role, map[string]any{
		"arn":        "arn:aws:iam::" + Account + ":role" + req.Inputs.Text("path") + role,
		"createDate": kept(req, "createDate", now),
		"uniqueId":   kept(req, "uniqueId", func() string { return "AROA" + strings.ToUpper(hexes(17)) }),
	}), nil
}

// now is the time in the form of AWS's answers.
func now() string { return time.Now().UTC().Format(time.RFC3339) }

func leaveRole(req request) error {
	role := outs(*req.Prev).Text("name")
	for _, r := range req.World.Resources() {
		if outs(r).Text("role") != role {
			continue
		}
		switch r.Type {
		case typeRolePolicy:
			return fmt.Errorf("DeleteConflict: Cannot delete entity, must delete policies first: %s", r.ID)
		case typeAttachment:
			return fmt.Errorf("DeleteConflict: Cannot delete entity, must detach all policies first: %s", outs(r).Text("policyArn"))
		case typeInstanceProfile:
			return fmt.Errorf("DeleteConflict: Cannot delete entity, must remove roles from instance profile first: %s", outs(r).Text("name"))
		}
	}
	return nil
}

func computeRolePolicy(req request) (result, error) {
	role, err := needRole(req.World, req.Inputs.Text("role"))
	if err != nil {
		return result{}, err
	}
	if err := checkPolicy(req.Inputs.Text("policy")); err != nil {
		return result{}, err
	}
	return answer(req, outs(role).Text("name")+":"+req.Inputs.Text("name"), map[string]any{}), nil
}

// managed are the policies of AWS's own that a role can be given here. What
// they allow is about services that localcloud has none of.
var managed = map[string]string{
	"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:*","ssmmessages:*","ec2messages:*"],"Resource":"*"}]}`,
	monitoringPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*"],"Resource":"*"}]}`,
	"arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudwatch:PutMetricData","logs:*"],"Resource":"*"}]}`,
}

func computeAttachment(req request) (result, error) {
	role, err := needRole(req.World, req.Inputs.Text("role"))
	if err != nil {
		return result{}, err
	}
	policy := req.Inputs.Text("policyArn")
	if managed[policy] == "" {
		return result{}, fmt.Errorf("NoSuchEntity: Policy %s does not exist or is not attachable; localcloud does not know it", policy)
	}
	name := outs(role).Text("name")
	return answer(req, keptID(req, func() string { return name + "-" + provider.Digest(policy)[:26] }), map[string]any{}), nil
}

func computeInstanceProfile(req request) (result, error) {
	profile := req.Inputs.Text("name")
	if role := req.Inputs.Text("role"); role != "" {
		if _, err := needRole(req.World, role); err != nil {
			return result{}, err
		}
	}
	return answer(req, profile, map[string]any{
		"arn":        "arn:aws:iam::" + Account + ":instance-profile" + req.Inputs.Text("path") + profile,
		"createDate": kept(req, "createDate", now),
		"uniqueId":   kept(req, "uniqueId", func() string { return "AIPA" + strings.ToUpper(hexes(17)) }),
	}), nil
}
