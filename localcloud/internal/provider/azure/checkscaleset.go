package azure

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"orchard/localcloud/internal/provider"
)

// maxCustomData is the limit on custom data, in bytes before base64.
const maxCustomData = 65535

// reservedUsers are user names that the cloud refuses.
var reservedUsers = []string{
	"administrator", "admin", "user", "user1", "test", "user2", "test1", "user3", "admin1", "1", "123", "a", "actuser", "adm", "admin2", "aspnet",
	"backup", "console", "david", "guest", "john", "owner", "root", "server", "sql", "support", "support_388945a0", "sys", "test2", "test3", "user4", "user5",
}

func checkScaleSet(in provider.Inputs) failures {
	for _, check := range []func(provider.Inputs) failures{checkZones, checkRepairs, checkUpgrade, checkOS, checkFaces, checkExtensions, checkSize} {
		if f := check(in); f != nil {
			return f
		}
	}
	return nil
}

func checkZones(in provider.Inputs) failures {
	if n := in.Int("platformFaultDomainCount"); in.Known("platformFaultDomainCount") && n != 1 {
		return refuse("platformFaultDomainCount", "is %d, must be 1 for a scale set in zones", n)
	}
	zones := in.Texts("zones")
	for i, zone := range zones {
		if slices.Contains(zones[:i], zone) {
			return refuse(fmt.Sprintf("zones[%d]", i), "%q is there twice", zone)
		}
	}
	return nil
}

func checkRepairs(in provider.Inputs) failures {
	repairs := in.Object("automaticRepairsPolicy")
	if f := within(repairs, "automaticRepairsPolicy.", "gracePeriod", 10*time.Minute, 90*time.Minute); f != nil {
		return f
	}
	profile := in.Object("virtualMachineProfile")
	_, checked := healthCheck(profile)
	if repairs.Flag("enabled") && !checked {
		return refuse("automaticRepairsPolicy", "needs the extension %s, without which no one asks the instances for their health", healthExtension)
	}
	const path = "virtualMachineProfile.scheduledEventsProfile.terminateNotificationProfile."
	return within(terminateNotice(profile), path, "notBeforeTimeout", 5*time.Minute, 15*time.Minute)
}

func within(in provider.Inputs, path, property string, low, high time.Duration) failures {
	if !in.Known(property) {
		return nil
	}
	if d, err := isoDuration(in.Text(property)); err != nil || d < low || d > high {
		return refuse(path+property, "is %q, must be from PT%dM to PT%dM", in.Text(property), int(low.Minutes()), int(high.Minutes()))
	}
	return nil
}

func checkOS(in provider.Inputs) failures {
	os := in.Object("virtualMachineProfile").Object("osProfile")
	const path = "virtualMachineProfile.osProfile."
	if os.Known("customData") {
		script, err := base64.StdEncoding.DecodeString(os.Text("customData"))
		if err != nil {
			return refuse(path+"customData", "must be base64-encoded")
		}
		if len(script) > maxCustomData {
			return refuse(path+"customData", "has %d bytes before base64, at most %d are allowed", len(script), maxCustomData)
		}
	}
	if user := os.Text("adminUsername"); slices.Contains(reservedUsers, strings.ToLower(user)) {
		return refuse(path+"adminUsername", "is %q, which is a reserved name", user)
	}
	linux := os.Object("linuxConfiguration")
	switch {
	case linux.Flag("disablePasswordAuthentication") && !linux.Object("ssh").Has("publicKeys"):
		return refuse(path+"linuxConfiguration.ssh.publicKeys", "is required and missing: password authentication is disabled")
	case linux.Flag("disablePasswordAuthentication") && os.Has("adminPassword"):
		return refuse(path+"adminPassword", "may not be given with disablePasswordAuthentication")
	case !linux.Flag("disablePasswordAuthentication") && !os.Has("adminPassword"):
		return refuse(path+"adminPassword", "is required and missing: disablePasswordAuthentication is not set")
	}
	return checkPatches(linux.Object("patchSettings"), path+"linuxConfiguration.patchSettings.")
}

