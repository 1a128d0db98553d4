package azure

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// latestMinor is what the cloud tells of a version. Nothing here depends on
// the number.
var latestMinor = map[string]string{"13": "21", "14": "18", "15": "13", "16": "9", "17": "5", "18": "1"}

func computeServer(req request) (result, error) {
	in := req.Inputs
	if err := serverReferences(req); err != nil {
		return result{}, err
	}
	if err := serverChanges(req); err != nil {
		return result{}, err
	}
	id, err := inGroup(req, kindServer, in.Text("serverName"))
	if err != nil {
		return result{}, err
	}
	address, err := req.World.Host(world.HostDatabase, id)
	if err != nil {
		return result{}, err
	}
	made := map[string]any{
		"fullyQualifiedDomainName": address, "minorVersion": latestMinor[in.Text("version")], "privateEndpointConnections": []any{},
		"replica": map[string]any{"role": "Primary", "capacity": 5.0}, "replicaCapacity": 5.0, "replicationRole": "Primary",
		"state": "Ready", "systemData": map[string]any{},
	}
	fillServer(in, made)
	return regional(req, id, kindServer, in.Text("serverName"), made)
}

// fillServer adds what the cloud makes up where the program gives none.
func fillServer(in provider.Inputs, made map[string]any) {
	for name, value := range map[string]any{
		"availabilityZone":  "1",
		"backup":            map[string]any{"backupRetentionDays": 7.0, "geoRedundantBackup": "Disabled"},
		"maintenanceWindow": map[string]any{"customWindow": "Disabled", "dayOfWeek": 0.0, "startHour": 0.0, "startMinute": 0.0},
	} {
		if !in.Has(name) {
			made[name] = value
		}
	}
	ha := map[string]any{"mode": "Disabled", "state": "NotEnabled"}
	for k, v := range in.Object("highAvailability") {
		ha[k] = v
	}
	if ha["mode"] != "Disabled" {
		ha["state"] = "Healthy"
	}
	made["highAvailability"] = ha
}

func serverReferences(req request) error {
	in := req.Inputs
	net := in.Object("network")
	subnet, ok := subnetOf(req.World.Resources(), net.Text("delegatedSubnetResourceId"))
	if !ok {
		return missing(req, net.Text("delegatedSubnetResourceId"))
	}
	if !delegated(subnet) {
		return fmt.Errorf("SubnetNotDelegated: Subnet %s is not delegated to %s", subnet.Text("id"), delegatedToPostgres)
	}
	zone, err := need(req, typePrivateZone, net.Text("privateDnsZoneArmResourceId"))
	if err != nil {
		return err
	}
	zoneName := outs(zone).Text("name")
	if !isDatabaseZone(zoneName) || strings.EqualFold(zoneName, in.Text("serverName")+databaseZone) {
		return fmt.Errorf("PrivateDnsZoneNameNotValid: The private DNS zone name '%s' must end with '%s' and differ from the server's name", zoneName, databaseZone)
	}
	if auth := in.Object("authConfig"); auth.Text("activeDirectoryAuth") == "Enabled" && auth.Has("tenantId") && !strings.EqualFold(auth.Text("tenantId"), tenant(req)) {
		return fmt.Errorf("InvalidParameterValue: The tenant %s of authConfig is not that of the subscription, %s", auth.Text("tenantId"), tenant(req))
	}
	return nil
}

// serverChanges refuses what neither the cloud nor localcloud does by itself.
func serverChanges(req request) error {
	if req.Prev == nil {
		return nil
	}
	before := outs(*req.Prev)
	if before.Text("version") != req.Inputs.Text("version") {
		return fmt.Errorf("localcloud does not upgrade a database from PostgreSQL %s to %s: destroy the stack and make it again", before.Text("version"), req.Inputs.Text("version"))
	}
	was, is := before.Object("network"), req.Inputs.Object("network")
	for _, property := range []string{"delegatedSubnetResourceId", "privateDnsZoneArmResourceId"} {
		if !SameID(was.Text(property), is.Text(property)) {
			return fmt.Errorf("PropertyChangeNotAllowed: Changing property 'network.%s' of %s is not allowed", property, req.Prev.ID)
		}
	}
	return nil
}

// leaveServer refuses while a part that the engine knows is there.
func leaveServer(req request) error {
	for _, r := range req.World.Resources() {
		if r.ID != req.Prev.ID && Within(r.ID, req.Prev.ID) && (r.Type == typeDatabase || r.Type == typeAdministrator || r.Type == typeConfiguration) {
			return fmt.Errorf("server %s still has %s: localcloud deletes nothing that the engine has not named", outs(*req.Prev).Text("name"), r.ID)
		}
	}
	return nil
}

