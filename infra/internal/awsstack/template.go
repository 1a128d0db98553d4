package awsstack

import (
	"encoding/base64"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// declareTemplate is what every instance of a group is made from.
func declareTemplate(s scope, set settings.Settings, image string, p parts) (*ec2.LaunchTemplate, error) {
	return ec2.NewLaunchTemplate(s.Context, "app", &ec2.LaunchTemplateArgs{
		Description:          pulumi.String("An application instance."),
		ImageId:              pulumi.String(image),
		InstanceType:         pulumi.String(set.Fleet.InstanceType),
		UpdateDefaultVersion: pulumi.Bool(true),
		UserData:             userData(set, p),
		IamInstanceProfile:   ec2.LaunchTemplateIamInstanceProfileArgs{Arn: p.identity.profile.Arn},
		Monitoring:           ec2.LaunchTemplateMonitoringArgs{Enabled: pulumi.Bool(true)},
		MetadataOptions: ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
		},
		NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{ec2.LaunchTemplateNetworkInterfaceArgs{
			DeviceIndex:              pulumi.Int(0),
			AssociatePublicIpAddress: pulumi.String("false"),
			DeleteOnTermination:      pulumi.String("true"),
			SecurityGroups:           pulumi.StringArray{p.security.app.ID()},
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
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("instance"), Tags: s.named("app")},
			ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String("volume"), Tags: s.named("app")},
		},
		Tags: s.named("app"),
	}, s.on)
}

func encode(script string) string { return base64.StdEncoding.EncodeToString([]byte(script)) }
