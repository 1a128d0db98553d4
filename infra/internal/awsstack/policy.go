package awsstack

import (
	"encoding/json"
	"fmt"
)

// statement is one statement of an IAM or bucket policy.
type statement struct {
	Effect    string                       `json:"Effect"`
	Principal any                          `json:"Principal,omitempty"`
	Action    []string                     `json:"Action"`
	Resource  []string                     `json:"Resource,omitempty"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

// policy writes the document around the statements.
func policy(statements ...statement) (string, error) {
	document, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements})
	if err != nil {
		return "", fmt.Errorf("write policy: %w", err)
	}
	return string(document), nil
}

// allow is the statement that lets the holder do one thing to each of some
// resources.
func allow(action string, resources ...string) statement {
	return statement{Effect: "Allow", Action: []string{action}, Resource: resources}
}
