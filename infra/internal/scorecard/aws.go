package scorecard

import "slices"

// AWS is the controls of a stack on AWS, by the ids of Security Hub.
func AWS() []Row {
	return slices.Concat(elb(), autoscaling(), ec2(), rds(), s3(), identity(), services())
}
