package bootstrap

import "fmt"

// AWSRunner is what the script needs on an EC2 instance that sends load.
type AWSRunner struct {
	Runner
	Region string
	// Bucket holds the release under Key, the token, and the results below
	// ResultsPrefix, which ends without a slash.
	Bucket, Key, ResultsPrefix string
}

// Render gives the user-data, not yet in base64. It fails when a value could
// not stand in the script as it is, or when the script is above MaxBytes.
func (a AWSRunner) Render() (string, error) {
	err := a.check(
		field{"region", a.Region},
		field{"bucket", a.Bucket},
		field{"key", a.Key},
		field{"results prefix", a.ResultsPrefix},
	)
	if err != nil {
		return "", err
	}
	script, err := render(a, "head.sh", "aws-metadata.sh", "aws-fetch.sh", "install.sh", "aws-token.sh",
		"runner-environment.sh", "aws-upload.sh", "runner-run.sh", "runner-units.sh")
	if err != nil {
		return "", fmt.Errorf("render AWS runner's user-data: %w", err)
	}
	return script, nil
}

// Results is the address that a node's name is added to.
func (a AWSRunner) Results() string { return "s3://" + a.Bucket + "/" + a.ResultsPrefix }

// Relaxed is the part of the hardening that the AWS command line cannot bear:
// it is Python, whose foreign functions may ask for memory that is both
// written and run.
func (AWSRunner) Relaxed() []string { return []string{"MemoryDenyWriteExecute=no"} }
