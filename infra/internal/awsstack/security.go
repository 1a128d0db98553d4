package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// security is one group for each tier. Groups hold no rules of their own:
// every rule is a resource, because inline rules and rule resources undo each
// other. Descriptions never change, because a change replaces the group.
type security struct {
	balancer, app, database *ec2.SecurityGroup
	// rules must exist before an instance can boot and be asked.
	rules []pulumi.Resource
}

func declareSecurity(s scope, n network, set settings.Settings) (security, error) {
	var sec security
	groups := []struct {
		name, description string
		into              **ec2.SecurityGroup
	}{
		{"balancer", "What reaches the load balancer.", &sec.balancer},
		{"app", "What reaches the application.", &sec.app},
		{"database", "What reaches the database.", &sec.database},
	}
	for _, g := range groups {
		group, err := ec2.NewSecurityGroup(s.Context, g.name, &ec2.SecurityGroupArgs{
			VpcId:       n.vpc.ID(),
			Description: pulumi.String(g.description),
			Tags:        s.named(g.name),
		}, s.on)
		if err != nil {
			return security{}, err
		}
		*g.into = group
	}
	if err := sec.declareRules(s, set); err != nil {
		return security{}, err
	}
	return sec, nil
}

// declareRules opens client to balancer, balancer to app, app to database,
// and app to the services outside (release, certificates, secrets).
func (sec *security) declareRules(s scope, set settings.Settings) error {
	world := end{cidr: anywhere}
	balancer, app, database := end{group: sec.balancer}, end{group: sec.app}, end{group: sec.database}
	for _, r := range []rule{
		{"balancer-clients", "Clients to the load balancer.", in, balancer, world, set.Listener.Port},
		{"balancer-app", "Load balancer to the application.", out, balancer, app, bootstrap.Port},
		{"app-balancer", "Load balancer to the application.", in, app, balancer, bootstrap.Port},
		{"app-services", "Application to services over TLS.", out, app, world, 443},
		{"app-database", "Application to the database.", out, app, database, set.Database.Port},
		{"database-app", "Application to the database.", in, database, app, set.Database.Port},
	} {
		declared, err := r.declare(s)
		if err != nil {
			return err
		}
		sec.rules = append(sec.rules, declared)
	}
	return nil
}

type direction bool

const (
	in  direction = true
	out direction = false
)

// end is one end of a rule: a group or a range of addresses.
type end struct {
	group *ec2.SecurityGroup
	cidr  string
}

// rule lets TCP to one port in or out of the group at its own end.
type rule struct {
	name, description string
	direction         direction
	own, other        end
	port              int
}

func (r rule) declare(s scope) (pulumi.Resource, error) {
	var cidr, peer pulumi.StringPtrInput
	if r.other.group != nil {
		peer = r.other.group.ID().ToStringOutput().ToStringPtrOutput()
	} else {
		cidr = pulumi.StringPtr(r.other.cidr)
	}
	tcp, port, description := pulumi.String("tcp"), pulumi.Int(r.port), pulumi.String(r.description)
	if r.direction == in {
		return vpc.NewSecurityGroupIngressRule(s.Context, r.name, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: r.own.group.ID(), Description: description,
			IpProtocol: tcp, FromPort: port, ToPort: port,
			CidrIpv4: cidr, ReferencedSecurityGroupId: peer,
		}, s.on)
	}
	return vpc.NewSecurityGroupEgressRule(s.Context, r.name, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: r.own.group.ID(), Description: description,
		IpProtocol: tcp, FromPort: port, ToPort: port,
		CidrIpv4: cidr, ReferencedSecurityGroupId: peer,
	}, s.on)
}
