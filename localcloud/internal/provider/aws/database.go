package aws

import (
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

const (
	likeLowerName   = `^[a-z][a-z0-9-]*$`
	sayingLowerName = "lower-case letters, digits and hyphens, a letter first"
)

func databaseTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeEventSubscription: eventSubscription(),
		typeSubnetGroup: {
			Properties: properties{
				"name":        text().Replaces().Length(1, 255).Like(`^[a-z0-9._ -]+$`, "lower-case letters, digits and . _ - and spaces"),
				"description": text().Or("Managed by Pulumi").NoEffect(),
				"subnetIds":   texts().Needed().Length(1, 20),
				"tags":        tags(),
			},
			Name: lowerName("name", 255), Space: "subnetGroup",
			Computed: []string{"arn", "supportedNetworkTypes", "tagsAll", "vpcId"},
			Moves:    tagsMove(), Compute: computeSubnetGroup, Leave: leaveByName("dbSubnetGroupName", "InvalidDBSubnetGroupStateFault: Cannot delete the subnet group '%s' because at least one database instance: %s is still using it"),
		},
		typeParameterGroup: {
			Properties: properties{
				"name":        text().Replaces().Length(1, 255).Like(likeLowerName, sayingLowerName),
				"family":      text().Needed().Replaces().Like(`^postgres\d+$`, "a family such as postgres15"),
				"description": text().Or("Managed by Pulumi").Replaces().NoEffect(),
				"parameters": provider.Set(provider.Object(properties{
					"name":        text().Needed(),
					"value":       text().Needed().Like(`^[^{}]*$`, "a plain value; localcloud evaluates no formulas"),
					"applyMethod": text().OneOf("immediate", "pending-reboot").Or("immediate").NoEffect(),
				})),
				"skipDestroy": flag().Or(false).OnlyHere(false, "what a stack leaves behind, nothing would delete"),
				"tags":        tags(),
			},
			Name: lowerName("name", 255), Space: "parameterGroup",
			Computed: []string{"arn", "tagsAll"},
			Moves:    tagsMove(), Compute: computeParameterGroup, Leave: leaveByName("parameterGroupName", "InvalidDBParameterGroupState: One or more database instances are still members of this parameter group %s, so the group cannot be deleted: %s"),
		},
		typeDatabase: databaseType(),
	}
}

func computeSubnetGroup(req request) (result, error) {
	vpc, zones := "", []string{}
	for _, id := range req.Inputs.Texts("subnetIds") {
		subnet, err := needSubnet(req.World, id)
		if err != nil {
			return result{}, err
		}
		vpc = outs(subnet).Text("vpcId")
		zones = append(zones, outs(subnet).Text("availabilityZone"))
	}
	slices.Sort(zones)
	if zones = slices.Compact(zones); len(zones) < 2 {
		return result{}, fmt.Errorf("DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs", strings.Join(zones, ", "))
	}
	name := req.Inputs.Text("name")
	return answer(req, name, map[string]any{
		"arn": arn("rds", region(req), "subgrp:"+name), "supportedNetworkTypes": []any{"IPV4"}, "vpcId": vpc,
	}), nil
}

func computeParameterGroup(req request) (result, error) {
	name := req.Inputs.Text("name")
	return answer(req, name, map[string]any{"arn": arn("rds", region(req), "pg:"+name)}), nil
}

// leaveByName refuses while a database names the group; the sentence has
// places for the group and the database.
func leaveByName(property, sentence string) func(request) error {
	return func(req request) error {
		name := outs(*req.Prev).Text("name")
		for _, db := range each(req.World.Resources(), typeDatabase) {
			if outs(db).Text(property) == name {
				return fmt.Errorf(sentence, name, outs(db).Text("identifier"))
			}
		}
		return nil
	}
}

// computeDatabase makes the master password once, where RDS would: it is in
// the secret store from then on, and in no output.
func computeDatabase(req request) (result, error) {
	in := req.Inputs
	if err := databaseReferences(req); err != nil {
		return result{}, err
	}
	if err := needMonitor(req); err != nil {
		return result{}, err
	}
	version, err := actualVersion(req)
	if err != nil {
		return result{}, err
	}
	id := keptID(req, func() string { return "db-" + strings.ToUpper(provider.Digest(hexes(32))[:26]) })
	address, err := req.World.Host("database", id)
	if err != nil {
		return result{}, err
	}
	identifier := in.Text("identifier")
	out := answer(req, id, map[string]any{
		"address": address, "endpoint": fmt.Sprintf("%s:%d", address, in.Int("port")),
		"arn": arn("rds", region(req), "db:"+identifier), "resourceId": id, "status": "available",
		"engineVersionActual": version, "hostedZoneId": "Z" + strings.ToUpper(provider.Digest("rds" + region(req))[:13]),
		"latestRestorableTime": "", "listenerEndpoints": []any{}, "replicas": []any{}, "masterUserSecrets": []any{},
	})
	fillDatabase(req, out.Outputs)
	masterPassword(req, &out)
	return out, nil
}

