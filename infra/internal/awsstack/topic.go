package awsstack

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The service that sends alarms, and how long a key that was given up can be
// had back.
const (
	alarmSender   = "cloudwatch.amazonaws.com"
	keyWindowDays = 7
)

// declareTopic is where alarms are told. It has a key of its own, because
// CloudWatch may not use the one that SNS brings, and would fail in silence.
func declareTopic(s scope, db database) (*sns.Topic, error) {
	key, err := kms.NewKey(s.Context, "alarms", &kms.KeyArgs{
		Description:          pulumi.String("Messages of alarms."),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(keyWindowDays),
		Policy:               db.instance.Arn.ApplyT(useKey).(pulumi.StringOutput),
		Tags:                 s.named("alarms"),
	}, s.on)
	if err != nil {
		return nil, err
	}
	topic, err := sns.NewTopic(s.Context, "alarms", &sns.TopicArgs{
		DisplayName:    pulumi.String("Orchard " + s.stack),
		KmsMasterKeyId: key.Arn,
		Tags:           s.named("alarms"),
	}, s.on)
	if err != nil {
		return nil, err
	}
	_, err = sns.NewTopicPolicy(s.Context, "alarms", &sns.TopicPolicyArgs{
		Arn: topic.Arn,
		Policy: pulumi.All(topic.Arn, db.instance.Arn).ApplyT(func(values []any) (string, error) {
			return publish(values[0].(string), values[1].(string))
		}).(pulumi.StringOutput),
	}, s.on)
	return topic, err
}

// useKey lets the account administer the key, and the sender use it for the
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
			Effect: "Allow", Principal: map[string]string{"Service": alarmSender},
			Action: []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resource: everything, Condition: ofAccount(account),
		},
	)
}

// publish lets the sender publish for the account, and nobody without TLS.
func publish(topic, server string) (string, error) {
	account, err := accountOf(server)
	if err != nil {
		return "", err
	}
	return policy(
		statement{
			Effect: "Allow", Principal: map[string]string{"Service": alarmSender},
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
