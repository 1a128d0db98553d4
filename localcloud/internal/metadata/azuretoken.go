package metadata

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"orchard/localcloud/internal/entra"
)

// selectors are the parameters that name an identity, any one of them.
var selectors = map[string]func(entra.Identity) string{
	"client_id":    func(i entra.Identity) string { return i.ClientID },
	"object_id":    func(i entra.Identity) string { return i.PrincipalID },
	"principal_id": func(i entra.Identity) string { return i.PrincipalID },
	"msi_res_id":   func(i entra.Identity) string { return i.ResourceID },
	"mi_res_id":    func(i entra.Identity) string { return i.ResourceID },
}

// token answers with a token of an identity that is assigned to the instance.
func (s *azureServer) token(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	resource := query.Get("resource")
	switch {
	case resource == "":
		tokenError(w, "invalid_request", "Required query variable 'resource' is missing")
		return
	case !s.Resource(resource):
		tokenError(w, "invalid_resource", "AADSTS500011: The resource principal named "+resource+" was not found in the tenant")
		return
	}
	assigned, err := s.Identities()
	if err != nil {
		tokenFailed(w)
		return
	}
	who, problem := choose(assigned, query)
	if problem != "" {
		tokenError(w, "invalid_request", problem)
		return
	}
	token, claims, err := s.Issuer.Issue(who, resource, s.Now())
	if err != nil {
		tokenFailed(w)
		return
	}
	left := strconv.FormatInt(claims.Expires-s.Now().Unix(), 10)
	answer(w, http.StatusOK, map[string]any{
		"access_token": token, "client_id": who.ClientID, "resource": resource, "token_type": "Bearer",
		"expires_in": left, "ext_expires_in": left,
		"expires_on": strconv.FormatInt(claims.Expires, 10), "not_before": strconv.FormatInt(claims.NotBefore, 10),
	})
}

// choose is the identity that a query names, or the only one there is.
func choose(assigned []entra.Identity, query url.Values) (who entra.Identity, problem string) {
	named := false
	for parameter, of := range selectors {
		wanted := query.Get(parameter)
		if wanted == "" {
			continue
		}
		named = true
		assigned = slices.DeleteFunc(slices.Clone(assigned), func(i entra.Identity) bool { return !strings.EqualFold(of(i), wanted) })
	}
	switch {
	case len(assigned) == 0:
		return entra.Identity{}, "Identity not found"
	case len(assigned) > 1 && !named:
		return entra.Identity{}, "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"
	}
	return assigned[0], ""
}

func tokenError(w http.ResponseWriter, code, description string) {
	answer(w, http.StatusBadRequest, map[string]any{"error": code, "error_description": description})
}

func tokenFailed(w http.ResponseWriter) {
	answer(w, http.StatusInternalServerError, map[string]any{"error": "unknown", "error_description": "Failed to retrieve token"})
}
