package azure

import (
	"cmp"
	"fmt"
	"strings"

	"orchard/localcloud/internal/world"
)

// declareCloud translates the part that only Azure has words for.
func declareCloud(resources []world.Resource) Cloud {
	c := Cloud{
		Location: locationOfAll(resources), SubscriptionID: Subscription, TenantID: Tenant,
		Identities: map[string]Identity{}, ScaleSets: map[string]ScaleSet{}, Accounts: map[string]Account{},
		Containers: map[string]Container{}, Blobs: map[string]Blob{}, Databases: map[string]DatabaseAccess{},
		RoleDefinitions: map[string]RoleDefinition{},
	}
	for _, r := range each(resources, typeResourceGroup) {
		c.SubscriptionID = cmp.Or(privates(r).Text("subscription"), c.SubscriptionID)
		c.TenantID = cmp.Or(privates(r).Text("tenant"), c.TenantID)
	}
	for _, r := range resources {
		c.addIdentity(r)
		c.addStore(r, resources)
		switch r.Type {
		case typeScaleSet:
			c.ScaleSets[r.ID] = scaleSetOf(r, resources)
		case typeServer:
			c.Databases[r.ID] = accessTo(r, resources, c.TenantID)
		case typeRoleDefinition:
			c.RoleDefinitions[roleOf(r.ID)] = roleDefinitionOf(r)
		case typeRoleAssignment:
			c.RoleAssignments = append(c.RoleAssignments, assignmentOf(r))
		}
	}
	return c
}

func (c Cloud) addIdentity(r world.Resource) {
	if r.Type != typeIdentity {
		return
	}
	o := outs(r)
	c.Identities[r.ID] = Identity{
		ID: r.ID, Name: o.Text("name"), ClientID: o.Text("clientId"), PrincipalID: o.Text("principalId"), TenantID: o.Text("tenantId"),
	}
}

func (c Cloud) addStore(r world.Resource, resources []world.Resource) {
	o, private := outs(r), privates(r)
	switch r.Type {
	case typeAccount:
		name := o.Text("name")
		c.Accounts[name] = Account{ID: r.ID, Name: name, BlobHost: name + ".blob.core.windows.net", Refused: refusedSets(r, resources)}
	case typeContainer:
		account := segment(r.ID, "storageAccounts")
		c.Containers[account+"/"+o.Text("name")] = Container{ID: r.ID, Name: o.Text("name"), Account: account}
	case typeBlob:
		account := segment(r.ID, "storageAccounts")
		c.Blobs[strings.Join([]string{account, o.Text("containerName"), o.Text("name")}, "/")] = Blob{
			Name: o.Text("name"), SHA256: private.Text("sha256"), Size: int64(private.Number("size")),
			ContentType: o.Text("contentType"), ETag: private.Text("etag"),
		}
	}
}

// refusedSets names the scale sets that an account's network rules turn away:
// with the default Deny, those whose subnet no rule names. A rule works by
// the subnet's service endpoint alone.
func refusedSets(account world.Resource, resources []world.Resource) map[string]string {
	rules := outs(account).Object("networkRuleSet")
	if rules.Text("defaultAction") != "Deny" {
		return nil
	}
	refused := map[string]string{}
	for _, set := range each(resources, typeScaleSet) {
		for _, ref := range scaleSetSubnets(outs(set)) {
			subnet, _ := subnetOf(resources, ref)
			allowed := hasEndpoint(subnet, endpointStorage)
			named := false
			for _, rule := range rules.Objects("virtualNetworkRules") {
				named = named || SameID(rule.Text("virtualNetworkResourceId"), ref)
			}
			switch {
			case !named:
				refused[set.ID] = fmt.Sprintf("the network rules of storage account %s do not name subnet %s", label(account), subnet.Text("name"))
			case !allowed:
				refused[set.ID] = fmt.Sprintf("subnet %s has no service endpoint for %s, so the network rules of storage account %s do not see that it asks", subnet.Text("name"), endpointStorage, label(account))
			}
		}
	}
	return refused
}

func scaleSetOf(r world.Resource, resources []world.Resource) ScaleSet {
	o := outs(r)
	set := ScaleSet{ID: r.ID, Name: o.Text("name"), ResourceGroup: groupName(r.ID), VMSize: o.Object("sku").Text("name")}
	for _, ref := range identitiesOf(o) {
		if identity, ok := found(resources, typeIdentity, ref); ok {
			set.Identities = append(set.Identities, identity.ID)
		}
	}
	if notice := terminateNotice(o.Object("virtualMachineProfile")); notice.Flag("enable") {
		set.TerminateNotice = notice.Text("notBeforeTimeout")
	}
	return set
}

func assignmentOf(r world.Resource) RoleAssignment {
	o := outs(r)
	return RoleAssignment{ID: r.ID, Scope: o.Text("scope"), Role: roleOf(o.Text("roleDefinitionId")), PrincipalID: o.Text("principalId")}
}

func accessTo(server world.Resource, resources []world.Resource, tenant string) DatabaseAccess {
	o := outs(server)
	auth := o.Object("authConfig")
	access := DatabaseAccess{
		ID: server.ID, Name: o.Text("name"), FQDN: o.Text("name") + databaseZone, TenantID: cmp.Or(auth.Text("tenantId"), tenant),
		EntraAuth: auth.Text("activeDirectoryAuth") == "Enabled", PasswordAuth: auth.Text("passwordAuth") == "Enabled",
		ForceTLS: !strings.EqualFold(parametersOf(resources, server)["require_secure_transport"], "off"),
	}
	for _, r := range each(resources, typeAdministrator) {
		if a := outs(r); Within(r.ID, server.ID) {
			access.Administrators = append(access.Administrators, Administrator{
				ObjectID: a.Text("objectId"), Name: a.Text("principalName"), Type: a.Text("principalType"),
			})
		}
	}
	return access
}
