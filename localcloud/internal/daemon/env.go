package daemon

import (
	"errors"
	"fmt"
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
		attached = append(attached, fmt.Sprintf("%s:%d", name, port))
	}
	return []string{
		"PULUMI_DEBUG_PROVIDERS=" + strings.Join(attached, ","),
		// Without the sidecar files of attributes, which a killed engine may
		// leave half-written.
		"PULUMI_BACKEND_URL=file://" + f.Pulumi("backend") + "?metadata=skip",
		"PULUMI_HOME=" + f.Pulumi("home"),
		"PULUMI_CONFIG_PASSPHRASE_FILE=" + f.Pulumi("passphrase"),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"AWS_ACCESS_KEY_ID=localcloud",
		"AWS_SECRET_ACCESS_KEY=localcloud",
		"AWS_EC2_METADATA_DISABLED=true",
		"LOCALCLOUD_CA=" + f.Certificate(),
	}, nil
}
