package armtypes

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// types are the arguments and the outputs of every type.
var types = map[string]struct {
	args    pulumi.Input
	outputs pulumi.CustomResource
}{
	ServerToken:        {ServerArgs{}, &Server{}},
	AdministratorToken: {AdministratorArgs{}, &Administrator{}},
	DatabaseToken:      {DatabaseArgs{}, &Database{}},
	ConfigurationToken: {ConfigurationArgs{}, &Configuration{}},
	IdentityToken:      {UserAssignedIdentityArgs{}, &UserAssignedIdentity{}},
}

// reference reads the list: for each token, the kind of every property.
func reference(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/arm-reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]map[string]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] == "#" {
			continue
		}
		if list[fields[0]] == nil {
			list[fields[0]] = map[string]string{}
		}
		list[fields[0]][fields[2]] = fields[1]
	}
	return list
}

// names are the property names of a plain arguments type, with their paths.
func names(of reflect.Type, before string) (list []string) {
	for i := range of.NumField() {
		name := before + of.Field(i).Tag.Get("pulumi")
		list = append(list, name)
		if kind := of.Field(i).Type; kind.Kind() == reflect.Pointer && kind.Elem().Kind() == reflect.Struct {
			list = append(list, names(kind.Elem(), name+".")...)
		}
	}
	return list
}

// TestInputsAreInTheReference: a misspelt one would be found on the cloud.
func TestInputsAreInTheReference(t *testing.T) {
	t.Parallel()
	list := reference(t)
	if len(list) != len(types) {
		t.Errorf("the reference has %d types, want %d", len(list), len(types))
	}
	for token, each := range types {
		inputs := names(each.args.ElementType(), "")
		for _, name := range inputs {
			if kind := list[token][name]; kind != "path" && kind != "body" {
				t.Errorf("%s: input %s is %q in the ARM reference, want path or body", token, name, kind)
			}
		}
		for name, kind := range list[token] {
			if kind == "path" && !slices.Contains(inputs, name) {
				t.Errorf("%s: the address's parameter %s cannot be given", token, name)
			}
		}
	}
}

func TestOutputsAreInTheReference(t *testing.T) {
	t.Parallel()
	list := reference(t)
	for token, each := range types {
		of := reflect.TypeOf(each.outputs).Elem()
		for i := range of.NumField() {
			name, ok := of.Field(i).Tag.Lookup("pulumi")
			if ok && list[token][name] != "body" && list[token][name] != "answer" {
				t.Errorf("%s: output %s is %q in the ARM reference, want body or answer", token, name, list[token][name])
			}
		}
	}
}

// TestTwins: arguments and their plain twins have the same fields.
func TestTwins(t *testing.T) {
	t.Parallel()
	for _, args := range []pulumi.Input{
		ServerArgs{},
		AuthConfigArgs{},
		BackupArgs{},
		HighAvailabilityArgs{},
		NetworkArgs{},
		SkuArgs{},
		StorageArgs{},
		AdministratorArgs{},
		DatabaseArgs{},
		ConfigurationArgs{},
		UserAssignedIdentityArgs{},
	} {
		fields := func(of reflect.Type) (list []string) {
			for i := range of.NumField() {
				list = append(list, of.Field(i).Name)
			}
			return list
		}
		if diff := cmp.Diff(fields(reflect.TypeOf(args)), fields(args.ElementType())); diff != "" {
			t.Errorf("%T and its twin (-args +twin):\n%s", args, diff)
		}
	}
}

// TestVersion is that of the modules that go.mod asks for.
func TestVersion(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[0], "github.com/pulumi/pulumi-azure-native-sdk/") {
			if n++; fields[1] != "v"+Version {
				t.Errorf("%s is at %s, want v%s", fields[0], fields[1], Version)
			}
		}
	}
	if n < 8 {
		t.Errorf("go.mod asks for %d azure-native modules, want at least 8", n)
	}
}

// engine notes what is registered, from several goroutines.
type engine struct {
	mu  sync.Mutex
	got map[string]registration
}

type registration struct {
	version string
	inputs  map[string]any
}

func (e *engine) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.got[args.TypeToken] = registration{args.RegisterRPC.GetVersion(), args.Inputs.Mappable()}
	return args.Name, resource.PropertyMap{"name": resource.NewProperty("n"), "clientId": resource.NewProperty("c")}, nil
}

func (*engine) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

// TestRegister: nested arguments arrive by their names, outputs come back,
// and what is not set is not sent.
func TestRegister(t *testing.T) {
	e := &engine{got: map[string]registration{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		identity, err := NewUserAssignedIdentity(ctx, "id", &UserAssignedIdentityArgs{ResourceGroupName: pulumi.String("g")})
		if err != nil {
			return err
		}
		_, err = NewServer(ctx, "db", &ServerArgs{
			ResourceGroupName: pulumi.String("g"), ServerName: identity.ClientID, Version: pulumi.String("15"),
			Sku:  &SkuArgs{Name: pulumi.String("Standard_D2ds_v5"), Tier: pulumi.String("GeneralPurpose")},
			Tags: pulumi.StringMap{"a": pulumi.String("b")},
		})
		if err != nil {
			return err
		}
		_, err = NewConfiguration(ctx, "c", &ConfigurationArgs{
			ResourceGroupName: pulumi.String("g"), ServerName: pulumi.String("s"), Value: pulumi.String("on"),
		})
		return err
	}, pulumi.WithMocks("p", "s", e))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]registration{
		IdentityToken: {Version, map[string]any{"resourceGroupName": "g"}},
		ServerToken: {Version, map[string]any{
			"resourceGroupName": "g", "serverName": "c", "version": "15", "tags": map[string]any{"a": "b"},
			"sku": map[string]any{"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
		}},
		ConfigurationToken: {Version, map[string]any{"resourceGroupName": "g", "serverName": "s", "value": "on"}},
	}
	if diff := cmp.Diff(want, e.got, cmp.AllowUnexported(registration{})); diff != "" {
		t.Errorf("registrations (-want +got):\n%s", diff)
	}
}
