package aws

import (
	"encoding/json"
	"fmt"
)

// checkPolicy refuses what IAM refuses of a policy document at its creation.
// What the document allows is decided where it is used.
func checkPolicy(document string) error {
	var p struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return fmt.Errorf("MalformedPolicyDocument: Syntax errors in policy: %w", err)
	}
	var statements []map[string]any
	if json.Unmarshal(p.Statement, &statements) != nil {
		var one map[string]any // a single statement needs no list
		if json.Unmarshal(p.Statement, &one) != nil {
			return fmt.Errorf("MalformedPolicyDocument: Syntax errors in policy: it has no statements")
		}
		statements = append(statements, one)
	}
	for i, s := range statements {
		if s["Effect"] != "Allow" && s["Effect"] != "Deny" {
			return fmt.Errorf("MalformedPolicyDocument: statement %d has the effect %v, must be Allow or Deny", i+1, s["Effect"])
		}
		if s["Action"] == nil && s["NotAction"] == nil {
			return fmt.Errorf("MalformedPolicyDocument: statement %d has no action", i+1)
		}
	}
	return nil
}
