package azurecloud

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/keyvault"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/world"
)

// vaults answers Key Vault. The vaults are not the stack's: one is there when a
// role assignment names it, and each of its secrets is a certificate.
func (c *Cloud) vaults(w *world.World) http.Handler {
	return c.current(w, func(cloud azure.Cloud) http.Handler {
		return keyvault.Handler(keyvault.Config{
			Issuer: c.issuer, Tenant: cloud.TenantID, Now: time.Now, Log: c.Log,
			Authorize: func(r *http.Request, who entra.Claims, secret keyvault.Address) error {
				caller, err := cloudservice.Caller(r)
				if err != nil {
					return err
				}
				if err = mayReadSecret(cloud, who, secret); err != nil {
					w.Refused(caller, err.Error())
				}
				return err
			},
			Find: func(secret keyvault.Address) (keyvault.Secret, error) {
				return c.certificates.find(c.Authority, secret)
			},
		})
	})
}

// mayReadSecret says what is missing where a principal has no role at a secret
// or at its vault.
func mayReadSecret(cloud azure.Cloud, who entra.Claims, secret keyvault.Address) error {
	identity, err := identityOf(cloud, who)
	if err != nil {
		return err
	}
	for _, a := range cloud.RoleAssignments {
		vault, name := azure.VaultScope(a.Scope)
		if strings.EqualFold(vault, secret.Vault) && (name == "" || strings.EqualFold(name, secret.Name)) &&
			strings.EqualFold(a.PrincipalID, identity.PrincipalID) && allows(cloud, a.Role, keyvault.ReadAction) {
			return nil
		}
	}
	return fmt.Errorf("identity %s may not read secret %s of vault %s: it has no role assignment at either that allows it, such as Key Vault Secrets User",
		identity.Name, secret.Name, secret.Vault)
}

// certificates are the secrets that were asked for, while the daemon runs.
type certificates struct {
	mu    sync.Mutex
	known map[keyvault.Address]keyvault.Secret
}

// find makes a certificate when it is first asked for.
func (c *certificates) find(root *authority.Authority, at keyvault.Address) (keyvault.Secret, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if secret, ok := c.known[at]; ok {
		return secret, nil
	}
	secret, err := issue(root, at.Name)
	if err != nil {
		return secret, fmt.Errorf("issue certificate for secret %s: %w", at.Name, err)
	}
	if c.known == nil {
		c.known = map[keyvault.Address]keyvault.Secret{}
	}
	c.known[at] = secret
	return secret, nil
}

// issue makes a secret as a vault makes one of a certificate in PEM: the key
// in PKCS #8, then the chain.
func issue(root *authority.Authority, name string) (keyvault.Secret, error) {
	made, err := root.Issue(domains(name)...)
	if err != nil {
		return keyvault.Secret{}, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		return keyvault.Secret{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	for _, der := range made.Certificate {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	version := sha256.Sum256(made.Certificate[0])
	return keyvault.Secret{
		Value: string(text), ContentType: "application/x-pem-file", Version: hex.EncodeToString(version[:16]), Created: time.Now(),
	}, nil
}

// maxHyphens bounds for how many domains a certificate is: 2 to this power.
const maxHyphens = 6

// domains are what a secret's name may mean. A name has no dots, so people
// write hyphens in their place, and a hyphen may be one of the domain's own:
// fruit-example-org is fruit.example.org, fruit-example.org and
// fruit.example-org. A name with more than maxHyphens means dots alone.
func domains(name string) []string {
	words := strings.Split(strings.ToLower(name), "-")
	if len(words)-1 > maxHyphens {
		return []string{strings.Join(words, ".")}
	}
	all := []string{words[0]}
	for _, word := range words[1:] {
		var longer []string
		for _, before := range all {
			longer = append(longer, before+"."+word, before+"-"+word)
		}
		all = longer
	}
	return all
}
