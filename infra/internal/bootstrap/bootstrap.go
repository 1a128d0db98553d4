// Package bootstrap renders the script that makes a bare instance serve.
//
// It is one bash script with `set -euo pipefail`, run once as root at first
// boot: it learns who the instance is, fetches the release and the database's
// certificate authority, checks the release against its digest, installs the
// units, starts them and waits until the service answers with the expected
// release. A cloud-config would go on after a failed step; this does not. On
// AWS the script's end, good or bad, completes the launch hook of the scaling
// group.
//
// Everything that it writes lies under ${DESTDIR:-}, which is empty on a real
// machine. Paths inside unit and environment files are written out, so that
// nothing has to rewrite them later.
//
// The script is made of parts (parts/*.sh). Clouds differ in how an instance
// learns about itself, how it fetches, and in the environment of the units;
// the rest is the same text for all.
package bootstrap

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

// MaxBytes is what EC2 takes as user-data before base64.
const MaxBytes = 16384

// Port is where the service listens on every instance.
const Port = 8080

//go:embed parts/*.sh
var parts embed.FS

var templates = template.Must(template.New("").Option("missingkey=error").ParseFS(parts, "parts/*.sh"))

// render joins the named parts into one script.
func render(values any, names ...string) (string, error) {
	var script strings.Builder
	for _, name := range names {
		if err := templates.ExecuteTemplate(&script, name, values); err != nil {
			return "", fmt.Errorf("render part %s: %w", name, err)
		}
	}
	if script.Len() > MaxBytes {
		return "", fmt.Errorf("render user-data: %d bytes, and at most %d are allowed", script.Len(), MaxBytes)
	}
	return script.String(), nil
}
