package metadata

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Instance is what the metadata service of AWS knows of an instance.
type Instance struct {
	ID, Zone, Region, Address string
	Account                   string // 12 digits
	Type, Image, Architecture string
	Launched                  time.Time
	UserData                  []byte

	Role     string // the role's name, in the path of its credentials; empty for none
	Identity string // the role under the id that verifiers are told, see sigv4.Principal
	Profile  string // the instance profile's ARN

	Tags map[string]string // nil unless instance metadata tags are enabled
}

type server struct {
	instance Instance
	issuer   *Issuer
	now      func() time.Time
}

// AWS is the instance metadata service, version 2, of one instance.
func AWS(instance Instance, issuer *Issuer, now func() time.Time) http.Handler {
	s := &server{instance, issuer, now}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /latest/api/token", s.putToken)
	mux.HandleFunc("GET /latest/user-data", s.guarded(s.userData))
	mux.HandleFunc("GET /latest/dynamic/instance-identity/document", s.guarded(s.document))
	mux.HandleFunc("GET /latest/meta-data/iam/info", s.guarded(s.info))
	mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/{role}", s.guarded(s.credentials))
	mux.HandleFunc("GET /latest/meta-data/", s.guarded(s.leaf))
	mux.HandleFunc("GET /latest/meta-data", s.guarded(s.leaf))
	return mux
}

// leaves are the plain values, by their path below /latest/meta-data.
func (s *server) leaves() map[string]string {
	i := s.instance
	all := map[string]string{
		"ami-id": i.Image, "instance-id": i.ID, "instance-type": i.Type, "local-ipv4": i.Address,
		"hostname": i.hostname(), "local-hostname": i.hostname(),
		"placement/availability-zone": i.Zone, "placement/region": i.Region,
		"services/domain": "amazonaws.com", "services/partition": "aws",
	}
	if i.Role != "" {
		all["iam/info"], all["iam/security-credentials/"+i.Role] = "", ""
	}
	for name, value := range i.Tags {
		all["tags/instance/"+name] = value
	}
	return all
}

// hostname is the private name of AWS's resource-name scheme.
func (i Instance) hostname() string { return i.ID + "." + i.Region + ".compute.internal" }

// leaf answers a value, or the list of what is below a path.
func (s *server) leaf(w http.ResponseWriter, r *http.Request) {
	wanted := strings.Trim(strings.TrimPrefix(path.Clean(r.URL.Path), "/latest/meta-data"), "/")
	leaves := s.leaves()
	if value, ok := leaves[wanted]; ok {
		text(w, value)
		return
	}
	var names []string
	for leaf := range leaves {
		rest, below := leaf, wanted == ""
		if !below {
			rest, below = strings.CutPrefix(leaf, wanted+"/")
		}
		if !below {
			continue
		}
		name, _, folder := strings.Cut(rest, "/")
		if folder {
			name += "/"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		http.Error(w, "404 - Not Found", http.StatusNotFound)
		return
	}
	slices.Sort(names)
	text(w, strings.Join(slices.Compact(names), "\n"))
}

func (s *server) userData(w http.ResponseWriter, _ *http.Request) {
	if len(s.instance.UserData) == 0 {
		http.Error(w, "404 - Not Found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(s.instance.UserData) // a client that has gone needs no answer
}

func (s *server) document(w http.ResponseWriter, _ *http.Request) {
	i := s.instance
	object(w, map[string]any{
		"accountId": i.Account, "architecture": i.Architecture, "availabilityZone": i.Zone,
		"billingProducts": nil, "devpayProductCodes": nil, "imageId": i.Image, "instanceId": i.ID,
		"instanceType": i.Type, "kernelId": nil, "marketplaceProductCodes": nil,
		"pendingTime": i.Launched.UTC().Format(time.RFC3339), "privateIp": i.Address, "ramdiskId": nil,
		"region": i.Region, "version": "2017-09-30",
	})
}

func (s *server) info(w http.ResponseWriter, _ *http.Request) {
	if s.instance.Role == "" {
		http.Error(w, "404 - Not Found", http.StatusNotFound)
		return
	}
	object(w, map[string]any{
		"Code": "Success", "InstanceProfileArn": s.instance.Profile,
		"LastUpdated": s.now().UTC().Truncate(Lifetime / 2).Format(time.RFC3339),
	})
}

func (s *server) credentials(w http.ResponseWriter, r *http.Request) {
	if role := r.PathValue("role"); role == "" || role != s.instance.Role {
		http.Error(w, "404 - Not Found", http.StatusNotFound)
		return
	}
	c, err := s.issuer.Issue(s.instance.Identity, s.instance.ID, s.now())
	if err != nil {
		http.Error(w, "500 - Internal Server Error", http.StatusInternalServerError)
		return
	}
	object(w, map[string]any{
		"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": c.Issued.Format(time.RFC3339),
		"AccessKeyId": c.AccessKey, "SecretAccessKey": c.Secret, "Token": c.SessionToken,
		"Expiration": c.Expires.Format(time.RFC3339),
	})
}

// object writes JSON under the content type that the real service uses.
func object(w http.ResponseWriter, content map[string]any) {
	body, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		http.Error(w, "500 - Internal Server Error", http.StatusInternalServerError)
		return
	}
	text(w, string(body))
}
