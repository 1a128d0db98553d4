package scorecard

import "orchard/infra/internal/planned"

const (
	rolePolicyType = "aws:iam/rolePolicy:RolePolicy"
	ownPolicyType  = "aws:iam/policy:Policy"
	keyType        = "aws:kms/key:Key"
	secretType     = "aws:secretsmanager/secret:Secret"
	topicType      = "aws:sns/topic:Topic"
	attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	webACLType     = "aws:wafv2/webAcl:WebAcl"
)

// identity is the rows about who may do what, and about keys and secrets.
func identity() []Row {
	return []Row{
		{ID: "IAM.1, IAM.21", Setting: "policies allow single actions", Check: both(every(rolePolicyType, grants("policy", tooWide)), all(ownPolicyType, grants("policy", tooWide)))},
		{ID: "KMS.1, KMS.2", Setting: "policies allow decryption with named keys alone", Check: both(every(rolePolicyType, grants("policy", decryptsAll)), all(ownPolicyType, grants("policy", decryptsAll)))},
		{ID: "KMS.5", Setting: "keys are not public", Check: all(keyType, grants("policy", toOwner))},
		{ID: "SecretsManager.1, SecretsManager.2, SecretsManager.4", Setting: "secrets are rotated", Check: both(
			every(databaseType, is("manageMasterUserPassword", true)),
			all(secretType, owns("aws:secretsmanager/secretRotation:SecretRotation", "secretId")))},
		{ID: "SNS.4", Setting: "topics take messages of the account alone", Check: every(topicType, owns("aws:sns/topicPolicy:TopicPolicy", "arn", grants("policy", toServices)))},
	}
}

// sessionManager is the policy that the agent of Systems Manager needs.
const sessionManager = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"

// services is the rows about Systems Manager, WAF and ACM.
func services() []Row {
	return []Row{
		{ID: "SSM.1", Setting: "Systems Manager manages instances", Check: every(templateType, managed)},
		{ID: "SSM.2, SSM.3", Setting: "instances have their patches", Check: beyond("Compliance is of instances that run. They are never patched in place: each update asks for the newest image and replaces them.")},
		{ID: "WAF.10, WAF.12", Setting: "web ACLs have rules, with metrics", Check: all(webACLType, eachOf("rules", "visibilityConfig.cloudwatchMetricsEnabled", true))},
		{ID: "ACM.1, ACM.2", Setting: "certificates are renewed and have strong keys", Check: beyond("The certificate is made outside the stack, which names it by its ARN.")},
	}
}

// managed follows a template to its profile, the profile's role and the role's
// policies.
func managed(stack planned.Stack, template item) string {
	for _, profile := range of(stack, "aws:iam/instanceProfile:InstanceProfile") {
		if !names(input(template, "iamInstanceProfile.arn"), profile) {
			continue
		}
		for _, attachment := range of(stack, attachmentType) {
			if input(attachment, "role") == input(profile, "role") && input(attachment, "policyArn") == sessionManager {
				return ""
			}
		}
	}
	return "its role lacks " + sessionManager
}
