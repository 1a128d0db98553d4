package grafana

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/planned"
	"orchard/infra/internal/watch"
)

const project = "../../.."

func stackOutputs(t *testing.T, stack string) outputs.Stack {
	t.Helper()
	plan, err := planned.Read(project, stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	of, err := outputs.Decode(plan.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	return of
}

func written(t *testing.T, stack string) []byte {
	t.Helper()
	text, err := Dashboard(stack, stackOutputs(t, stack))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// form is the one that every Grafana imports.
type form = dashboard.Dashboard //nolint:staticcheck // the newer one is of newer servers alone

// schema holds a dashboard to Grafana's schema: every key and type of the
// page, its panels and their queries. The strict reader gives a list of errors
// that is empty where there is none, and leaves the panels out; so the page is
// read a second time.
func schema(text []byte) (page form, err error) {
	plugins.RegisterDefaultPlugins()
	var strict form
	err = strict.UnmarshalJSONStrict(text)
	if list := (cog.BuildErrors{}); err != nil && (!errors.As(err, &list) || len(list) > 0) {
		return page, err
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return page, err
	}
	return page, page.Validate()
}

func TestSchema(t *testing.T) {
	for _, stack := range []string{"dev", "dev-azure", "prod", "prod-azure"} {
		page, err := schema(written(t, stack))
		if err != nil {
			t.Errorf("dashboard of %s: %v", stack, err)
			continue
		}
		rows, charts := 0, 0
		for _, each := range page.Panels {
			if each.RowPanel != nil {
				rows++
			} else {
				charts++
			}
		}
		wanted := 0
		for _, row := range watch.Rows() {
			wanted += len(row.Charts)
		}
		if rows != len(watch.Rows()) || charts != wanted {
			t.Errorf("dashboard of %s: got %d rows and %d charts, want %d and %d", stack, rows, charts, len(watch.Rows()), wanted)
		}
	}
}

// TestSchemaRefuses breaks what is written in several places.
func TestSchemaRefuses(t *testing.T) {
	whole := written(t, "dev")
	for name, change := range map[string][2]string{
		"a key of the page":     {`"title": "Orchard dev"`, `"titel": "Orchard dev"`},
		"a key of a panel":      {`"gridPos"`, `"gridPosition"`},
		"a key of a query":      {`"legendFormat"`, `"legendForm"`},
		"a number as text":      {`"min": 0`, `"min": "0"`},
		"a refresh in no words": {`"graphTooltip": 0`, `"graphTooltip": "none"`},
	} {
		broken := bytes.Replace(whole, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(broken, whole) {
			t.Errorf("%s: the dashboard has no %s to break", name, change[0])
		}
		if _, err := schema(broken); err == nil {
			t.Errorf("%s: the schema accepts %s", name, change[1])
		}
	}
}

// TestEverySignal: each has a query or a reason, on either cloud.
func TestEverySignal(t *testing.T) {
	for _, cloud := range []string{"aws", "azure"} {
		asked := queries(outputs.Stack{Cloud: cloud})
		for _, row := range watch.Rows() {
			for _, chart := range row.Charts {
				for _, signal := range chart.Signals {
					if asked[signal].note == "" {
						t.Errorf("%s: signal %s has neither a query nor a reason", cloud, signal)
					}
				}
			}
		}
	}
}

// TestMetricsOfTheService looks for each name in what the service registers.
func TestMetricsOfTheService(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(project, "api/internal/metrics/metrics.go"))
	if err != nil {
		t.Fatal(err)
	}
	for signal, q := range service() {
		for _, name := range regexp.MustCompile(`orchard_[a-z_]+`).FindAllString(q.expr, -1) {
			if !strings.Contains(string(source), `"`+strings.TrimSuffix(name, "_bucket")+`"`) {
				t.Errorf("signal %s asks for %s, which the service does not register", signal, name)
			}
		}
	}
}

// TestNamesOfTheStack: what the cloud measures is asked for by its own names.
func TestNamesOfTheStack(t *testing.T) {
	for stack, names := range map[string][]string{
		"prod":       {"load_balancer=\"app/loadbalancer-public/1\"", "auto_scaling_group_name=~\"orchard-prod-app\"", "dbinstance_identifier=\"instance-database\""},
		"prod-azure": {"/providers/[^/]+/loadBalancers/(orchard-public", "/flexibleServers/(", "/virtualMachineScaleSets/(", "vector(30)"},
	} {
		var expressions strings.Builder
		for _, q := range queries(stackOutputs(t, stack)) {
			expressions.WriteString(q.expr + "\n")
		}
		for _, name := range names {
			if !strings.Contains(expressions.String(), name) {
				t.Errorf("%s: no query names %s:\n%s", stack, name, &expressions)
			}
		}
	}
}

func TestRefuseLoadRunner(t *testing.T) {
	if text, err := Dashboard("load", stackOutputs(t, "load")); err == nil || !strings.Contains(err.Error(), "load") {
		t.Errorf("dashboard of a stack that is no service: got %d bytes and error %v, want an error that names it", len(text), err)
	}
}
