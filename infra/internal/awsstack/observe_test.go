package awsstack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/settings"
	"orchard/infra/internal/watch"
)

const (
	alarmType     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	dashboardType = "aws:cloudwatch/dashboard:Dashboard"
	faultType     = "aws:fis/experimentTemplate:ExperimentTemplate"
)

// TestEverySignal: each has its metrics or a reason, and no chart is half one
// and half the other, because then the reason would not be seen.
func TestEverySignal(t *testing.T) {
	t.Parallel()
	for _, row := range watch.Rows() {
		for _, chart := range row.Charts {
			missing := 0
			for _, signal := range chart.Signals {
				_, has := measured[signal]
				reason := unmeasured[signal]
				if has == (reason != "") {
					t.Errorf("signal %s: got metrics %v and reason %q, want one of the two", signal, has, reason)
				}
				if !has {
					missing++
				}
			}
			if missing != 0 && missing != len(chart.Signals) {
				t.Errorf("chart %s: got %d of %d signals without metrics, want none or all", chart.Title, missing, len(chart.Signals))
			}
		}
	}
}

// TestMath writes every expression, which must name each of its metrics.
func TestMath(t *testing.T) {
	t.Parallel()
	for signal, s := range measured {
		if s.expression == "" {
			if len(s.metrics) != 1 {
				t.Errorf("signal %s: got %d metrics and no expression, want one", signal, len(s.metrics))
			}
			continue
		}
		var ids []string
		for i := range s.metrics {
			ids = append(ids, "m"+string(rune('1'+i)))
		}
		got := s.math(ids)
		for _, id := range ids {
			if !strings.Contains(got, id) || strings.Contains(got, "%!") {
				t.Errorf("signal %s: got expression %s, want one over %s", signal, got, id)
			}
		}
	}
}

// TestAlarms: one for each line of each measured signal, all told to the one
// topic, each with a single result.
func TestAlarms(t *testing.T) {
	for topology, want := range map[string]int{"regional": 12, "zonal": 18} {
		found := record(t, map[string]string{"topology": topology}).Of(alarmType)
		if len(found) != want {
			t.Errorf("%s: got %d alarms, want %d", topology, len(found), want)
		}
		for name, alarm := range found {
			fakecloud.Expect(t, alarm, map[string]any{"alarmActions[0]": "arn:aws:any:eu-central-1:123456789012:topic-alarms"})
			results := 0
			for _, query := range alarm.Inputs["metricQueries"].ArrayValue() {
				if query.ObjectValue()["returnData"].BoolValue() {
					results++
				}
			}
			if results != 1 {
				t.Errorf("%s alarm %s: got %d results, want one", topology, name, results)
			}
		}
	}
}

// TestZoneAlarm: a zone without targets reports nothing, and that rings.
func TestZoneAlarm(t *testing.T) {
	fakecloud.Expect(t, record(t, nil).Of(alarmType)["zone-empty-eu-central-1a"], map[string]any{
		"metricQueries[0].metric.metricName":                  "HealthyHostCount",
		"metricQueries[0].metric.dimensions.AvailabilityZone": "eu-central-1a",
		"metricQueries[0].metric.dimensions.TargetGroup":      "targetgroup/targetgroup-app/2",
		"comparisonOperator":                                  "LessThanThreshold", "threshold": 1.0, "treatMissingData": "breaching",
	})
}

// TestTopic: CloudWatch may use key and topic for this account, nobody else.
func TestTopic(t *testing.T) {
	r := record(t, nil)
	key := fakecloud.Only(t, r, "aws:kms/key:Key")
	fakecloud.Expect(t, key, map[string]any{"enableKeyRotation": true})
	fakecloud.Expect(t, fakecloud.Only(t, r, "aws:sns/topic:Topic"), map[string]any{"kmsMasterKeyId": "arn:aws:any:eu-central-1:123456789012:key-alarms"})
	topic := fakecloud.Only(t, r, "aws:sns/topicPolicy:TopicPolicy")
	for name, document := range map[string]string{"key": key.Inputs["policy"].StringValue(), "topic": topic.Inputs["policy"].StringValue()} {
		for _, s := range statements(t, document) {
			if s.Effect == "Allow" && !strings.Contains(document, "123456789012") {
				t.Errorf("policy of the %s allows %v to any account", name, s.Action)
			}
			services := s.Principal.(map[string]any)["Service"]
			if services != nil && s.Condition["StringEquals"]["aws:SourceAccount"] != "123456789012" {
				t.Errorf("policy of the %s lets %v act for any account", name, services)
			}
		}
	}
}

