package settings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/settings"
	"orchard/infra/internal/settings/settingstest"
)

// dev is what Pulumi.dev.yaml sets.
var dev = map[string]string{"allowHttp": "true", "deletionProtection": "false", "listenerPort": "8080"}

func TestParse(t *testing.T) {
	t.Parallel()
	got := settingstest.Parse(t, "dev", dev)
	want := settings.Settings{
		Stack: "dev", Role: settings.Service, Cloud: settings.AWS, Size: settings.Dev, Region: "eu-central-1", Architecture: settings.ARM64,
		Release: "../bin/orchard",
		Network: settings.Network{CIDR: "10.0.0.0/16"},
		Fleet: settings.Fleet{
			Topology: settings.Regional, InstanceType: "t4g.small", OtherTypes: []string{"t4g.medium"},
			MinSize: 3, MaxSize: 6, CPUTarget: 50, RequestsPerTarget: 6000,
		},
		Listener: settings.Listener{Port: 8080},
		Database: settings.Database{
			Major: 15, MultiAZ: true, Class: "db.t4g.micro", StorageGiB: 20, Port: 5432, MaxConnections: 100,
		},
		Runner:     settings.Runner{Nodes: 5, Rate: 100, Length: 50 * time.Second},
		WriteToken: "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e", // the token's SHA-256
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings of the defaults (-want +got):\n%s", diff)
	}
	if got.PoolSize() != 6 {
		t.Errorf("pool of 100 connections for 6 instances: got %d, want 6", got.PoolSize())
	}
}

// TestRefuse has one row for each way to be wrong, and a part of the message.
func TestRefuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, value, want string
	}{
		{"cloud", "gcp", `orchard:cloud is "gcp"; it may be aws or azure`},
		{"region", "Frankfurt", `orchard:region is "Frankfurt"`},
		{"zones", "eu-central-1a,eu-central-1b", "needs 3 different zones"},
		{"zones", "eu-central-1a,eu-central-1b,eu-central-1b", "needs 3 different zones"},
		{"zones", "eu-central-1a,eu-central-1b,eu-west-1c", "eu-west-1c, which is not in orchard:region eu-central-1"},
		{"zones", "eu-central-1a,eu central,x", `the item "eu central"`},
		{"networkCidr", "10.0.0.0/24", "private IPv4 range of 16 bits"},
		{"networkCidr", "10.1.2.0/16", "private IPv4 range of 16 bits"},
		{"networkCidr", "8.8.0.0/16", "private IPv4 range of 16 bits"},
		{"topology", "global", "regional or zonal"},
		{"writeToken", "", "pulumi config set --secret orchard:writeToken"},
		{"writeToken", "a-short-one", "at least 32 random bytes"},
		{"architecture", "riscv64", "arm64 or x86_64"},
		{"instanceType", "t4g", "orchard:instanceType"},
		{"otherInstanceTypes", "t4g.small,large", `orchard:otherInstanceTypes is "large", which is no name of aws`},
		{"instanceType", "$(id)", "orchard:instanceType"},
		{"encryptionAtHost", "true", "orchard:encryptionAtHost is of azure"},
		{"image", "al2023", "orchard:image"},
		{"minSize", "0", "whole number from 1 to 300"},
		{"minSize", "7", "orchard:minSize 7 is above orchard:maxSize 6"},
		{"maxSize", "many", "whole number"},
		{"maxSize", "21", "databaseMaxConnections 100 and orchard:maxSize 21 leave each instance a pool of 1"},
		{"databaseMaxConnections", "29", "a pool of 1 (0.8 × 29 / (2 × 6)) and at least 2"},
		{"cpuTarget", "99", "from 10 to 90"},
		{"requestsPerTarget", "-1", "orchard:requestsPerTarget"},
		{"listenerPort", "70000", "from 1 to 65535"},
		{"certificateArn", "mine", "orchard:certificateArn"},
		{"certificateArn", "arn:aws:acm:eu-central-1:1:certificate/a", "go together"},
		{"domain", "fruit.example.org", "go together"},
		{"certificateSecret", vaultSecret, "orchard:certificateSecret is of azure"},
		{"deployFrom", "198.51.100.0/24", "orchard:deployFrom is of azure"},
		{"allowHttp", "false", "would speak plain HTTP"},
		{"allowHttp", "yes", "true or false"},
		{"release", "", "orchard:release"},
		{"databaseMajor", "13", "from 14 to 18"},
		{"region", "germanywestcentral", "which is no name of aws"},
		{"databaseClass", "t4g.micro", "orchard:databaseClass"},
		{"databaseStorage", "5", "from 20"},
		{"databasePort", "80", "from 1150"},
		{"deletionProtection", "", "true or false"},
		{"size", "large", `orchard:size is "large"; it may be dev or production`},
		{"size", "production", "needs orchard:domain and its certificate, orchard:deletionProtection"},
		{"role", "fleet", `orchard:role is "fleet"; it may be service or loadrunner`},
		{"serviceStack", "dev", "orchard:serviceStack is for the role loadrunner"},
		{"minsize", "3", "orchard:minsize is not a known key"},
	} {
		config := settingstest.Defaults(t).With(dev).With(map[string]string{c.key: c.value})
		_, err := settings.Parse("dev", config.Get, config.Names())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%q: got error %v, want one with %q", c.key, c.value, err, c.want)
		}
	}
}

// vaultSecret is a certificate as a stack of azure names it.
const vaultSecret = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/fruit/secrets/fruit-example-org"

