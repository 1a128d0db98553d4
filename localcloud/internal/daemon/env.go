package daemon

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Providers are the names under which a daemon answers the engine.
var Providers = []string{"aws", "azure-native"}

// Environment is what `pulumi` needs to work against this daemon, as
// assignments. The access key is no secret: nothing checks it, but an AWS
// program's engine wants to see one.
func (f Folder) Environment() ([]string, error) {
	var attached []string
	for _, name := range Providers {
		port := f.lastPort(name)
		if port == 0 {
			return nil, errors.New("no daemon has been started here: run `localcloud start` or `make up`")
		}
		attached = append(attached, Attach(name, port))
	}
	return append(PulumiEnvironment(attached, f.Pulumi("")), "LOCALCLOUD_CA="+f.Certificate()), nil
}

// Attach tells the engine where a provider answers on loopback.
func Attach(provider string, port int) string { return fmt.Sprintf("%s:%d", provider, port) }

// PulumiEnvironment has Pulumi ask the attached providers and keep what it
// keeps in the folder: backend, home and passphrase.
func PulumiEnvironment(attached []string, folder string) []string {
	return []string{
		"PULUMI_DEBUG_PROVIDERS=" + strings.Join(attached, ","),
		// Without the sidecar files of attributes, which a killed engine may
		// leave half-written.
		"PULUMI_BACKEND_URL=file://" + filepath.Join(folder, "backend") + "?metadata=skip",
		"PULUMI_HOME=" + filepath.Join(folder, "home"),
		"PULUMI_CONFIG_PASSPHRASE_FILE=" + filepath.Join(folder, "passphrase"),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"AWS_ACCESS_KEY_ID=localcloud",
		"AWS_SECRET_ACCESS_KEY=localcloud",
		"AWS_EC2_METADATA_DISABLED=true",
	}
}
