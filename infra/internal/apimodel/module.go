package apimodel

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// sdkModule is AWS's SDK for Go, version 1. Its newer version has its models
// in no module.
const sdkModule = "github.com/aws/aws-sdk-go"

// FindSDK gives the folder of the module that the folder tools/models pins,
// downloaded if it is not in the module cache. Go verifies it by go.sum.
func FindSDK(pinned string) (string, error) {
	command := exec.Command("go", "mod", "download", "-json", sdkModule)
	command.Dir = pinned
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	answer, err := command.Output()
	var module struct{ Dir, Error string }
	if json.Unmarshal(answer, &module) == nil && module.Error != "" {
		return "", fmt.Errorf("download %s: %s", sdkModule, module.Error)
	}
	if err != nil {
		return "", fmt.Errorf("download %s as %s pins it: %w", sdkModule, pinned, err)
	}
	return module.Dir, nil
}