// azure is what Pulumi.dev-azure.yaml sets.
var azure = map[string]string{"cloud": "azure", "allowHttp": "true", "deletionProtection": "false", "databaseStorage": "32", "listenerPort": "8080"}

func TestParseAzure(t *testing.T) {
	t.Parallel()
	got := settingstest.Parse(t, "dev-azure", azure)
	want := settings.Settings{
		Stack: "dev-azure", Role: settings.Service, Cloud: settings.Azure, Size: settings.Dev, Region: "germanywestcentral", Architecture: settings.ARM64,
		Release: "../bin/orchard",
		Network: settings.Network{CIDR: "10.0.0.0/16"},
		Fleet: settings.Fleet{
			Topology: settings.Regional, InstanceType: "Standard_B2pls_v2",
			MinSize: 3, MaxSize: 6, CPUTarget: 50, RequestsPerTarget: 6000,
		},
		Listener: settings.Listener{Port: 8080},
		Database: settings.Database{
			Major: 15, MultiAZ: true, Class: "Standard_D2ds_v5", StorageGiB: 32, Port: 5432, MaxConnections: 100,
		},
		Runner:     settings.Runner{Nodes: 5, Rate: 100, Length: 50 * time.Second},
		WriteToken: "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e", // the token's SHA-256
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings of the defaults on azure (-want +got):\n%s", diff)
	}
}

// TestRefuseAzure has the ways to be wrong that Azure adds.
func TestRefuseAzure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, value, want string
	}{
		{"region", "eu-central-1", "orchard:region is \"eu-central-1\", which is no name of azure"},
		{"zones", "1,2,4", "orchard:zones names 4; azure's zones are 1, 2, 3"},
		{"instanceType", "t4g.small", "orchard:instanceType is \"t4g.small\", which is no name of azure"},
		{"image", "ami-0abc", "orchard:image is \"ami-0abc\", which is no name of azure"},
		{"databaseClass", "db.t4g.micro", "orchard:databaseClass is \"db.t4g.micro\", which is no name of azure"},
		{"databaseClass", "Standard_B2s", "is burstable and has no standby"},
		{"databaseMajor", "17", "orchard:databaseMajor is 17; azure has 14 to 16"},
		{"databasePort", "5433", "orchard:databasePort is 5433; azure has 5432 alone"},
		{"databaseStorage", "20", "orchard:databaseStorage is 20; azure has 32 GiB and its doubles"},
		{"databaseStorage", "48", "orchard:databaseStorage is 48; azure has 32 GiB and its doubles"},
		{"databaseMaxConnections", "6000", "orchard:databaseMaxConnections is 6000; azure has 25 to 5000"},
		{"listenerPort", "65535", "orchard:listenerPort is 65535; azure has 1 to 65534"},
		{"certificateArn", "arn:aws:acm:eu-central-1:1:certificate/a", "azure's load balancer ends no TLS"},
		{"certificateSecret", "https://fruit.vault.azure.net/secrets/fruit", "orchard:certificateSecret"},
		{"certificateSecret", vaultSecret, "orchard:certificateSecret and orchard:domain go together"},
		{"domain", "fruit.example.org", "orchard:certificateSecret and orchard:domain go together"},
		{"allowHttp", "false", "orchard:certificateSecret is empty, so the service would speak plain HTTP"},
		{"deployFrom", "198.51.100.7/32", "orchard:deployFrom has the item"},
		{"size", "production", "orchard:deployFrom is empty and orchard:size is production"},
		{"otherInstanceTypes", "t4g.medium", "orchard:otherInstanceTypes is of aws"},
		{"encryptionAtHost", "yes", "orchard:encryptionAtHost is \"yes\"; it may be true or false"},
	} {
		config := settingstest.Defaults(t).With(azure).With(map[string]string{c.key: c.value})
		_, err := settings.Parse("dev-azure", config.Get, config.Names())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%q: got error %v, want one with %q", c.key, c.value, err, c.want)
		}
	}
}

func TestZonalSharesEvenly(t *testing.T) {
	t.Parallel()
	zonal := map[string]string{"topology": "zonal", "minSize": "4"}
	config := settingstest.Defaults(t).With(dev).With(zonal)
	if _, err := settings.Parse("dev", config.Get, nil); err == nil || !strings.Contains(err.Error(), "must be multiples of 3") {
		t.Errorf("4 instances over 3 zones: got error %v", err)
	}
}

// TestAllProblemsAtOnce has a missing, an unknown and a wrong key.
func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	config := settingstest.Defaults(t).With(map[string]string{"minSize": "x", "extra": "1"})
	delete(config, "orchard:region")
	config["aws:region"] = "eu-west-1"
	_, err := settings.Parse("dev", config.Get, config.Names())
	for _, want := range []string{"orchard:minSize", "orchard:region is not set", "orchard:extra is not a known key"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "aws:region") {
		t.Errorf("a key of another namespace is not ours to refuse: %v", err)
	}
}

// TestProjectDescribesEveryKey keeps Pulumi.yaml and the parser in step: the
// parser refuses what it does not know and misses what is not declared.
func TestProjectDescribesEveryKey(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	defaults := settingstest.Defaults(t)
	_, err := settings.Parse("dev", func(key string) (string, bool) {
		asked[key] = true
		return defaults.Get(key)
	}, defaults.Names())
	if err == nil || strings.Contains(err.Error(), "known key") || strings.Contains(err.Error(), "not set") {
		t.Errorf("defaults: got error %v, want only the refusal of plain HTTP", err)
	}
	if len(asked) != len(defaults) {
		t.Errorf("Pulumi.yaml declares %d keys and %d are read", len(defaults), len(asked))
	}
}
