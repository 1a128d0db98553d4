package metadata

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"orchard/localcloud/internal/entra"
)

// azureHost is the address of the metadata service, which the SDKs have built in.
const azureHost = "169.254.169.254"

// AzureInstance is what the metadata service of Azure knows of an instance.
type AzureInstance struct {
	Name, VMID     string
	Location, Zone string // "westeurope", "1"
	Address        string
	SubscriptionID string
	ResourceGroup  string
	ScaleSet       string // its name
	VMSize         string
}

// AzureConfig is what the metadata service of one instance needs to know.
type AzureConfig struct {
	Instance AzureInstance
	Issuer   *entra.Issuer
	// Identities are those that are assigned to the instance at the moment.
	Identities func() ([]entra.Identity, error)
	// Resource says whether tokens are given for a resource.
	Resource func(resource string) bool
	Events   *Events
	Now      func() time.Time
}

// The versions of the interface that are answered, by what is asked for.
var (
	instanceVersions = []string{"2020-06-01", "2020-09-01", "2021-02-01"}
	tokenVersions    = []string{"2018-02-01"}
	eventsVersions   = []string{"2019-08-01", "2020-07-01"}
)

type azureServer struct{ AzureConfig }

// Azure is the instance metadata service of one instance. It is a proxy too,
// for the programs that have the service's address built in: of what is asked
// through it, it answers that address alone and refuses the rest (403).
func Azure(c AzureConfig) http.Handler {
	s := &azureServer{c}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metadata/instance", s.versioned(instanceVersions, s.describe))
	mux.HandleFunc("GET /metadata/instance/", s.versioned(instanceVersions, s.describe))
	mux.HandleFunc("GET /metadata/identity/oauth2/token", s.versioned(tokenVersions, s.token))
	mux.HandleFunc("GET /metadata/scheduledevents", s.versioned(eventsVersions, s.listEvents))
	mux.HandleFunc("POST /metadata/scheduledevents", s.versioned(eventsVersions, s.startEvents))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		azureError(w, http.StatusNotFound, "Not found")
	})
	return proxied(mux)
}

// proxied refuses to be a way to anywhere else.
func proxied(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Hostname() // set for what is asked through a proxy alone
		elsewhere := asked != "" && (asked != azureHost || r.URL.Scheme != "http" || r.URL.Port() != "" && r.URL.Port() != "80")
		if r.Method == http.MethodConnect || elsewhere {
			http.Error(w, "this proxy leads to http://"+azureHost+" and nowhere else", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// versioned demands what every request must have.
func (s *azureServer) versioned(versions []string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.EqualFold(r.Header.Get("Metadata"), "true"):
			azureError(w, http.StatusBadRequest, "Bad request. Required metadata header not specified")
		case r.Header.Get("X-Forwarded-For") != "":
			azureError(w, http.StatusBadRequest, "Bad request. The request has come through a proxy")
		case !slices.Contains(versions, r.URL.Query().Get("api-version")):
			answer(w, http.StatusBadRequest, map[string]any{
				"error":           "Bad request. api-version is invalid or was not specified in the request.",
				"newest-versions": versions,
			})
		default:
			next(w, r)
		}
	}
}

// tree is the instance's data.
func (s *azureServer) tree() map[string]any {
	i := s.Instance
	return map[string]any{
		"compute": map[string]any{
			"azEnvironment": "AzurePublicCloud", "location": i.Location, "name": i.Name, "osType": "Linux",
			"resourceGroupName": i.ResourceGroup, "resourceId": i.resourceID(), "subscriptionId": i.SubscriptionID,
			"vmId": i.VMID, "vmScaleSetName": i.ScaleSet, "vmSize": i.VMSize, "zone": i.Zone,
		},
		"network": map[string]any{"interface": []any{map[string]any{
			"ipv4": map[string]any{"ipAddress": []any{map[string]any{"privateIpAddress": i.Address, "publicIpAddress": ""}}},
		}}},
	}
}

func (i AzureInstance) resourceID() string {
	return "/subscriptions/" + i.SubscriptionID + "/resourceGroups/" + i.ResourceGroup +
		"/providers/Microsoft.Compute/virtualMachines/" + i.Name
}

// describe answers a branch of the instance's data as JSON, or as text: a value,
// or the names below a branch.
func (s *azureServer) describe(w http.ResponseWriter, r *http.Request) {
	node, ok := find(s.tree(), strings.Trim(strings.TrimPrefix(r.URL.Path, "/metadata/instance"), "/"))
	if !ok {
		azureError(w, http.StatusNotFound, "Not found")
		return
	}
	value, leaf := node.(string)
	switch format := r.URL.Query().Get("format"); {
	case format == "text" && leaf:
		text(w, value)
	case format == "text":
		text(w, strings.Join(names(node), "\n"))
	case format != "" && format != "json":
		azureError(w, http.StatusBadRequest, "Bad request. The format "+format+" is not known")
	case leaf:
		azureError(w, http.StatusBadRequest, "Bad request. A value is answered with format=text alone")
	default:
		answer(w, http.StatusOK, node)
	}
}

func azureError(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"error": message})
}

// answer writes JSON under the content type of Azure's service.
func answer(w http.ResponseWriter, status int, content any) {
	body, err := json.Marshal(content)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}
