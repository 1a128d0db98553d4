package aws_test

import (
	"encoding/base64"
	"fmt"
	"runtime"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const region = "eu-central-1"

// thing is any resource; the outputs are those that programs read.
type thing struct {
	pulumi.CustomResourceState

	Arn           pulumi.StringOutput `pulumi:"arn"`
	ArnSuffix     pulumi.StringOutput `pulumi:"arnSuffix"`
	Name          pulumi.StringOutput `pulumi:"name"`
	DNSName       pulumi.StringOutput `pulumi:"dnsName"`
	Address       pulumi.StringOutput `pulumi:"address"`
	Endpoint      pulumi.StringOutput `pulumi:"endpoint"`
	Bucket        pulumi.StringOutput `pulumi:"bucket"`
	LatestVersion pulumi.IntOutput    `pulumi:"latestVersion"`
	ResourceID    pulumi.StringOutput `pulumi:"resourceId"`
	DefaultACL    pulumi.StringOutput `pulumi:"defaultNetworkAclId"`
	Secrets       pulumi.ArrayOutput  `pulumi:"masterUserSecrets"`
}

// program is a whole stack as the infrastructure program declares it, by type
// token. The fields are what a test changes between runs.
type program struct {
	script       string
	release      string // path of a file
	targetPort   int
	checkSeconds int
	minSize      int
	noListener   bool
}

// stack declares resources one after the other and remembers the first error.
type stack struct {
	ctx *pulumi.Context
	on  pulumi.ResourceOption
	err error
}

func (s *stack) add(typ, name string, args pulumi.Map, opts ...pulumi.ResourceOption) *thing {
	r := &thing{}
	if s.err == nil {
		s.err = s.ctx.RegisterResource(typ, name, args, r, append(opts, s.on, pulumi.Version("6.83.0"))...)
	}
	return r
}

func instanceType() string {
	if runtime.GOARCH == "arm64" {
		return "t4g.small"
	}
	return "t3.small"
}

func (p program) run(ctx *pulumi.Context) error {
	provider := &pulumi.ProviderResourceState{}
	err := ctx.RegisterResource("pulumi:providers:aws", "aws", pulumi.Map{
		"region":      pulumi.String(region),
		"defaultTags": pulumi.Map{"tags": pulumi.StringMap{"Project": pulumi.String("orchard")}},
	}, provider, pulumi.Version("6.83.0"))
	if err != nil {
		return err
	}
	s := &stack{ctx: ctx, on: pulumi.Provider(provider)}
	n := s.network()
	p.service(s, n)
	return s.err
}

// network is what the service stands on.
type network struct {
	vpc                           *thing
	public, app, database         pulumi.StringArray
	balancerSG, appSG, databaseSG *thing
	ready                         []pulumi.Resource
}

func (s *stack) network() network {
	n := network{vpc: s.add("aws:ec2/vpc:Vpc", "network", pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")})}
	id := n.vpc.ID()
	gateway := s.add("aws:ec2/internetGateway:InternetGateway", "internet", pulumi.Map{"vpcId": id})
	s.add("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "closed", pulumi.Map{"vpcId": id})
	publicTable := s.add("aws:ec2/routeTable:RouteTable", "public", pulumi.Map{"vpcId": id})
	publicRoute := s.add("aws:ec2/route:Route", "public", pulumi.Map{
		"routeTableId": publicTable.ID(), "destinationCidrBlock": pulumi.String("0.0.0.0/0"), "gatewayId": gateway.ID(),
	})
	n.ready = append(n.ready, publicRoute)
	for i, letter := range []string{"a", "b", "c"} {
		zone := region + letter
		public, app, database := s.subnet(id, "public-"+zone, zone, i), s.subnet(id, "app-"+zone, zone, i+4), s.subnet(id, "database-"+zone, zone, i+8)
		n.ready = append(n.ready, s.associate("public-"+zone, publicTable, public))
		eip := s.add("aws:ec2/eip:Eip", "nat-"+zone, pulumi.Map{"domain": pulumi.String("vpc")}, pulumi.DependsOn([]pulumi.Resource{gateway}))
		nat := s.add("aws:ec2/natGateway:NatGateway", "nat-"+zone, pulumi.Map{"allocationId": eip.ID(), "subnetId": public.ID()}, pulumi.DependsOn([]pulumi.Resource{gateway}))
		table := s.add("aws:ec2/routeTable:RouteTable", "app-"+zone, pulumi.Map{"vpcId": id})
		route := s.add("aws:ec2/route:Route", "app-"+zone, pulumi.Map{
			"routeTableId": table.ID(), "destinationCidrBlock": pulumi.String("0.0.0.0/0"), "natGatewayId": nat.ID(),
		})
		n.ready = append(n.ready, route, s.associate("app-"+zone, table, app))
		n.public, n.app, n.database = append(n.public, public.ID()), append(n.app, app.ID()), append(n.database, database.ID())
	}
	s.security(&n)
	s.lists(n)
	return n
}

// lists puts the database's subnets behind a network ACL of their own.
func (s *stack) lists(n network) {
	entry := func(number int, from, to pulumi.Int) pulumi.Map {
		return pulumi.Map{
			"ruleNo": pulumi.Int(number), "action": pulumi.String("allow"), "protocol": pulumi.String("tcp"),
			"cidrBlock": pulumi.String("10.0.0.0/16"), "fromPort": from, "toPort": to,
		}
	}
	acl := s.add("aws:ec2/networkAcl:NetworkAcl", "database", pulumi.Map{
		"vpcId": n.vpc.ID(), "subnetIds": pulumi.StringArray{n.database[0], n.database[1]}, "egress": pulumi.Array{entry(100, 32768, 60999)},
	})
	n.ready = append(n.ready, acl,
		s.add("aws:ec2/networkAclRule:NetworkAclRule", "database-app", pulumi.Map{
			"networkAclId": acl.ID(), "ruleNumber": pulumi.Int(100), "ruleAction": pulumi.String("allow"), "protocol": pulumi.String("tcp"),
			"cidrBlock": pulumi.String("10.0.0.0/16"), "fromPort": pulumi.Int(5432), "toPort": pulumi.Int(5432),
		}),
		s.add("aws:ec2/networkAclAssociation:NetworkAclAssociation", "database", pulumi.Map{"networkAclId": acl.ID(), "subnetId": n.database[2]}),
		s.add("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", "open", pulumi.Map{
			"defaultNetworkAclId": n.vpc.DefaultACL, "ingress": pulumi.Array{everything}, "egress": pulumi.Array{everything},
		}))
}

var everything = pulumi.Map{
	"ruleNo": pulumi.Int(100), "action": pulumi.String("allow"), "protocol": pulumi.String("-1"),
	"cidrBlock": pulumi.String("0.0.0.0/0"), "fromPort": pulumi.Int(0), "toPort": pulumi.Int(0),
}

func (s *stack) subnet(vpc pulumi.IDOutput, name, zone string, place int) *thing {
	return s.add("aws:ec2/subnet:Subnet", name, pulumi.Map{
		"vpcId": vpc, "availabilityZone": pulumi.String(zone), "cidrBlock": pulumi.Sprintf("10.0.%d.0/20", place*16),
	})
}

func (s *stack) associate(name string, table, subnet *thing) *thing {
	return s.add("aws:ec2/routeTableAssociation:RouteTableAssociation", name, pulumi.Map{"routeTableId": table.ID(), "subnetId": subnet.ID()})
}

func (s *stack) security(n *network) {
	group := func(name string) *thing {
		return s.add("aws:ec2/securityGroup:SecurityGroup", name, pulumi.Map{"vpcId": n.vpc.ID(), "description": pulumi.String(name)})
	}
	n.balancerSG, n.appSG, n.databaseSG = group("balancer"), group("app"), group("database")
	rule := func(direction, name string, own *thing, peerKey string, peer pulumi.Input, port int) {
		typ := fmt.Sprintf("aws:vpc/securityGroup%sRule:SecurityGroup%sRule", direction, direction)
		n.ready = append(n.ready, s.add(typ, name, pulumi.Map{
			"securityGroupId": own.ID(), "ipProtocol": pulumi.String("tcp"), "fromPort": pulumi.Int(port), "toPort": pulumi.Int(port), peerKey: peer,
		}))
	}
	const group1, cidr = "referencedSecurityGroupId", "cidrIpv4"
	rule("Ingress", "balancer-clients", n.balancerSG, cidr, pulumi.String("0.0.0.0/0"), 8080)
	rule("Egress", "balancer-app", n.balancerSG, group1, n.appSG.ID(), 8080)
	rule("Ingress", "app-balancer", n.appSG, group1, n.balancerSG.ID(), 8080)
	rule("Egress", "app-services", n.appSG, cidr, pulumi.String("0.0.0.0/0"), 443)
	rule("Egress", "app-database", n.appSG, group1, n.databaseSG.ID(), 5432)
	rule("Ingress", "database-app", n.databaseSG, group1, n.appSG.ID(), 5432)
}

func (p program) service(s *stack, n network) {
	bucket := s.add("aws:s3/bucketV2:BucketV2", "releases", pulumi.Map{"forceDestroy": pulumi.Bool(true)})
	object := s.add("aws:s3/bucketObjectv2:BucketObjectv2", "release", pulumi.Map{
		"bucket": bucket.ID(), "key": pulumi.String("releases/1/orchard"), "source": pulumi.NewFileAsset(p.release),
	})
	db := s.databaseServer(n)
	profile, grants := s.identity(bucket, db)
	balancer, targets, listener := p.balancer(s, n)
	template := s.add("aws:ec2/launchTemplate:LaunchTemplate", "app", pulumi.Map{
		"imageId": pulumi.String("ami-0123456789abcdef0"), "instanceType": pulumi.String(instanceType()),
		"updateDefaultVersion": pulumi.Bool(true),
		"iamInstanceProfile":   pulumi.Map{"arn": profile.Arn},
		"vpcSecurityGroupIds":  pulumi.Array{n.appSG.ID()},
		"userData": pulumi.All(bucket.Bucket, db.Address).ApplyT(func(v []any) string {
			return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %s", p.script, v[0], v[1]))
		}).(pulumi.StringOutput),
	})
	needs := append(n.ready, object, listener)
	needs = append(needs, grants...)
	group := s.add("aws:autoscaling/group:Group", "app", pulumi.Map{
		"minSize": pulumi.Int(p.minSize), "maxSize": pulumi.Int(6), "desiredCapacity": pulumi.Int(p.minSize),
		"launchTemplate": pulumi.Map{
			"id": template.ID(), "version": template.LatestVersion.ApplyT(func(v int) string { return fmt.Sprint(v) }).(pulumi.StringOutput),
		},
		"vpcZoneIdentifiers": n.app, "targetGroupArns": pulumi.Array{targets.Arn}, "healthCheckType": pulumi.String("ELB"),
		"minElbCapacity":            pulumi.Int(p.minSize),
		"instanceMaintenancePolicy": pulumi.Map{"minHealthyPercentage": pulumi.Int(100), "maxHealthyPercentage": pulumi.Int(150)},
		"instanceRefresh":           pulumi.Map{"strategy": pulumi.String("Rolling"), "preferences": pulumi.Map{"maxHealthyPercentage": pulumi.Int(150)}},
		"initialLifecycleHooks": pulumi.Array{pulumi.Map{
			"name": pulumi.String("ready"), "lifecycleTransition": pulumi.String("autoscaling:EC2_INSTANCE_LAUNCHING"),
		}},
	}, pulumi.DependsOn(needs), pulumi.IgnoreChanges([]string{"desiredCapacity"}))
	s.policies(group, balancer, targets, listener)
	s.watch(balancer)
	s.ctx.Export("url", pulumi.Sprintf("http://%s:8080", balancer.DNSName))
	s.ctx.Export("endpoint", db.Endpoint)
	s.ctx.Export("version", template.LatestVersion)
	s.ctx.Export("targetGroup", targets.Name)
}

func (s *stack) databaseServer(n network) *thing {
	subnets := s.add("aws:rds/subnetGroup:SubnetGroup", "database", pulumi.Map{"subnetIds": n.database})
	parameters := s.add("aws:rds/parameterGroup:ParameterGroup", "database", pulumi.Map{
		"family": pulumi.String("postgres15"),
		"parameters": pulumi.Array{
			pulumi.Map{"name": pulumi.String("rds.force_ssl"), "value": pulumi.String("1")},
			pulumi.Map{"name": pulumi.String("max_connections"), "value": pulumi.String("60"), "applyMethod": pulumi.String("pending-reboot")},
		},
	})
	return s.add("aws:rds/instance:Instance", "database", pulumi.Map{
		"engine": pulumi.String("postgres"), "engineVersion": pulumi.String("15"), "instanceClass": pulumi.String("db.t4g.micro"),
		"allocatedStorage": pulumi.Int(20), "dbName": pulumi.String("orchard"), "username": pulumi.String("orchard_admin"),
		"manageMasterUserPassword": pulumi.Bool(true), "iamDatabaseAuthenticationEnabled": pulumi.Bool(true), "multiAz": pulumi.Bool(true),
		"dbSubnetGroupName": subnets.Name, "parameterGroupName": parameters.Name,
		"vpcSecurityGroupIds": pulumi.Array{n.databaseSG.ID()}, "skipFinalSnapshot": pulumi.Bool(true),
	})
}

func (s *stack) identity(bucket, db *thing) (profile *thing, grants []pulumi.Resource) {
	role := s.add("aws:iam/role:Role", "app", pulumi.Map{
		"assumeRolePolicy": pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
	})
	read := s.add("aws:iam/rolePolicy:RolePolicy", "read", pulumi.Map{
		"role":   role.Name,
		"policy": pulumi.Sprintf(`{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"%s/releases/*"}]}`, bucket.Arn),
	})
	connect := s.add("aws:iam/rolePolicy:RolePolicy", "connect", pulumi.Map{
		"role":   role.Name,
		"policy": pulumi.Sprintf(`{"Statement":[{"Effect":"Allow","Action":"rds-db:connect","Resource":"*:%s/orchard_app"}]}`, db.ResourceID),
	})
	session := s.add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "session", pulumi.Map{
		"role": role.Name, "policyArn": pulumi.String("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"),
	})
	profile = s.add("aws:iam/instanceProfile:InstanceProfile", "app", pulumi.Map{"role": role.Name})
	return profile, []pulumi.Resource{read, connect, session}
}

func (p program) balancer(s *stack, n network) (balancer, targets, listener *thing) {
	balancer = s.add("aws:lb/loadBalancer:LoadBalancer", "public", pulumi.Map{
		"subnets": n.public, "securityGroups": pulumi.Array{n.balancerSG.ID()},
	})
	targets = s.add("aws:lb/targetGroup:TargetGroup", "app", pulumi.Map{
		"vpcId": n.vpc.ID(), "port": pulumi.Int(p.targetPort), "protocol": pulumi.String("HTTP"),
		"healthCheck": pulumi.Map{
			"path": pulumi.String("/livez"), "interval": pulumi.Int(p.checkSeconds), "timeout": pulumi.Int(2),
			"healthyThreshold": pulumi.Int(2), "unhealthyThreshold": pulumi.Int(2),
		},
	})
	if p.noListener {
		return balancer, targets, balancer
	}
	listener = s.add("aws:lb/listener:Listener", "public", pulumi.Map{
		"loadBalancerArn": balancer.Arn, "port": pulumi.Int(8080), "protocol": pulumi.String("HTTP"),
		"defaultActions": pulumi.Array{pulumi.Map{"type": pulumi.String("forward"), "targetGroupArn": targets.Arn}},
	})
	return balancer, targets, listener
}

func (s *stack) policies(group, balancer, targets, listener *thing) {
	policy := func(name string, metric pulumi.Map, target float64) {
		s.add("aws:autoscaling/policy:Policy", name, pulumi.Map{
			"autoscalingGroupName": group.Name, "policyType": pulumi.String("TargetTrackingScaling"),
			"targetTrackingConfiguration": pulumi.Map{"predefinedMetricSpecification": metric, "targetValue": pulumi.Float64(target)},
		}, pulumi.DependsOn([]pulumi.Resource{listener}))
	}
	policy("cpu", pulumi.Map{"predefinedMetricType": pulumi.String("ASGAverageCPUUtilization")}, 50)
	policy("requests", pulumi.Map{
		"predefinedMetricType": pulumi.String("ALBRequestCountPerTarget"),
		"resourceLabel":        pulumi.Sprintf("%s/%s", balancer.ArnSuffix, targets.ArnSuffix),
	}, 1000)
}
