package awsstack

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
)

// identity is who an application instance is: it may read releases, sign in
// to the database as the application's role, read the master role's secret
// for the migration, complete its group's launch hook, and be reached by
// Session Manager. Nothing else.
type identity struct {
	profile *iam.InstanceProfile
	// grants must exist before an instance can use them.
	grants []pulumi.Resource
}

const sessionManagerPolicy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"

func declareIdentity(s scope, region string, groups []string, store releaseStore, db database) (identity, error) {
	role, profile, err := declareRole(s, "app", "An application instance.")
	if err != nil {
		return identity{}, err
	}
	grants, err := declareGrants(s, role, region, groups, store, db)
	return identity{profile, grants}, err
}

// declareRole is a role that instances have, and the profile that gives it to
// them.
func declareRole(s scope, name, description string) (*iam.Role, *iam.InstanceProfile, error) {
	trust, err := policy(statement{
		Effect:    "Allow",
		Principal: map[string]string{"Service": "ec2.amazonaws.com"},
		Action:    []string{"sts:AssumeRole"},
	})
	if err != nil {
		return nil, nil, err
	}
	role, err := iam.NewRole(s.Context, name, &iam.RoleArgs{
		Description:      pulumi.String(description),
		AssumeRolePolicy: pulumi.String(trust),
		Tags:             s.named(name),
	}, s.on)
	if err != nil {
		return nil, nil, err
	}
	profile, err := iam.NewInstanceProfile(s.Context, name, &iam.InstanceProfileArgs{
		Role: role.Name, Tags: s.named(name),
	}, s.on)
	return role, profile, err
}

func declareGrants(s scope, role *iam.Role, region string, groups []string, store releaseStore, db database) ([]pulumi.Resource, error) {
	documents := []grant{
		{"read-release", store.bucket.Arn.ApplyT(readReleases).(pulumi.StringOutput)},
		{"connect-database", pulumi.All(db.instance.Arn, db.instance.ResourceId).ApplyT(func(values []any) (string, error) {
			return connectDatabase(region, values[0].(string), values[1].(string))
		}).(pulumi.StringOutput)},
		{"read-master-secret", db.masterSecret.ApplyT(readSecret).(pulumi.StringOutput)},
		{"complete-launch-hook", db.instance.Arn.ApplyT(func(server string) (string, error) {
			return completeHooks(region, server, groups)
		}).(pulumi.StringOutput)},
	}
	grants, err := grantAll(s, role, documents)
	if err != nil {
		return nil, err
	}
	session, err := iam.NewRolePolicyAttachment(s.Context, "session-manager", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(sessionManagerPolicy),
	}, s.on)
	return append(grants, session), err
}

// grant is one policy of a role, by its name in the program.
type grant struct {
	name     string
	document pulumi.StringOutput
}

func grantAll(s scope, role *iam.Role, grants []grant) ([]pulumi.Resource, error) {
	var declared []pulumi.Resource
	for _, g := range grants {
		policy, err := iam.NewRolePolicy(s.Context, g.name, &iam.RolePolicyArgs{Role: role.Name, Policy: g.document}, s.on)
		if err != nil {
			return nil, err
		}
		declared = append(declared, policy)
	}
	return declared, nil
}

// readReleases covers all releases of the bucket: while the fleet changes
// from one to the next, instances of either may boot.
func readReleases(bucket string) (string, error) {
	return policy(allow("s3:GetObject", bucket+"/"+release.KeyPrefix+"*"))
}

func readSecret(secret string) (string, error) {
	return policy(allow("secretsmanager:GetSecretValue", secret))
}

// completeHooks names the groups by their names alone: they do not exist yet,
// and the id in a group's ARN is the cloud's to choose.
func completeHooks(region, server string, groups []string) (string, error) {
	account, err := accountOf(server)
	if err != nil {
		return "", err
	}
	arns := make([]string, len(groups))
	for i, group := range groups {
		arns[i] = fmt.Sprintf("arn:aws:autoscaling:%s:%s:autoScalingGroup:*:autoScalingGroupName/%s", region, account, group)
	}
	return policy(allow("autoscaling:CompleteLifecycleAction", arns...))
}

// connectDatabase names the role by the server's resource id.
func connectDatabase(region, server, resourceID string) (string, error) {
	account, err := accountOf(server)
	if err != nil {
		return "", err
	}
	return policy(allow("rds-db:connect", fmt.Sprintf("arn:aws:rds-db:%s:%s:dbuser:%s/%s", region, account, resourceID, appRole)))
}

// accountOf is the account in a database server's ARN,
// arn:aws:rds:REGION:ACCOUNT:db:NAME.
func accountOf(server string) (string, error) {
	fields := strings.Split(server, ":")
	if len(fields) != 7 {
		return "", fmt.Errorf("read account of database: %q is not the ARN of a database", server)
	}
	return fields[4], nil
}
