package aws_test

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// watch is what tells of the service and what is ready to break it.
func (s *stack) watch(balancer *thing) {
	key := s.add("aws:kms/key:Key", "alarms", pulumi.Map{"enableKeyRotation": pulumi.Bool(true)})
	topic := s.add("aws:sns/topic:Topic", "alarms", pulumi.Map{"kmsMasterKeyId": key.Arn})
	s.add("aws:sns/topicPolicy:TopicPolicy", "alarms", pulumi.Map{
		"arn":    topic.Arn,
		"policy": pulumi.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"%s"}]}`, topic.Arn),
	})
	alarm := s.add("aws:cloudwatch/metricAlarm:MetricAlarm", "errors", pulumi.Map{
		"comparisonOperator": pulumi.String("GreaterThanThreshold"), "threshold": pulumi.Float64(1), "evaluationPeriods": pulumi.Int(3),
		"alarmActions": pulumi.Array{topic.Arn},
		"metricQueries": pulumi.Array{pulumi.Map{
			"id": pulumi.String("m1"), "returnData": pulumi.Bool(true),
			"metric": pulumi.Map{
				"namespace": pulumi.String("AWS/ApplicationELB"), "metricName": pulumi.String("HTTPCode_ELB_5XX_Count"), "stat": pulumi.String("Sum"),
				"period": pulumi.Int(60), "dimensions": pulumi.Map{"LoadBalancer": balancer.ArnSuffix},
			},
		}},
	})
	s.add("aws:cloudwatch/dashboard:Dashboard", "service", pulumi.Map{
		"dashboardName": pulumi.String("service"),
		"dashboardBody": pulumi.Sprintf(`{"widgets":[{"type":"alarm","width":24,"height":3,"properties":{"alarms":["%s"]}}]}`, alarm.Arn),
	})
	faults := s.add("aws:iam/role:Role", "faults", pulumi.Map{
		"assumeRolePolicy": pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"fis.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
	})
	s.add("aws:fis/experimentTemplate:ExperimentTemplate", "instance-kill", pulumi.Map{
		"description": pulumi.String("An instance ends."), "roleArn": faults.Arn,
		"actions": pulumi.Array{pulumi.Map{
			"name": pulumi.String("terminate"), "actionId": pulumi.String("aws:ec2:terminate-instances"),
			"target": pulumi.Map{"key": pulumi.String("Instances"), "value": pulumi.String("one")},
		}},
		"targets": pulumi.Array{pulumi.Map{
			"name": pulumi.String("one"), "resourceType": pulumi.String("aws:ec2:instance"), "selectionMode": pulumi.String("COUNT(1)"),
			"resourceTags": pulumi.Array{pulumi.Map{"key": pulumi.String("Project"), "value": pulumi.String("orchard")}},
		}},
		"stopConditions": pulumi.Array{pulumi.Map{"source": pulumi.String("aws:cloudwatch:alarm"), "value": alarm.Arn}},
	})
}
