package awsstack

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// declareRunnerIdentity is who a node is: it may read the runner's releases
// and its write token, and put results. It may neither read nor list results,
// and Session Manager does not reach it.
func declareRunnerIdentity(s scope, store runnerStore) (identity, error) {
	role, profile, err := declareRole(s, "node", "A node of the load runner.")
	if err != nil {
		return identity{}, err
	}
	may := func(action, below string) pulumi.StringOutput {
		return store.bucket.Arn.ApplyT(func(bucket string) (string, error) {
			return policy(allow(action, bucket+"/"+below))
		}).(pulumi.StringOutput)
	}
	grants, err := grantAll(s, role, []grant{
		{"read-release", store.bucket.Arn.ApplyT(readReleases).(pulumi.StringOutput)},
		{"read-token", may("s3:GetObject", store.tokenKey)},
		{"put-results", may("s3:PutObject", store.resultsPrefix+"/*")},
	})
	return identity{profile, grants}, err
}
