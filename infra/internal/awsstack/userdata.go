package awsstack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// userData is the script of an instance, in the base64 that a launch template
// takes. It is known once bucket, database and secret are.
func userData(set settings.Settings, p parts) pulumi.StringOutput {
	return pulumi.All(p.release.bucket.ID(), p.database.instance.Address, p.database.masterSecret).
		ApplyT(func(values []any) (string, error) {
			script, err := bootstrap.AWS{
				Service: bootstrap.Service{
					Digest:     p.release.Digest,
					PoolSize:   set.PoolSize(),
					Drain:      drain,
					WriteToken: set.WriteToken,
					TLS:        presents(set.Listener),
					Database: bootstrap.Database{
						Host: values[1].(string), Port: set.Database.Port, Name: databaseName,
						Role: appRole, MasterRole: masterRole,
					},
				},
				Region:       set.Region,
				Bucket:       string(values[0].(pulumi.ID)),
				Key:          p.release.Key(),
				MasterSecret: values[2].(string),
				Group:        ownGroup(set), GroupPerZone: set.Fleet.Topology == settings.Zonal,
				Hook: hookName,
			}.Render()
			return encode(script), err
		}).(pulumi.StringOutput)
}

// presents is what the service shows the load balancer, which does not ask who
// signed it.
func presents(set settings.Listener) string {
	if set.Certificate != "" {
		return bootstrap.SelfSigned
	}
	return ""
}

// ownGroup is the name of an instance's group, up to its zone where that ends
// it: one template serves all groups.
func ownGroup(set settings.Settings) string {
	if set.Fleet.Topology == settings.Zonal {
		return groupName(set.Stack, "")
	}
	return groupName(set.Stack, regionalGroup)
}
