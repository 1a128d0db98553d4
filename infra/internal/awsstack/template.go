package awsstack

import (
	"encoding/base64"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// machine is what differs between the instances of one role and of another.
type machine struct {
	name, description   string
	image, instanceType string
	userData            pulumi.StringOutput
	profile             *iam.InstanceProfile
	group               *ec2.SecurityGroup
	// public gives each instance a public address.
	public bool
}

// declareTemplate is what every instance of a group is made from.
func declareTemplate(s scope, m machine) (*ec2.LaunchTemplate, error) {
	return ec2.NewLaunchTemplate(s.Context, m.name, &ec2.LaunchTemplateArgs{
		Description:          pulumi.String(m.description),
		ImageId:              pulumi.String(m.image),
		InstanceType:         pulumi.String(m.instanceType),
		UpdateDefaultVersion: pulumi.Bool(true),
		UserData:             m.userData,
		IamInstanceProfile:   ec2.LaunchTemplateIamInstanceProfileArgs{Arn: m.profile.Arn},
		Monitoring:           ec2.LaunchTemplateMonitoringArgs{Enabled: pulumi.Bool(true)},
		MetadataOptions: ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
		},
		NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{ec2.LaunchTemplateNetworkInterfaceArgs{
			DeviceIndex:              pulumi.Int(0),
			AssociatePublicIpAddress: pulumi.String(strconv.FormatBool(m.public)),
			DeleteOnTermination:      pulumi.String("true"),
			SecurityGroups:           pulumi.StringArray{m.group.ID()},
		}},
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String("/dev/xvda"),
			Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType:          pulumi.String("gp3"),
				VolumeSize:          pulumi.Int(8),
				Encrypted:           pulumi.String("true"),
				DeleteOnTermination: pulumi.String("true"),
			},
		}},
		TagSpecifications: ec2.LaunchTemplateTagSpecificationArray{
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("instance"), Tags: s.named(m.name)},
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("volume"), Tags: s.named(m.name)},
		},
		Tags: s.named(m.name),
	}, s.on)
}

func encode(script string) string { return base64.StdEncoding.EncodeToString([]byte(script)) }
