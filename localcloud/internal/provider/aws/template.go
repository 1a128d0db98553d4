package aws

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"runtime"
	"strconv"

	"orchard/localcloud/internal/provider"
)

// maxUserData is EC2's limit on user-data, in bytes before base64.
const maxUserData = 16384

func templateTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeLaunchTemplate: {
			Properties: templateProperties(),
			Name:       autoName("name", 125),
			Computed:   []string{"arn", "defaultVersion", "latestVersion", "tagsAll"},
			Moves: map[string][]string{
				"tagsAll": {"tags"}, "latestVersion": versionProperties(), "defaultVersion": append(versionProperties(), "updateDefaultVersion"),
			},
			Check: checkTemplate, Runs: runsTemplate, Compute: computeTemplate,
		},
	}
}

func templateProperties() properties {
	return properties{
		"name":                 name(125, `^[a-zA-Z0-9().\-/_]{3,}$`, "at least 3 letters, digits and ().-/_"),
		"description":          text().Length(0, 255).NoEffect(),
		"imageId":              text().Needed().Like(`^ami-[0-9a-f]{8,17}$`, "an image such as ami-0123456789abcdef0"),
		"instanceType":         text().Needed().Like(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`, "an instance type such as t4g.small"),
		"userData":             text(),
		"updateDefaultVersion": flag().Not("defaultVersion"),
		"defaultVersion":       integer().AtLeast(1),
		"iamInstanceProfile":   provider.Object(properties{"arn": text().Not("name"), "name": text()}),
		"vpcSecurityGroupIds":  texts().Not("networkInterfaces"),
		"networkInterfaces": provider.List(provider.Object(properties{
			"deviceIndex":              integer().Or(0.0).OnlyHere(0.0, "an instance has one address"),
			"associatePublicIpAddress": text().OneOf("true", "false"),
			"deleteOnTermination":      text().OneOf("true", "false").NoEffect(),
			"description":              text().NoEffect(),
			"securityGroups":           texts(),
		})).Length(0, 1),
		"metadataOptions": provider.Object(properties{
			"httpEndpoint":            text().Or("enabled").OneOf("enabled", "disabled").OnlyHere("enabled", "instances need its metadata"),
			"httpTokens":              text().Or("optional").OneOf("optional", "required").OnlyHere("required", "its metadata service speaks IMDSv2 only"),
			"httpPutResponseHopLimit": integer().Between(1, 64).NoEffect(),
			"httpProtocolIpv6":        text().OneOf("disabled"),
			"instanceMetadataTags":    text().Or("disabled").OnlyHere("disabled", "its metadata has no tags"),
		}),
		"blockDeviceMappings": provider.List(provider.Object(properties{
			"deviceName": text(),
			"ebs": provider.Object(properties{
				"volumeType":          text().OneOf("standard", "io1", "io2", "gp2", "sc1", "st1", "gp3"),
				"volumeSize":          integer().Between(1, 16384),
				"encrypted":           text().OneOf("true", "false"),
				"deleteOnTermination": text().OneOf("true", "false"),
				"kmsKeyId":            text(),
				"iops":                integer(),
				"throughput":          integer().Between(125, 1000),
			}),
		})).NoEffect(),
		"monitoring":   provider.Object(properties{"enabled": flag()}).NoEffect(),
		"ebsOptimized": text().OneOf("true", "false").NoEffect(),
		"tagSpecifications": provider.List(provider.Object(properties{
			"resourceType": text().OneOf("instance", "volume", "network-interface", "spot-instances-request"),
			"tags":         provider.Map(text()),
		})).NoEffect(),
		"tags": tags(),
	}
}

// versionProperties are those that a version holds: a change makes a new one.
func versionProperties() []string {
	var out []string
	for n := range templateProperties() {
		switch n {
		case "name", "tags", "updateDefaultVersion", "defaultVersion":
		default:
			out = append(out, n)
		}
	}
	return out
}

func checkTemplate(in provider.Inputs) failures {
	if in.Known("userData") {
		script, err := base64.StdEncoding.DecodeString(in.Text("userData"))
		if err != nil {
			return refuse("userData", "must be base64-encoded")
		}
		if len(script) > maxUserData {
			return refuse("userData", "has %d bytes before base64, at most %d are allowed", len(script), maxUserData)
		}
	}
	return nil
}

// runsTemplate refuses another processor's instance type.
func runsTemplate(in provider.Inputs) failures {
	if !in.Known("instanceType") {
		return nil
	}
	if want, host := Architecture(in.Text("instanceType")), hostArchitecture(); want != host {
		return refuse("instanceType", "%s is %s and this machine is %s, so localcloud cannot run it: choose an instance type for %s", in.Text("instanceType"), want, host, host)
	}
	return nil
}

var gravitonFamily = regexp.MustCompile(`^([a-z]+\d+g[a-z]*|a1|x2g[a-z]*)[.-]`)

// Architecture is that of an instance type, "arm64" or "x86_64".
func Architecture(instanceType string) string {
	if gravitonFamily.MatchString(instanceType) {
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

// computeTemplate keeps every version in Private: "versions" maps a number to
// the properties that the version holds.
func computeTemplate(req request) (result, error) {
	in := req.Inputs
	for _, r := range others(req, typeLaunchTemplate) {
		if outs(r).Text("name") == in.Text("name") {
			return result{}, fmt.Errorf("InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use: %s", in.Text("name"))
		}
	}
	if arch, known := imageArchitecture(region(req), in.Text("imageId")); known && arch != Architecture(in.Text("instanceType")) {
		return result{}, fmt.Errorf("InvalidParameterValue: The architecture '%s' of the specified instance type does not match the architecture '%s' of the specified AMI", Architecture(in.Text("instanceType")), arch)
	}
	id := newID(req, "lt")
	versions, latest := nextVersion(req)
	out := answer(req, id, map[string]any{
		"arn": arn("ec2", region(req), "launch-template/"+id), "latestVersion": float64(latest),
	})
	out.Outputs["defaultVersion"] = float64(defaultVersion(req, latest))
	out.Private["versions"] = versions
	return out, nil
}

// nextVersion adds a version when it differs from the latest.
func nextVersion(req request) (versions map[string]any, latest int) {
	content := map[string]any{}
	for _, n := range versionProperties() {
		if v := req.Inputs[n]; v != nil {
			content[n] = v
		}
	}
	versions = map[string]any{}
	if req.Prev != nil {
		for number, v := range provider.Inputs(req.Prev.Private).Object("versions") {
			versions[number] = v
		}
		latest = outs(*req.Prev).Int("latestVersion")
		if provider.Equal(versions[strconv.Itoa(latest)], content) {
			return versions, latest
		}
	}
	latest++
	versions[strconv.Itoa(latest)] = content
	return versions, latest
}

func defaultVersion(req request, latest int) int {
	switch {
	case req.Inputs.Has("defaultVersion"):
		return req.Inputs.Int("defaultVersion")
	case req.Prev == nil:
		return 1
	case req.Inputs.Flag("updateDefaultVersion"):
		return latest
	}
	return outs(*req.Prev).Int("defaultVersion")
}
