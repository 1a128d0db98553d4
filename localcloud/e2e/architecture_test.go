package e2e

import "runtime"

// architecture is this machine's, in the words of AWS.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
