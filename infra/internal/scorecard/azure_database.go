package scorecard

import (
	"fmt"
	"strconv"
	"strings"

	"orchard/infra/internal/planned"
)

// azureDatabase is the flexible server.
func azureDatabase() []Row {
	return []Row{
		{
			ID: "PG.1", Setting: "the server has no public address and lies in a delegated subnet (policy 5375a5bb)",
			Check: every(armServer, is("network.publicNetworkAccess", "Disabled"), isSet("network.delegatedSubnetResourceId")),
		},
		{ID: "PG.2", Setting: "connections without TLS are refused (policy c29c38cb)", Check: parameter("require_secure_transport", isOn)},
		{ID: "PG.3", Setting: "TLS 1.2 at least (policy a43d5475)", Check: parameter("ssl_min_protocol_version", oneOf("TLSv1.2", "TLSv1.3"))},
		{ID: "PG.4", Setting: "the server has an administrator of the directory (policy ce39a96d)", Check: every(armAdministrator, isSet("objectId"))},
		{
			ID: "PG.5", Setting: "nobody signs in with a password (benchmark IM-1)",
			Check: every(armServer, is("authConfig.passwordAuth", "Disabled"), is("authConfig.activeDirectoryAuth", "Enabled")),
		},
		{
			ID: "PG.6", Setting: "connections, their ends and checkpoints are logged (policies 086709ac, 1d14b021, 70be9e12)",
			Check: both(parameter("log_connections", isOn), parameter("log_disconnections", isOn), parameter("log_checkpoints", isOn)),
		},
		{
			ID: "PG.7", Setting: "changes are audited (policies 4eb5e667, eadbb524)",
			Check: both(parameter("shared_preload_libraries", holds("pgaudit")), parameter("pgaudit.log", notOneOf("", "none"))),
		},
		{ID: "PG.8", Setting: "the server keeps its logs for 7 days (policy f5ed3f7a)", Check: parameter("logfiles.retention_days", sevenDays)},
		{
			ID: "PG.9", Setting: "backups are kept in another region too (policy cee2f9fd)",
			Check: every(armServer, is("backup.geoRedundantBackup", "Enabled")),
			Waiver: "It is chosen when the server is made and cannot be changed, and the region that pairs with the default one takes no new customers; " +
				"backups are kept in three zones.",
		},
		{ID: "PG.10", Setting: "the server's logs go to a workspace (policy 78ed47da)", Check: every(armServer, logged)},
		{
			ID: "PG.11", Setting: "Defender watches open-source databases (policies 0a9fbe0d, d38668f5)",
			Check: beyond("It is a plan of the whole subscription, and billed there."),
		},
	}
}

// parameter passes when every server has a value for a parameter with which
// nothing is wrong.
func parameter(name string, wrong func(value string) string) Check {
	return every(armServer, func(stack planned.Stack, server item) string {
		for _, each := range of(stack, armConfiguration) {
			if text(each, "configurationName") == name && text(each, "serverName") == text(server, "serverName") {
				if problem := wrong(text(each, "value")); problem != "" {
					return fmt.Sprintf("parameter %s %s", name, problem)
				}
				return ""
			}
		}
		return "parameter " + name + " is not set"
	})
}

func isOn(value string) string { return oneOf("on")(value) }

func oneOf(wanted ...string) func(string) string {
	return func(value string) string {
		for _, each := range wanted {
			if strings.EqualFold(value, each) {
				return ""
			}
		}
		return "is " + strconv.Quote(value)
	}
}

func notOneOf(refused ...string) func(string) string {
	return func(value string) string {
		if oneOf(refused...)(value) == "" {
			return "is " + strconv.Quote(value)
		}
		return ""
	}
}

// holds wants a list with commas to have an item.
func holds(item string) func(string) string {
	return func(value string) string {
		if strings.Contains(","+strings.ReplaceAll(value, " ", "")+",", ","+item+",") {
			return ""
		}
		return "lacks " + item
	}
}

func sevenDays(value string) string {
	if days, err := strconv.Atoi(value); err != nil || days < 7 {
		return "is " + strconv.Quote(value)
	}
	return ""
}

// logged wants a diagnostic setting that sends all of a resource's logs.
func logged(stack planned.Stack, r item) string {
	for _, each := range of(stack, armDiagnostics) {
		if input(each, "resourceUri") != madeID(r) || text(each, "workspaceId") == "" {
			continue
		}
		for _, log := range list(each, "logs") {
			if log := object(log); log["enabled"] == true && (log["categoryGroup"] == "allLogs" || log["categoryGroup"] == "audit") {
				return ""
			}
		}
	}
	return "no diagnostic setting sends its logs to a workspace"
}
