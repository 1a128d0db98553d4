package world

// Resource is one resource as the Pulumi engine declared it, in the words
// of its cloud. The provider writes it, a translator reads it; the world
// itself only keeps it.
type Resource struct {
	ID    string `json:"id"`
	URN   string `json:"urn"`
	Cloud string `json:"cloud"` // "aws" or "azure-native": which translator reads it
	Type  string `json:"type"`  // the engine's type token

	// Inputs are the checked inputs, Outputs what the engine was answered.
	// Plain JSON values; a secret is kept as its plain value and named in
	// Secrets, so the state file is readable by its owner alone.
	Inputs  map[string]any `json:"inputs"`
	Outputs map[string]any `json:"outputs"`
	Secrets []string       `json:"secrets,omitempty"` // top-level keys that are secret

	// Private is what the cloud remembers beside the engine, such as the
	// versions of a launch template.
	Private map[string]any `json:"private,omitempty"`

	// Confirmed says that the engine has named the id since the Create, so
	// it has certainly received the answer. An unconfirmed Create is
	// answered again with the same id when the engine repeats it.
	Confirmed bool `json:"confirmed"`
	// Order is the sequence number of the Create, unique in its world.
	Order int `json:"order"`
}
