package azure

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

const kindFlowLog = "Microsoft.Network/networkWatchers/flowLogs"

// watcherGroup is the resource group in which Azure makes a network watcher
// for each location of a subscription.
const watcherGroup = "NetworkWatcherRG"

// flowLogType is known and records nothing.
func flowLogType() provider.Type {
	own := at(properties{
		"networkWatcherName": parent(),
		"flowLogName":        networkName(1, 80),
		"targetResourceId":   id().Needed().Replaces(),
		"storageId":          id().Needed(),
		"enabled":            flag().Or(false).NoEffect(),
		"format":             object(properties{"type": text().OneOf("JSON"), "version": integer().Between(1, 2)}).NoEffect(),
		"retentionPolicy":    object(properties{"enabled": flag(), "days": integer().Between(0, 365)}).NoEffect(),
	})
	return provider.Type{
		Properties: own,
		Name:       autoName("flowLogName", 80),
		Computed:   networkOutputs("targetResourceGuid"),
		Moves:      networkMoves(own),
		Compute:    computeFlowLog,
	}
}

// computeFlowLog refuses a watcher that is not the location's own, which alone
// is there, and what a flow log cannot be of.
func computeFlowLog(req request) (result, error) {
	in := req.Inputs
	group, watcher := in.Text("resourceGroupName"), in.Text("networkWatcherName")
	if want := "NetworkWatcher_" + locationOf(req); !strings.EqualFold(group, watcherGroup) || !strings.EqualFold(watcher, want) {
		return result{}, fmt.Errorf("ResourceNotFound: The Resource 'Microsoft.Network/networkWatchers/%s' under resource group '%s' was not found: the location's own is %s in %s",
			watcher, group, want, watcherGroup)
	}
	if _, err := need(req, typeVirtualNetwork, in.Text("targetResourceId")); err != nil {
		return result{}, err
	}
	if _, err := need(req, typeAccount, in.Text("storageId")); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeFlowLog) {
		if SameID(outs(r).Text("targetResourceId"), in.Text("targetResourceId")) {
			return result{}, fmt.Errorf("FlowLogAlreadyExists: Resource %s has the flow log %s already", in.Text("targetResourceId"), outs(r).Text("name"))
		}
	}
	id, err := inside(req, "/subscriptions/"+subscription(req)+"/resourceGroups/"+watcherGroup, "providers/Microsoft.Network/networkWatchers/"+watcher+"/flowLogs", in.Text("flowLogName"))
	if err != nil {
		return result{}, err
	}
	return network(req, id, kindFlowLog, in.Text("flowLogName"), map[string]any{"targetResourceGuid": guid(hexes(32))})
}