// fillDatabase adds what RDS makes up where the program gives none.
func fillDatabase(req request, outputs map[string]any) {
	for name, value := range map[string]any{
		"availabilityZone": databaseZones(req.World.Resources(), req.Inputs)[0],
		"backupWindow":     "03:00-03:30", "maintenanceWindow": "sun:04:00-sun:04:30",
		"caCertIdentifier": "rds-ca-rsa2048-g1", "licenseModel": "postgresql-license", "networkType": "IPV4",
		"optionGroupName":    "default:postgres-" + majorOf(req.Inputs.Text("engineVersion")),
		"parameterGroupName": "default.postgres" + majorOf(req.Inputs.Text("engineVersion")),
		"kmsKeyId":           "", "monitoringRoleArn": "", "performanceInsightsKmsKeyId": "",
	} {
		if !req.Inputs.Has(name) {
			outputs[name] = value
		}
	}
}

func masterPassword(req request, out *result) {
	if !req.Inputs.Flag("manageMasterUserPassword") {
		out.Private["masterPassword"] = req.Inputs.Text("password")
		return
	}
	secret := keptPrivate(req, "masterSecret", func() string {
		return arn("secretsmanager", region(req), fmt.Sprintf("secret:rds!db-%s-%s", uuid(), hexes(6)))
	})
	out.Private["masterSecret"] = secret
	out.Private["masterPassword"] = keptPrivate(req, "issuedPassword", func() string { return hexes(32) })
	out.Private["issuedPassword"] = out.Private["masterPassword"]
	out.Outputs["masterUserSecrets"] = []any{map[string]any{
		"secretArn": secret, "secretStatus": "active", "kmsKeyId": arn("kms", region(req), "key/"+provider.Digest("kms" + region(req))[:32]),
	}}
}

func uuid() string {
	h := hexes(32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func databaseReferences(req request) error {
	in, w := req.Inputs, req.World
	for _, db := range others(req, typeDatabase) {
		if outs(db).Text("identifier") == in.Text("identifier") {
			return fmt.Errorf("DBInstanceAlreadyExists: DB instance already exists: %s", in.Text("identifier"))
		}
	}
	if group := in.Text("dbSubnetGroupName"); group != "" {
		if _, ok := found(w, typeSubnetGroup, group+"#subnetGroup"); !ok {
			return fmt.Errorf("DBSubnetGroupNotFoundFault: DB subnet group '%s' does not exist", group)
		}
	}
	if name := in.Text("parameterGroupName"); name != "" && !strings.HasPrefix(name, "default.") {
		group, ok := found(w, typeParameterGroup, name+"#parameterGroup")
		if !ok {
			return fmt.Errorf("DBParameterGroupNotFound: DBParameterGroup not found: %s", name)
		}
		if family := "postgres" + majorOf(in.Text("engineVersion")); outs(group).Text("family") != family {
			return fmt.Errorf("InvalidParameterCombination: The Parameter Group %s with DBParameterGroupFamily %s can't be used for this instance. Please use a Parameter Group with DBParameterGroupFamily %s", name, outs(group).Text("family"), family)
		}
	}
	return needSecurityGroups(w, in.Texts("vpcSecurityGroupIds"))
}

// databaseZones are the zones of a database's subnet group, in order; the
// zone that the program names comes first.
func databaseZones(resources []world.Resource, in provider.Inputs) []string {
	var zones []string
	for _, subnet := range databaseSubnets(resources, in) {
		zones = append(zones, outs(subnet).Text("availabilityZone"))
	}
	slices.Sort(zones)
	zones = slices.Compact(zones)
	if zone := in.Text("availabilityZone"); zone != "" {
		zones = slices.DeleteFunc(zones, func(z string) bool { return z == zone })
		zones = slices.Insert(zones, 0, zone)
	}
	if len(zones) == 0 {
		zones = []string{""}
	}
	return zones
}

func databaseSubnets(resources []world.Resource, in provider.Inputs) []world.Resource {
	var ids []string
	for _, group := range each(resources, typeSubnetGroup) {
		if outs(group).Text("name") == in.Text("dbSubnetGroupName") {
			ids = outs(group).Texts("subnetIds")
		}
	}
	var out []world.Resource
	for _, subnet := range each(resources, typeSubnet) {
		if slices.Contains(ids, subnet.ID) {
			out = append(out, subnet)
		}
	}
	return out
}

func leaveDatabase(req request) error {
	switch {
	case req.Inputs.Flag("deletionProtection"):
		return fmt.Errorf("InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again")
	case !req.Inputs.Flag("skipFinalSnapshot") && req.Inputs.Text("finalSnapshotIdentifier") == "":
		return fmt.Errorf("final_snapshot_identifier is required when skip_final_snapshot is false")
	}
	return nil
}