func statements(t *testing.T, document string) []statement {
	t.Helper()
	var parsed struct{ Statement []statement }
	if err := json.Unmarshal([]byte(document), &parsed); err != nil {
		t.Fatalf("read policy %s: %v", document, err)
	}
	return parsed.Statement
}

// widget is one part of a dashboard's page.
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Markdown string
		Alarms          []string
		Metrics         [][]any
	}
}

// TestDashboard: every row and chart is there, on a grid of 24 columns
// without overlap, and every alarm.
func TestDashboard(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		var page struct{ Widgets []widget }
		body := fakecloud.Only(t, r, dashboardType).Inputs["dashboardBody"].StringValue()
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		if got, want := len(page.Widgets[0].Properties.Alarms), len(r.Of(alarmType)); got != want {
			t.Errorf("got %d alarms on the page, want %d", got, want)
		}
		for _, row := range watch.Rows() {
			for _, chart := range row.Charts {
				if !slices.ContainsFunc(page.Widgets, func(w widget) bool { return shows(w, chart.Title) }) {
					t.Errorf("row %s has no chart %q", row.Title, chart.Title)
				}
			}
		}
		for i, w := range page.Widgets {
			if w.X < 0 || w.X+w.Width > gridWidth {
				t.Errorf("widget %q: got columns %d to %d, want at most %d", w.Properties.Title, w.X, w.X+w.Width, gridWidth)
			}
			for _, other := range page.Widgets[:i] {
				if w.X < other.X+other.Width && other.X < w.X+w.Width && w.Y < other.Y+other.Height && other.Y < w.Y+w.Height {
					t.Errorf("widgets %q and %q overlap", w.Properties.Title, other.Properties.Title)
				}
			}
		}
	})
}

func shows(w widget, title string) bool {
	if w.Type == "metric" {
		return w.Properties.Title == title && len(w.Properties.Metrics) > 0
	}
	return strings.HasPrefix(w.Properties.Markdown, "**"+title+"**\n\n")
}

// TestFaults: what is prepared touches this stack only, and stops by the
// alarm of failed answers.
func TestFaults(t *testing.T) {
	r := record(t, nil)
	found := r.Of(faultType)
	if want := 2 + 3*settings.Zones; len(found) != want {
		t.Errorf("got %d fault templates, want %d", len(found), want)
	}
	for _, template := range found {
		fakecloud.Expect(t, template, map[string]any{
			"stopConditions[0].value": "arn:aws:any:eu-central-1:123456789012:metricalarm-errors",
			"roleArn":                 "arn:aws:any:eu-central-1:123456789012:role-faults",
		})
		for _, target := range template.Inputs["targets"].ArrayValue() {
			if got := tagOf(target, "Stack"); got != "dev" {
				t.Errorf("%s: target %v is of stack %q, want dev", template.Name, target.ObjectValue()["name"], got)
			}
		}
	}
}

func tagOf(target resource.PropertyValue, key string) string {
	for _, tag := range target.ObjectValue()["resourceTags"].ArrayValue() {
		if tag.ObjectValue()["key"].StringValue() == key {
			return tag.ObjectValue()["value"].StringValue()
		}
	}
	return ""
}

// TestFaultRole: what changes something is held to a resource, or to a tag.
func TestFaultRole(t *testing.T) {
	document := record(t, nil).Of("aws:iam/rolePolicy:RolePolicy")["break-stack"].Inputs["policy"].StringValue()
	for _, s := range statements(t, document) {
		if !slices.Equal(s.Resource, []string{"*"}) || s.Condition != nil {
			continue
		}
		for _, action := range s.Action {
			_, verb, _ := strings.Cut(action, ":")
			if !strings.HasPrefix(verb, "Describe") && !strings.HasPrefix(verb, "Get") {
				t.Errorf("the role of faults may do %s to everything, want a resource or a condition", action)
			}
		}
	}
}
