package bootstrap

import "fmt"

// AWS is what the script needs on an EC2 instance.
type AWS struct {
	Service
	Region string
	// Bucket and Key say where the release is.
	Bucket, Key string
	// MasterSecret is the ARN of the secret that RDS keeps for the master role.
	MasterSecret string
	// Group is the name of the instance's scaling group, to which its zone is
	// added where GroupPerZone says so. Hook is the launch hook of each group,
	// which the script completes.
	Group, Hook  string
	GroupPerZone bool
}

// Render gives the user-data, not yet in base64. It fails when a value could
// not stand in the script as it is, or when the script is above MaxBytes.
func (a AWS) Render() (string, error) {
	err := a.check(
		field{"region", a.Region},
		field{"bucket", a.Bucket},
		field{"key", a.Key},
		field{"master secret", a.MasterSecret},
		field{"group", a.Group},
		field{"hook", a.Hook},
	)
	if err != nil {
		return "", err
	}
	script, err := render(a, "head.sh", "aws-metadata.sh", "aws-hook.sh", "aws-fetch.sh", "aws-authority.sh", "environment.sh", "units.sh", "install.sh", "start.sh", "gate.sh", "aws-ready.sh")
	if err != nil {
		return "", fmt.Errorf("render AWS user-data: %w", err)
	}
	return script, nil
}

// StateDirectory is empty: the service keeps nothing.
func (AWS) StateDirectory() string { return "" }

// ServiceEnvironment is what the service is told on this cloud alone.
func (a AWS) ServiceEnvironment() []string {
	return []string{"ORCHARD_DATABASE_AUTH=aws-iam", "AWS_REGION=" + a.Region}
}

// MigrationEnvironment is what the migration is told on this cloud alone.
func (a AWS) MigrationEnvironment() []string {
	return []string{
		"ORCHARD_DATABASE_AUTH=aws-secret", "ORCHARD_DATABASE_SECRET=" + a.MasterSecret, "AWS_REGION=" + a.Region,
	}
}
