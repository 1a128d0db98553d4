package azurecloud

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/machine/image"
	"orchard/localcloud/internal/world"
)

// TestMain makes the test binary the program that instances run: their init
// and their systemctl.
func TestMain(m *testing.M) {
	if code, ok := image.Main(context.Background(), os.Args, os.Getenv, os.Stdout, os.Stderr); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

const (
	patience = time.Minute
	setID    = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/orchard-app"
	subnetID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/net/subnets/app"
)

// customData does what a real machine's does: it asks who it is, takes a token,
// fetches the release, and starts a unit that approves the end of the machine.
const customData = `#!/bin/bash
set -euo pipefail
ask() { curl -sSf -H "Metadata: true" "http://169.254.169.254/metadata/$1"; }
name=$(ask "instance/compute/name?api-version=2021-02-01&format=text")
zone=$(ask "instance/compute/zone?api-version=2021-02-01&format=text")
set=$(ask "instance/compute/vmScaleSetName?api-version=2021-02-01&format=text")
token=$(ask "identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F&client_id=c-app" |
	sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
mkdir -p "$DESTDIR/usr/local/bin" "$DESTDIR/etc/systemd/system"
curl -sSf -H "Authorization: Bearer $token" -H "x-ms-version: 2020-10-02" -o "$DESTDIR/release" ` + releasePath + `
secret=$(ask "identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&client_id=c-app" |
	sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
curl -sSf -H "Authorization: Bearer $secret" -o "$DESTDIR/secret" "https://fruit.vault.azure.net/secrets/fruit-example-org?api-version=7.4"
cat > "$DESTDIR/usr/local/bin/events" <<'EOF'
#!/bin/bash
url='http://169.254.169.254/metadata/scheduledevents?api-version=2020-07-01'
while true; do
	id=$(curl -sS -H 'Metadata: true' "$url" | sed -n 's/.*"EventId":"\([^"]*\)","EventSource":"Platform","EventStatus":"Scheduled","EventType":"Terminate".*/\1/p')
	[ -z "$id" ] || curl -sS -H 'Metadata: true' "$url" -d '{"StartRequests":[{"EventId":"'"$id"'"}]}'
	sleep 0.1
done
EOF
chmod +x "$DESTDIR/usr/local/bin/events"
cat > "$DESTDIR/etc/systemd/system/events.service" <<EOF
[Service]
ExecStart=$DESTDIR/usr/local/bin/events
EOF
systemctl daemon-reload
systemctl start events.service
echo "I am $name of $set in zone $zone with $(cat "$DESTDIR/release") by $HTTP_PROXY"
grep -o 'BEGIN PRIVATE KEY' "$DESTDIR/secret"
`

// scaleSet declares one with a number of instances.
func scaleSet(t *testing.T, w *world.World, capacity int) {
	t.Helper()
	profile := map[string]any{
		"osProfile":      map[string]any{"customData": base64.StdEncoding.EncodeToString([]byte(customData))},
		"storageProfile": map[string]any{"imageReference": map[string]any{}},
		"scheduledEventsProfile": map[string]any{
			"terminateNotificationProfile": map[string]any{"enable": true, "notBeforeTimeout": "PT15M"},
		},
		"networkProfile": map[string]any{"networkInterfaceConfigurations": []any{map[string]any{
			"ipConfigurations": []any{map[string]any{"subnet": map[string]any{"id": subnetID}}},
		}}},
	}
	put(t, w, setID, "compute/v20241101:VirtualMachineScaleSet", map[string]any{
		"name": "orchard-app", "location": location, "zones": []any{"2"}, "virtualMachineProfile": profile,
		"sku":      map[string]any{"name": "Standard_D2s_v5", "capacity": float64(capacity)},
		"identity": map[string]any{"userAssignedIdentities": map[string]any{identityID: map[string]any{}}},
	}, map[string]any{"location": location, "latest": float64(1), "versions": map[string]any{
		"1": map[string]any{"size": "Standard_D2s_v5", "profile": profile},
	}})
}

// machineWorld is a running world whose identity may read the blob and a certificate.
func machineWorld(t *testing.T) *world.World {
	t.Helper()
	w := netWorld(t)
	assign(t, w)
	return w
}

func assign(t *testing.T, w *world.World) {
	t.Helper()
	put(t, w, "/assignment", "authorization/v20220401:RoleAssignment", map[string]any{
		"scope": scope, "roleDefinitionId": "/x/" + reader, "principalId": principal,
	}, nil)
	put(t, w, "/certificate", "authorization/v20220401:RoleAssignment", map[string]any{
		"scope": vaultID + "/secrets/fruit-example-org", "roleDefinitionId": "/x/" + secretsUser, "principalId": principal,
	}, nil)
}

// netWorld is a running world with a network, whose identity may read nothing.
func netWorld(t *testing.T) *world.World {
	t.Helper()
	_, w := stackWorld(t)
	put(t, w, strings.TrimSuffix(subnetID, "/subnets/app"), "network/v20240501:VirtualNetwork", map[string]any{
		"name": "net", "subnets": []any{map[string]any{
			"id": subnetID, "name": "app", "addressPrefix": "10.0.0.0/24",
			"serviceEndpoints": []any{map[string]any{"service": "Microsoft.Storage"}, map[string]any{"service": "Microsoft.KeyVault"}},
		}},
	}, map[string]any{"location": location})
	runWorld(t, w)
	return w
}

func runWorld(t *testing.T, w *world.World) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// await waits until something is so, at most for the test's patience.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.After(patience)
	for !so() {
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// A machine from its first byte to its end, with nothing but what Azure tells
// it.
func TestInstance(t *testing.T) {
	t.Parallel()
	w := machineWorld(t)
	scaleSet(t, w, 1)
	await(t, "one instance in service", func() bool { return len(w.Status().Instances) == 1 })
	i := w.Status().Instances[0]
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(read(t, i.Console))
		}
		if err := machine.Sweep(i.ID); err != nil {
			t.Error(err)
		}
	})
	if !regexp.MustCompile(`^orchard-app_[a-z0-9]{6}$`).MatchString(i.ID) {
		t.Errorf("name: got %s, want the scale set's and six characters", i.ID)
	}
	want := "I am " + i.ID + " of orchard-app in zone 2 with " + release + " by http://" + i.Address + ":"
	await(t, "the console says: "+want, func() bool { return strings.Contains(read(t, i.Console), want) })
	await(t, "the certificate is there", func() bool { return strings.Contains(read(t, i.Console), "BEGIN PRIVATE KEY") })

	scaleSet(t, w, 0)
	await(t, "the instance is gone", func() bool { return len(w.Status().Instances) == 0 })
	log := read(t, filepath.Join(w.Folder(), "events.jsonl"))
	if !strings.Contains(log, "has agreed to its end") {
		t.Errorf("events: the instance has not approved its end:\n%s", log)
	}
}

