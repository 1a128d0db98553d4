package awsstack

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// senders are the services that tell something: CloudWatch its alarms, RDS what
// happens to the database.
var senders = map[string][]string{"Service": {"cloudwatch.amazonaws.com", "events.rds.amazonaws.com"}}

// keyWindowDays is how long a key that was given up can be had back.
const keyWindowDays = 7

// topic is where alarms and events are told.
type topic struct {
	*sns.Topic
	// permit must exist before a service is given the topic.
	permit pulumi.Resource
}

// declareTopic has a key of its own, because the senders may not use the one
// that SNS brings, and would fail in silence.
func declareTopic(s scope, db database) (topic, error) {
	key, err := kms.NewKey(s.Context, "alarms", &kms.KeyArgs{
		Description:          pulumi.String("Messages of alarms."),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(keyWindowDays),
		Policy:               db.instance.Arn.ApplyT(useKey).(pulumi.StringOutput),
		Tags:                 s.named("alarms"),
	}, s.on)
	if err != nil {
		return topic{}, err
	}
	declared, err := sns.NewTopic(s.Context, "alarms", &sns.TopicArgs{
		DisplayName:    pulumi.String("Orchard " + s.stack),
		KmsMasterKeyId: key.Arn,
		Tags:           s.named("alarms"),
	}, s.on)
	if err != nil {
		return topic{}, err
	}
	permit, err := sns.NewTopicPolicy(s.Context, "alarms", &sns.TopicPolicyArgs{
		Arn: declared.Arn,
		Policy: pulumi.All(declared.Arn, db.instance.Arn).ApplyT(func(values []any) (string, error) {
			return publish(values[0].(string), values[1].(string))
		}).(pulumi.StringOutput),
	}, s.on)
	return topic{declared, permit}, err
}

// useKey lets the account administer the key, and the senders use it for the
// account.
func useKey(server string) (string, error) {
	account, err := accountOf(server)
	if err != nil {
		return "", err
	}
	everything := []string{"*"} // of a key's policy, this key
	return policy(
		statement{
			Effect: "Allow", Principal: map[string]string{"AWS": fmt.Sprintf("arn:aws:iam::%s:root", account)},
			Action: []string{"kms:*"}, Resource: everything,
		},
		statement{
			Effect: "Allow", Principal: senders,
			Action: []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resource: everything, Condition: ofAccount(account),
		},
	)
}

// publish lets the senders publish for the account, and nobody without TLS.
func publish(topic, server string) (string, error) {
	account, err := accountOf(server)
	if err != nil {
		return "", err
	}
	return policy(
		statement{
			Effect: "Allow", Principal: senders,
			Action: []string{"sns:Publish"}, Resource: []string{topic}, Condition: ofAccount(account),
		},
		statement{
			Effect: "Deny", Principal: map[string]string{"AWS": "*"},
			Action: []string{"sns:Publish"}, Resource: []string{topic},
			Condition: map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}},
		},
	)
}

// ofAccount holds a service to what it does for the account.
func ofAccount(account string) map[string]map[string]string {
	return map[string]map[string]string{"StringEquals": {"aws:SourceAccount": account}}
}