func checkPatches(patches provider.Inputs, path string) failures {
	if patches.Has("automaticByPlatformSettings") && patches.Text("patchMode") != "AutomaticByPlatform" {
		return refuse(path+"automaticByPlatformSettings", "needs the patchMode AutomaticByPlatform")
	}
	return nil
}

// checkFaces refuses interfaces of which none is the primary one.
func checkFaces(in provider.Inputs) failures {
	for i, face := range scaleSetInterfaces(in) {
		path := fmt.Sprintf("virtualMachineProfile.networkProfile.networkInterfaceConfigurations[%d].", i)
		if face.Has("primary") && !face.Flag("primary") && face.Known("primary") {
			return refuse(path+"primary", "is false, and the only interface is the primary one")
		}
	}
	return nil
}

func checkExtensions(in provider.Inputs) failures {
	const path = "virtualMachineProfile.extensionProfile.extensions"
	seen := map[string]bool{}
	for i, e := range in.Object("virtualMachineProfile").Object("extensionProfile").Objects("extensions") {
		at := fmt.Sprintf("%s[%d].", path, i)
		if seen[e.Text("type")] {
			return refuse(at+"type", "%q is there twice", e.Text("type"))
		}
		seen[e.Text("type")] = true
		if e.Text("type") == healthExtension {
			if f := checkHealth(e, at); f != nil {
				return f
			}
		}
	}
	return nil
}

func checkHealth(e provider.Inputs, at string) failures {
	settings := e.Object("settings")
	switch {
	case e.Text("publisher") != "Microsoft.ManagedServices":
		return refuse(at+"publisher", "is %q, must be \"Microsoft.ManagedServices\" for %s", e.Text("publisher"), healthExtension)
	case e.Text("typeHandlerVersion") != "1.0" && e.Text("typeHandlerVersion") != "2.0":
		return refuse(at+"typeHandlerVersion", "is %q, must be \"1.0\" or \"2.0\" for %s", e.Text("typeHandlerVersion"), healthExtension)
	case !settings.Has("protocol"):
		return refuse(at+"settings.protocol", "is required and missing")
	case settings.Known("protocol") && settings.Text("protocol") == "tcp":
		return refuse(at+"settings.protocol", "is \"tcp\", localcloud can only run \"http\" and \"https\"")
	case !settings.Has("port"):
		return refuse(at+"settings.port", "is required and missing")
	case !settings.Has("requestPath"):
		return refuse(at+"settings.requestPath", "is required and missing with http")
	}
	return nil
}

// armSize is a size whose processors are Arm's: it has a p among its
// features, as Standard_D2pds_v5.
var armSize = regexp.MustCompile(`^Standard_[A-Z]+\d+(-\d+)?[a-z]*p[a-z]*(_v\d+)?$`)

// Architecture is that of a machine's size, "arm64" or "x86_64".
func Architecture(size string) string {
	if armSize.MatchString(size) {
		return "arm64"
	}
	return "x86_64"
}

func hostArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

func checkSize(in provider.Inputs) failures {
	sku := in.Object("sku")
	if !sku.Known("name") {
		return nil
	}
	want := Architecture(sku.Text("name"))
	image := in.Object("virtualMachineProfile").Object("storageProfile").Object("imageReference")
	if arm := strings.Contains(strings.ToLower(image.Text("sku")), "arm64"); image.Known("sku") && arm != (want == "arm64") {
		return refuse("sku.name", "a VM of size %s only supports a CPU architecture of %s, but the image %s has another one", sku.Text("name"), want, image.Text("sku"))
	}
	return nil
}

// runsScaleSet refuses a size of another processor.
func runsScaleSet(in provider.Inputs) failures {
	sku := in.Object("sku")
	if !sku.Known("name") {
		return nil
	}
	if want, host := Architecture(sku.Text("name")), hostArchitecture(); want != host {
		return refuse("sku.name", "%s is %s and this machine is %s, so localcloud cannot run it: choose a size for %s", sku.Text("name"), want, host, host)
	}
	return nil
}
