package cost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/golden"
	"orchard/infra/internal/planned"
)

const project = "../../.."

// TestReport prices every stack that the project ships.
func TestReport(t *testing.T) {
	names, err := planned.Names(project)
	if err != nil {
		t.Fatal(err)
	}
	report, err := NewReport(project, names, nil)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := Print(&text, report); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/cost.golden", text.String())
	for _, each := range report.Stacks {
		if each.MonthlyUSD <= 0 || each.RedundancyUSD < 0 || each.RedundancyUSD >= each.MonthlyUSD {
			t.Errorf("stack %s: got %.2f a month and %.2f of it for redundancy, want a part of something", each.Stack, each.MonthlyUSD, each.RedundancyUSD)
		}
	}
}

// TestDocuments holds the documents to the costs that they name.
func TestDocuments(t *testing.T) {
	prices, err := readPrices()
	if err != nil {
		t.Fatal(err)
	}
	hours := prices.HoursPerMonth
	stacks := map[string]float64{}
	report, err := NewReport(project, []string{"dev", "dev-azure", "prod", "prod-azure"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range report.Stacks {
		stacks[each.Stack] = each.MonthlyUSD
	}
	for document, sentences := range map[string][]string{
		"README.md": {
			fmt.Sprintf("%.0f dollars a month on AWS and %.0f on Azure", stacks["prod"], stacks["prod-azure"]),
			fmt.Sprintf("would be %.0f and %.0f", stacks["dev"], stacks["dev-azure"]),
		},
		"docs/operations.md": {
			fmt.Sprintf("%.0f a month as `Pulumi.prod.yaml` is, %.2f an hour", stacks["prod"], stacks["prod"]/hours),
			fmt.Sprintf("%.0f a month as `Pulumi.prod-azure.yaml` is, %.2f an hour", stacks["prod-azure"], stacks["prod-azure"]/hours),
		},
	} {
		text, err := os.ReadFile(filepath.Join(project, document))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range sentences {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s does not say %q", document, want)
			}
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                string
		resources           []fakecloud.Resource
		monthly, redundancy float64
	}{
		{"nothing", nil, 0, 0},
		{"free", []fakecloud.Resource{made("aws:ec2/vpc:Vpc", "network", `{}`)}, 0, 0},
		{"one NAT gateway", nats("a"), 32.85, 0},
		{"three NAT gateways", nats("a", "b", "c"), 98.55, 65.70},
		{"database", []fakecloud.Resource{made("aws:rds/instance:Instance", "database",
			`{"instanceClass": "db.t4g.micro", "allocatedStorage": 20, "storageType": "gp3"}`)}, 11.68 + 2.30, 0},
		{"database with a standby", []fakecloud.Resource{made("aws:rds/instance:Instance", "database",
			`{"instanceClass": "db.t4g.micro", "allocatedStorage": 20, "storageType": "gp3", "multiAz": true, "manageMasterUserPassword": true}`)}, 23.36 + 4.60 + 0.40, 11.68 + 2.30},
		{"gateway endpoint", []fakecloud.Resource{made("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", `{"vpcEndpointType": "Gateway"}`)}, 0, 0},
		{"interface endpoint", []fakecloud.Resource{made("aws:ec2/vpcEndpoint:VpcEndpoint", "ssm",
			`{"vpcEndpointType": "Interface", "subnetIds": ["a", "b", "c"]}`)}, 21.90, 14.60},
		{"load balancer", []fakecloud.Resource{made("aws:lb/loadBalancer:LoadBalancer", "public", `{"subnets": ["a", "b", "c"]}`)}, 16.425 + 5.84 + 10.95, 0},
		{"group that serves", group(`, "targetGroupArns": ["t"]`), 6 * (12.264 + 0.64 + 2.10), 2 * (12.264 + 0.64 + 2.10)},
		{"group that serves nobody", group(""), 6 * (12.264 + 0.64 + 2.10), 0},
		{"group of chosen types", group(`, "launchTemplate": {}, "mixedInstancesPolicy": {"launchTemplate": {"launchTemplateSpecification":
			{"launchTemplateId": "launchtemplate-app"}, "overrides": [{"instanceType": "m7g.large"}]}}`), 6 * (59.568 + 0.64 + 2.10), 0},
		{"server of Azure with a standby", []fakecloud.Resource{made("azure-native:dbforpostgresql/v20240801:Server", "database",
			`{"sku": {"name": "Standard_D2ds_v5"}, "storage": {"storageSizeGB": 32}, "highAvailability": {"mode": "ZoneRedundant"}}`)}, 2 * (148.19 + 4.416), 148.19 + 4.416},
		{"server of Azure", []fakecloud.Resource{made("azure-native:dbforpostgresql/v20240801:Server", "database",
			`{"sku": {"name": "Standard_D2ds_v5"}, "storage": {"storageSizeGB": 32}, "highAvailability": {"mode": "Disabled"}}`)}, 148.19 + 4.416, 0},
		{"seven rules of Azure", []fakecloud.Resource{made("azure-native:network/v20240501:LoadBalancer", "public",
			`{"loadBalancingRules": [1, 2, 3, 4, 5, 6, 7]}`)}, 18.25 + 14.60, 0},
		{"addresses of Azure", []fakecloud.Resource{
			made("azure-native:network/v20240501:PublicIPAddress", "public", `{"zones": ["1", "2", "3"]}`),
			made("azure-native:network/v20240501:PublicIPAddress", "nat-1", `{"zones": ["1"]}`),
			made("azure-native:network/v20240501:PublicIPAddress", "nat-2", `{"zones": ["2"]}`),
		}, 3 * 3.65, 3.65},
	} {
		got, err := Of(planned.Stack{Name: "test", Resources: test.resources})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if !near(got.MonthlyUSD, test.monthly) || !near(got.RedundancyUSD, test.redundancy) {
			t.Errorf("%s: got %.3f a month and %.3f for redundancy, want %.3f and %.3f", test.name, got.MonthlyUSD, got.RedundancyUSD, test.monthly, test.redundancy)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

// made is a resource with the inputs of a JSON object.
func made(token, name, inputs string) fakecloud.Resource {
	var values map[string]any
	if err := json.Unmarshal([]byte(inputs), &values); err != nil {
		panic(err)
	}
	return fakecloud.Resource{Type: token, Name: name, Inputs: resource.NewPropertyMapFromMap(values)}
}

func nats(zones ...string) []fakecloud.Resource {
	var all []fakecloud.Resource
	for _, zone := range zones {
		all = append(all, made("aws:ec2/natGateway:NatGateway", "nat-"+zone, `{}`))
	}
	return all
}

// group is one of six instances in three zones, and its launch template.
func group(more string) []fakecloud.Resource {
	return []fakecloud.Resource{
		made("aws:autoscaling/group:Group", "app", `{"minSize": 3, "desiredCapacity": 6, "vpcZoneIdentifiers": ["a", "b", "c"],
			"launchTemplate": {"id": "launchtemplate-app"}`+more+`}`),
		made("aws:ec2/launchTemplate:LaunchTemplate", "app", `{"instanceType": "t4g.small", "monitoring": {"enabled": true},
			"blockDeviceMappings": [{"ebs": {"volumeSize": 8, "volumeType": "gp3"}}]}`),
	}
}

// TestMissing wants everything that has no price to be named.
func TestMissing(t *testing.T) {
	t.Parallel()
	_, err := Of(planned.Stack{Name: "test", Resources: []fakecloud.Resource{
		made("aws:lambda/function:Function", "handler", `{}`),
		made("aws:rds/instance:Instance", "database", `{"instanceClass": "db.fruit.large"}`),
		group("")[0],
	}})
	for _, want := range []string{"stack test", "aws:lambda/function:Function handler", `"database db.fruit.large"`, "launchtemplate-app"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %s", err, want)
		}
	}
}

// TestPrices holds the table to what the package makes of it.
func TestPrices(t *testing.T) {
	t.Parallel()
	prices, err := readPrices()
	if err != nil {
		t.Fatal(err)
	}
	for _, cloud := range []cloud{prices.AWS, prices.Azure} {
		for name, each := range cloud.Prices {
			if each.USD <= 0 || !slices.Contains([]string{"hour", "month", "GB-month"}, each.Unit) ||
				!slices.Contains([]string{"estimator", "tables", "vendor", known}, each.Source) {
				t.Errorf("price %q: got %+v, want an amount, a unit and a source", name, each)
			}
		}
		ways := map[string]int{}
		for _, table := range []map[string]string{cloud.Flat, cloud.Zonal} {
			for kind, name := range table {
				ways[kind]++
				if _, ok := cloud.Prices[name]; !ok {
					t.Errorf("%s: there is no price of %q", kind, name)
				}
			}
		}
		for kind := range cloud.ByUse {
			ways[kind]++
		}
		for _, kind := range cloud.Free {
			ways[kind]++
		}
		for kind := range meters {
			ways[kind]++
		}
		for kind, count := range ways {
			if count > 1 {
				t.Errorf("%s: stands in %d places, want one", kind, count)
			}
		}
	}
}
