package program

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"orchard/infra/internal/settings"
	"orchard/infra/internal/settings/settingstest"
)

// TestStackFiles: every stack's own file is right together with the defaults,
// and a stack whose name ends with the cloud is on it.
func TestStackFiles(t *testing.T) {
	t.Parallel()
	const root = "../../.."
	project, err := workspace.LoadProject(filepath.Join(root, "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for stack, cloud := range map[string]settings.Cloud{
		"dev": settings.AWS, "dev-azure": settings.Azure, "load": settings.AWS, "load-azure": settings.Azure,
		"prod": settings.AWS, "prod-azure": settings.Azure,
	} {
		file, err := workspace.LoadProjectStack(nil, project, filepath.Join(root, "Pulumi."+stack+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		own := map[string]string{}
		for key, value := range file.Config {
			text, err := value.Value(config.NopDecrypter)
			if err != nil {
				t.Fatal(err)
			}
			own[key.Name()] = text
		}
		set := settingstest.Parse(t, stack, own)
		if set.Cloud != cloud {
			t.Errorf("stack %s is on %s, want %s", stack, set.Cloud, cloud)
		}
		if runs := set.Role == settings.LoadRunner; runs != strings.HasPrefix(stack, "load") {
			t.Errorf("stack %s has the role %s", stack, set.Role)
		}
	}
}
