package awscloud

import (
	"fmt"
	"net/http"
	"time"

	"orchard/localcloud/internal/lifecycle"
	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/sigv4"
	"orchard/localcloud/internal/world"
)

// hooks answers EC2 Auto Scaling for the groups that are declared at the
// moment.
func (c *Cloud) hooks(w *world.World) http.Handler {
	return c.current(w, func(cloud aws.Cloud) http.Handler {
		return lifecycle.Handler(lifecycle.Config{
			Region: cloud.Region, Lookup: c.issuer.Lookup, Now: time.Now, Log: c.Log,
			Authorize: func(p sigv4.Principal, action, resource string, secure bool) error {
				return authorize(w, cloud, p, action, resource, secure)
			},
			Group:    func(name string) string { return groupARN(cloud, name) },
			Complete: func(a lifecycle.Action) error { return complete(w, a) },
		})
	})
}

// groupARN is what a permission is checked against. A name that no group has
// gets an ARN too, so that a caller learns of no names that it has no right to.
func groupARN(cloud aws.Cloud, name string) string {
	if arn, ok := cloud.Groups[name]; ok {
		return arn
	}
	return fmt.Sprintf("arn:aws:autoscaling:%s:%s:autoScalingGroup::autoScalingGroupName/%s", cloud.Region, aws.Account, name)
}

// complete ends the wait of an instance of the group that the caller named.
func complete(w *world.World, a lifecycle.Action) error {
	i, ok := w.Instance(a.Instance)
	if group := w.Declared().Groups[i.Group]; !ok || group.Name != a.Group {
		return fmt.Errorf("instance %s is not of group %s: %w", a.Instance, a.Group, lifecycle.ErrNoAction)
	}
	if err := w.CompleteHook(a.Instance, a.Hook, a.Proceed); err != nil {
		return fmt.Errorf("%w: %w", lifecycle.ErrNoAction, err)
	}
	return nil
}
