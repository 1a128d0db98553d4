package scorecard

const (
	loadBalancerType = "aws:lb/loadBalancer:LoadBalancer"
	listenerType     = "aws:lb/listener:Listener"
	targetGroupType  = "aws:lb/targetGroup:TargetGroup"
)

// tlsPolicies are those that ELB.17 lists and this program may choose: TLS
// 1.3, or 1.2 with forward secrecy and authenticated encryption alone.
var tlsPolicies = []any{"ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}

func elb() []Row {
	return []Row{
		{ID: "ELB.4", Setting: "the load balancer drops invalid headers", Check: every(loadBalancerType, is("dropInvalidHeaderFields", true))},
	}
}
