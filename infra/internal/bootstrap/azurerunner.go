package bootstrap

import "fmt"

// AzureRunner is what the script needs on a virtual machine that sends load.
type AzureRunner struct {
	Runner
	// Account holds the release as Key in Container, the token in
	// TokenContainer, and the results in ResultsContainer below ResultsPrefix,
	// which ends without a slash.
	Account, Container, Key, TokenContainer, ResultsContainer, ResultsPrefix string
	// NodeClient is the client id of the node's identity.
	NodeClient string
}

// Render gives the custom data, not yet in base64. It fails when a value
// could not stand in the script as it is, or when the script is above
// MaxBytes, although Azure would take four times as much.
func (a AzureRunner) Render() (string, error) {
	err := a.check(
		field{"account", a.Account},
		field{"container", a.Container},
		field{"key", a.Key},
		field{"token container", a.TokenContainer},
		field{"results container", a.ResultsContainer},
		field{"results prefix", a.ResultsPrefix},
		field{"node client", a.NodeClient},
	)
	if err != nil {
		return "", err
	}
	script, err := render(a, "head.sh", "azure-metadata.sh", "azure-fetch.sh", "install.sh", "azure-token.sh",
		"runner-environment.sh", "azure-upload.sh", "runner-run.sh", "runner-units.sh")
	if err != nil {
		return "", fmt.Errorf("render Azure runner's custom data: %w", err)
	}
	return script, nil
}

// Client is the identity that fetches blobs.
func (a AzureRunner) Client() string { return a.NodeClient }

// Results is the address that a node's name is added to.
func (a AzureRunner) Results() string {
	return "https://" + a.Account + ".blob.core.windows.net/" + a.ResultsContainer + "/" + a.ResultsPrefix
}

// Relaxed is nothing: what sends results here bears the hardening.
func (AzureRunner) Relaxed() []string { return nil }
