package planned

import (
	"fmt"
	"strings"
	"testing"

	"orchard/infra/internal/golden"
	"orchard/infra/internal/settings"
	"orchard/infra/internal/settings/settingstest"
	"orchard/infra/internal/watch"
)

const alarmsIntroduction = `# Alarms

What each alarm of a service stack means, and what to do. The alarms are described once, for all clouds, in ` + "`infra/internal/watch`" + `; each stack puts its cloud's metrics in their place, and this page is written from both by a test.

**critical** wakes somebody: clients are failing, or will within the hour. **warning** is for the working day. An alarm rings when its signal is past the bound for all of the minutes; one of a zone or a scaling group is there once for each. The alarm ` + "`errors`" + ` also ends a fault of AWS Fault Injection Service that is under way.

Alarms are told to a topic of the stack, on Azure to its action group, and neither has subscribers of its own: on Azure, add a receiver to the group; on AWS, subscribe to the topic with the id of any alarm of the output ` + "`alarms`" + `:

` + "```" + `
alarm=$(pulumi stack output --json alarms | jq -r '.[0]')
topic=$(aws cloudwatch describe-alarms --alarm-names "${alarm##*:alarm:}" --query 'MetricAlarms[0].AlarmActions[0]' --output text)
aws sns subscribe --topic-arn "$topic" --protocol email --notification-endpoint you@example.org
` + "```" + `

On Azure the topic is an action group, which mails to everybody who has the role Monitoring Contributor in the subscription. Its alarms differ in this:

- An alert looks at a window, the shortest of 1, 5, 15 and 30 minutes that holds the alarm's minutes, and is quiet while there is no data.
- The load balancer sees no answers, so nothing rings for single failed or slow ones: ` + "`errors` and `slow`" + ` are not there. Watch them with the service's own metrics (` + "`make dashboards`" + `).
- Targets have no zone in Azure's metrics. ` + "`zone-empty`" + ` rings when as large a share of all targets fails its probe as a zone has at least, at any size of the fleet.
- ` + "`database-storage`" + ` rings at 90 % of the storage, or with 5.5 GiB left where that is earlier, because a server becomes read-only at 95 % or with 5 GiB left.

`

// TestAlarmsDocument keeps docs/alarms.md at what is described and declared.
func TestAlarmsDocument(t *testing.T) {
	aws, azure := alarmNames(t, "prod", "aws:cloudwatch/metricAlarm:MetricAlarm"), alarmNames(t, "prod-azure", "azure-native:insights/v20180301:MetricAlert")
	var text strings.Builder
	text.WriteString(alarmsIntroduction)
	text.WriteString("| alarm | rings when | for | of each | AWS | Azure |\n|---|---|---|---|---|---|\n")
	all := watch.Alarms(described(t))
	for _, a := range all {
		fmt.Fprintf(&text, "| [%s](#%s) | %s is %s %s | %d min | %s | %s | %s |\n",
			a.Name, a.Name, a.Signal, a.Comparison, a.Bound, a.Periods*watch.PeriodSeconds/60, a.Signal.Scope(), declares(aws, a), declares(azure, a))
	}
	for _, a := range all {
		silence := ""
		if a.SilenceRings {
			silence = " No data counts as past the bound."
		}
		fmt.Fprintf(&text, "\n## %s\n\n%s: %s%s\n\n%s\n", a.Name, strings.ToUpper(string(a.Severity[:1]))+string(a.Severity[1:]), a.Means, silence, a.Do)
	}
	golden.Check(t, "../../../docs/alarms.md", text.String())
}

// described are any settings, because the page has the bounds in words.
func described(t *testing.T) settings.Settings {
	return settingstest.Parse(t, "dev", map[string]string{"allowHttp": "true"})
}

func alarmNames(t *testing.T, stack, token string) []string {
	t.Helper()
	planned, err := Read(project, stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range planned.Of(token) {
		names = append(names, name)
	}
	return names
}

// declares says whether an alarm is among the declared ones, by its name or by
// that with a zone's or a group's after it.
func declares(names []string, a watch.Alarm) string {
	for _, name := range names {
		if name == a.Name || strings.HasPrefix(name, a.Name+"-") {
			return "yes"
		}
	}
	return "no"
}
