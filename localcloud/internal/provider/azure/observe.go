package azure

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

const (
	kindWorkspace   = "Microsoft.OperationalInsights/workspaces"
	kindDiagnostics = "Microsoft.Insights/diagnosticSettings"
)

// observeTypes are known and collect nothing: localcloud keeps its own logs.
func observeTypes() map[string]provider.Type {
	retention := func() provider.Property {
		return object(properties{"days": integer().Needed().Between(0, 365), "enabled": flag().Needed()})
	}
	return map[string]provider.Type{
		typeWorkspace: {
			Properties: at(properties{
				"workspaceName":                   name(4, 63, `^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`, "letters, digits and hyphens, no hyphen first or last"),
				"sku":                             object(properties{"name": text().Needed().OneOf("Free", "Standard", "Premium", "PerNode", "PerGB2018", "Standalone", "CapacityReservation", "LACluster"), "capacityReservationLevel": integer()}).NoEffect(),
				"retentionInDays":                 integer().Between(7, 730).NoEffect(),
				"publicNetworkAccessForIngestion": text().OneOf("Enabled", "Disabled").NoEffect(),
				"publicNetworkAccessForQuery":     text().OneOf("Enabled", "Disabled").NoEffect(),
				"features":                        object(properties{"disableLocalAuth": flag(), "enableDataExport": flag(), "enableLogAccessUsingOnlyResourcePermissions": flag(), "immediatePurgeDataOn30Days": flag()}).NoEffect(),
				"workspaceCapping":                object(properties{"dailyQuotaGb": provider.Number()}).NoEffect(),
				"forceCmkForQuery":                flag().NoEffect(),
			}),
			Name:     autoName("workspaceName", 63),
			Computed: outputs("createdDate", "customerId", "etag", "location", "modifiedDate", "privateLinkScopedResources", "provisioningState", "systemData", "retentionInDays"),
			Compute:  computeWorkspace, Leave: leaveUsed(workspaceUsers),
		},
		typeDiagnostics: {
			Properties: properties{
				"resourceUri": text().Needed().Replaces().Length(1, 0).Same(strings.ToLower),
				"name":        name(1, 260, `^[^<>%&:?/#*+\\]+$`, "no < > * % & : ? / # + or \\"),
				"workspaceId": id().Needed(),
				"logs": list(object(properties{
					"category": text().Not("categoryGroup"), "categoryGroup": text().OneOf("allLogs", "audit"), "enabled": flag().Needed(), "retentionPolicy": retention(),
				})).NoEffect(),
				"metrics": list(object(properties{
					"category": text(), "enabled": flag().Needed(), "retentionPolicy": retention(), "timeGrain": duration(),
				})).NoEffect(),
				"logAnalyticsDestinationType": text().OneOf("Dedicated", "AzureDiagnostics").NoEffect(),
			},
			Name:     autoName("name", 260),
			Computed: []string{"systemData", "type"},
			Check:    checkDiagnostics, Compute: computeDiagnostics,
		},
	}
}

func computeWorkspace(req request) (result, error) {
	workspaceName := req.Inputs.Text("workspaceName")
	id, err := inGroup(req, kindWorkspace, workspaceName)
	if err != nil {
		return result{}, err
	}
	made := map[string]any{
		"createdDate": "", "customerId": kept(req, "customerId", func() string { return guid(hexes(32)) }), "etag": etag(), "modifiedDate": "",
		"privateLinkScopedResources": []any{}, "provisioningState": "Succeeded", "systemData": map[string]any{},
	}
	if !req.Inputs.Has("retentionInDays") {
		made["retentionInDays"] = 30.0
	}
	return regional(req, id, kindWorkspace, workspaceName, made)
}

// diagnosticKinds are the resources that tell of themselves, and whether they
// have logs beside metrics.
var diagnosticKinds = map[string]bool{
	kindNetwork: true, kindPublicAddress: true, kindSecurityGroup: true, kindLoadBalancer: true, kindServer: true, kindAccount: false,
	kindNatGateway: true, kindAutoscale: true, kindWorkspace: true, kindScaleSet: false,
	kindAccount + "/blobServices": true,
}

func checkDiagnostics(in provider.Inputs) failures {
	if len(in.Objects("logs"))+len(in.Objects("metrics")) == 0 && !in.Has("logs") && !in.Has("metrics") {
		return refuse("logs", "a diagnostic setting needs logs or metrics")
	}
	for i, l := range in.Objects("logs") {
		if !l.Has("category") && !l.Has("categoryGroup") {
			return refuse(fmt.Sprintf("logs[%d].category", i), "is required and missing, as is categoryGroup")
		}
	}
	return nil
}

func computeDiagnostics(req request) (result, error) {
	in := req.Inputs
	if _, err := need(req, typeWorkspace, in.Text("workspaceId")); err != nil {
		return result{}, err
	}
	target := strings.TrimSuffix(in.Text("resourceUri"), "/")
	service := strings.TrimSuffix(target, "/blobServices/default")
	r, ok := find(req.World, service)
	if !ok {
		return result{}, fmt.Errorf("ResourceNotFound: The resource %s of the diagnostic setting was not found", target)
	}
	kind := outs(r).Text("type")
	if service != target {
		kind += "/blobServices"
	}
	logs, known := diagnosticKinds[kind]
	if !known || (!logs && len(in.Objects("logs")) > 0) {
		return result{}, fmt.Errorf("BadRequest: resources of the type %s have no diagnostic logs", kind)
	}
	id, err := inside(req, target, "providers/"+kindDiagnostics, in.Text("name"))
	if err != nil {
		return result{}, err
	}
	return answer(id, kindDiagnostics, in.Text("name"), map[string]any{"systemData": map[string]any{}}), nil
}