// ownServer is the server that a part belongs to.
func ownServer(req request) (world.Resource, error) {
	server, ok := sibling(req, typeServer, kindServer, req.Inputs.Text("serverName"))
	if !ok {
		return server, fmt.Errorf("ParentResourceNotFound: Failed to perform 'write' on a part of '%s/%s', because the parent resource was not found", kindServer, req.Inputs.Text("serverName"))
	}
	return server, nil
}

func computeAdministrator(req request) (result, error) {
	in := req.Inputs
	server, err := ownServer(req)
	if err != nil {
		return result{}, err
	}
	if outs(server).Object("authConfig").Text("activeDirectoryAuth") != "Enabled" {
		return result{}, fmt.Errorf("AadAuthOperationCannotBePerformedWhenServerIsNotAccessible: server %s has no Entra authentication: set authConfig.activeDirectoryAuth", in.Text("serverName"))
	}
	if err := administratorPrincipal(req); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeAdministrator) {
		if Within(r.ID, server.ID) {
			return result{}, fmt.Errorf("server %s has the administrator %s already: localcloud gives a server one, whose role is made with it", in.Text("serverName"), outs(r).Text("principalName"))
		}
	}
	if err := unchanged(req, "PropertyChangeNotAllowed", "principalName"); err != nil {
		return result{}, err
	}
	id, err := inside(req, server.ID, "administrators", strings.ToLower(in.Text("objectId")))
	if err != nil {
		return result{}, err
	}
	made := map[string]any{"systemData": map[string]any{}}
	if !in.Has("tenantId") {
		made["tenantId"] = tenant(req)
	}
	return answer(id, kindServer+"/administrators", strings.ToLower(in.Text("objectId")), made), nil
}

// administratorPrincipal refuses an identity under another name or type: no
// token would ever fit the role.
func administratorPrincipal(req request) error {
	in := req.Inputs
	for _, r := range each(req.World.Resources(), typeIdentity) {
		if !strings.EqualFold(outs(r).Text("principalId"), in.Text("objectId")) {
			continue
		}
		if in.Text("principalType") != "ServicePrincipal" || in.Text("principalName") != outs(r).Text("name") {
			return fmt.Errorf("InvalidParameterValue: the object %s is the ServicePrincipal %s, not the %s %s",
				in.Text("objectId"), outs(r).Text("name"), in.Text("principalType"), in.Text("principalName"))
		}
		return nil
	}
	return fmt.Errorf("PrincipalNotFound: no principal with the object id %s is in the directory", in.Text("objectId"))
}

// computeDatabase keeps the role that owns the database: the server runs with
// it even when its administrator changes.
func computeDatabase(req request) (result, error) {
	in := req.Inputs
	server, err := ownServer(req)
	if err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeDatabase) {
		if Within(r.ID, server.ID) {
			return result{}, fmt.Errorf("server %s has the database %s already: localcloud gives a server one, which is made with it", in.Text("serverName"), outs(r).Text("name"))
		}
	}
	id, err := inside(req, server.ID, "databases", in.Text("databaseName"))
	if err != nil {
		return result{}, err
	}
	out := answer(id, kindServer+"/databases", in.Text("databaseName"), map[string]any{"systemData": map[string]any{}})
	owner := masterRole(req.World.Resources(), server)
	if req.Prev != nil {
		if before := privates(*req.Prev).Text("owner"); before != "" {
			owner = before
		}
	}
	out.Private["owner"] = owner
	return out, nil
}

// masterRole is the role that a server's first administrator has, or the one
// with a password; "" while it has none.
func masterRole(resources []world.Resource, server world.Resource) string {
	if auth := outs(server).Object("authConfig"); auth.Text("passwordAuth") == "Enabled" {
		return outs(server).Text("administratorLogin")
	}
	for _, r := range each(resources, typeAdministrator) {
		if Within(r.ID, server.ID) {
			return outs(r).Text("principalName")
		}
	}
	return ""
}

func computeConfiguration(req request) (result, error) {
	in := req.Inputs
	server, err := ownServer(req)
	if err != nil {
		return result{}, err
	}
	configuration := in.Text("configurationName")
	if reason := badParameter(configuration, in.Text("value")); reason != "" && in.Has("value") {
		return result{}, fmt.Errorf("InvalidParameterValue: Invalid value given for parameter %s: %s", configuration, reason)
	}
	id, err := inside(req, server.ID, "configurations", configuration)
	if err != nil {
		return result{}, err
	}
	return answer(id, kindServer+"/configurations", configuration, map[string]any{
		"allowedValues": "", "dataType": "", "defaultValue": "", "description": "", "documentationLink": "", "isConfigPendingRestart": false,
		"isDynamicConfig": true, "isReadOnly": false, "systemData": map[string]any{}, "unit": "",
	}), nil
}
