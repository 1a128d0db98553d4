package scorecard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"orchard/infra/internal/planned"
)

// statement is one statement of a policy document.
type statement struct {
	Effect    string
	Principal any
	Action    texts
	Resource  texts
	Condition map[string]map[string]texts
}

// texts is one text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(document []byte) error {
	var one string
	if json.Unmarshal(document, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(document, (*[]string)(t))
}

// statementsOf reads a policy document; the problem is empty where it can.
func statementsOf(document string) (statements []statement, problem string) {
	var policy struct{ Statement []statement }
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		return nil, fmt.Sprintf("its policy cannot be read: %v", err)
	}
	if len(policy.Statement) == 0 {
		return nil, "its policy has no statements"
	}
	return policy.Statement, ""
}

// grants judges each statement of a policy that allows something.
func grants(path string, wrong func(statement) string) judge {
	return func(_ planned.Stack, r item) string {
		statements, problem := statementsOf(text(r, path))
		for _, s := range statements {
			if problem == "" && s.Effect == "Allow" {
				problem = wrong(s)
			}
		}
		return problem
	}
}

// tooWide finds what IAM.1 and IAM.21 refuse: all actions of a service, or of
// all of them.
func tooWide(s statement) string {
	for _, action := range s.Action {
		if action == "*" || strings.HasSuffix(action, ":*") {
			return "its policy allows " + action
		}
	}
	return ""
}

// decryptsAll finds what KMS.1 and KMS.2 refuse.
func decryptsAll(s statement) string {
	for _, action := range []string{"kms:*", "kms:Decrypt", "kms:ReEncryptFrom"} {
		for _, resource := range s.Resource {
			if slices.Contains(s.Action, action) && (resource == "*" || strings.HasSuffix(resource, ":key/*")) {
				return "its policy allows " + action + " with every key"
			}
		}
	}
	return ""
}

// toServices wants the principal to be a service that acts for this account
// alone.
func toServices(s statement) string {
	principals, ok := s.Principal.(map[string]any)
	if !ok || principals["Service"] == nil || len(principals) > 1 {
		return fmt.Sprintf("its policy lets %v in", s.Principal)
	}
	for _, keys := range s.Condition {
		for key := range keys {
			if strings.EqualFold(key, "aws:SourceAccount") || strings.EqualFold(key, "aws:SourceArn") {
				return ""
			}
		}
	}
	return fmt.Sprintf("its policy lets %v in for any account", principals["Service"])
}

// toOwner wants no principal but the account's own root and services.
func toOwner(s statement) string {
	principals, ok := s.Principal.(map[string]any)
	if !ok {
		return fmt.Sprintf("its policy lets %v in", s.Principal)
	}
	for kind, who := range principals {
		if kind != "Service" && !strings.HasSuffix(fmt.Sprint(who), ":root") {
			return fmt.Sprintf("its policy lets %v in", who)
		}
	}
	return ""
}

// refusesHTTP wants a statement that denies everybody what comes without TLS.
func refusesHTTP(_ planned.Stack, r item) string {
	statements, problem := statementsOf(text(r, "policy"))
	if problem != "" {
		return problem
	}
	for _, s := range statements {
		if s.Effect == "Deny" && s.Principal == "*" && slices.Contains(s.Action, "s3:*") && slices.Contains(s.Condition["Bool"]["aws:SecureTransport"], "false") {
			return ""
		}
	}
	return "its policy does not deny requests without TLS"
}