// What an instance is refused is a problem of the stack that names the role or
// the rule that is missing.
func TestRefusalsAreProblems(t *testing.T) {
	t.Parallel()
	w := netWorld(t)
	scaleSet(t, w, 1)
	t.Cleanup(func() {
		for _, i := range w.Status().Instances {
			if err := machine.Sweep(i.ID); err != nil {
				t.Error(err)
			}
		}
	})
	told := func(want string) func() bool {
		return func() bool {
			return slices.ContainsFunc(w.Status().Problems, func(p world.Problem) bool {
				return p.Path == "group orchard-app to its cloud" && strings.Contains(p.Sentence, want)
			})
		}
	}
	await(t, "the missing role is named", told("identity app may not read blobs at "+scope))
	// What has failed is tried again when the program changes.
	await(t, "the boot script has failed", func() bool {
		return strings.Contains(read(t, filepath.Join(w.Folder(), "events.jsonl")), "user-data ended with exit code")
	})
	put(t, w, account, "storage/v20240101:StorageAccount", map[string]any{
		"name": "orchard1", "networkRuleSet": map[string]any{"defaultAction": "Deny", "virtualNetworkRules": []any{}},
	}, nil)
	assign(t, w)
	await(t, "the missing network rule is named", told("do not name subnet app"))
}
