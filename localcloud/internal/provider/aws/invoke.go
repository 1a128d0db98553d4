package aws

import (
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
)

func invokes() map[string]provider.Invoke {
	return map[string]provider.Invoke{
		"aws:index/getAvailabilityZones:getAvailabilityZones": {
			Properties: properties{
				"state":                text().OneOf("available", "information", "impaired", "unavailable"),
				"allAvailabilityZones": flag(),
				"excludeNames":         texts(),
				"excludeZoneIds":       texts(),
				"filters": provider.List(provider.Object(properties{
					"name":   text().Needed().OneOf("opt-in-status", "zone-type", "state", "region-name"),
					"values": texts().Needed(),
				})),
			},
			Answer: zonesAnswer,
		},
		"aws:ssm/getParameter:getParameter": {
			Properties: properties{"name": text().Needed(), "withDecryption": flag()},
			Answer:     parameterAnswer,
		},
		"aws:index/getCallerIdentity:getCallerIdentity": {
			Properties: properties{"id": text()},
			Answer: func(request) (map[string]any, error) {
				return map[string]any{
					"accountId": Account, "id": Account, "userId": "AIDALOCALCLOUD0000000",
					"arn": "arn:aws:iam::" + Account + ":user/localcloud",
				}, nil
			},
		},
		"aws:index/getRegion:getRegion": {
			Properties: properties{"name": text(), "endpoint": text(), "id": text()},
			Answer:     regionAnswer,
		},
	}
}

func zonesAnswer(req request) (map[string]any, error) {
	var names, ids []any
	state := req.Inputs.Text("state")
	for _, zone := range Zones(region(req)) {
		if slices.Contains(req.Inputs.Texts("excludeNames"), zone) || slices.Contains(req.Inputs.Texts("excludeZoneIds"), zoneID(zone)) ||
			(state != "" && state != "available") || !passes(req, req.Inputs.Objects("filters")) {
			continue
		}
		names, ids = append(names, zone), append(ids, zoneID(zone))
	}
	return map[string]any{
		"id": region(req), "names": names, "zoneIds": ids, "groupNames": []any{region(req)}, "state": req.Inputs["state"],
		"allAvailabilityZones": req.Inputs["allAvailabilityZones"], "filters": req.Inputs["filters"],
		"excludeNames": req.Inputs["excludeNames"], "excludeZoneIds": req.Inputs["excludeZoneIds"],
	}, nil
}

// passes says whether the zones, which are all alike, pass the filters.
func passes(req request, filters []provider.Inputs) bool {
	is := map[string]string{
		"opt-in-status": "opt-in-not-required", "zone-type": "availability-zone",
		"state": "available", "region-name": region(req),
	}
	for _, f := range filters {
		if !slices.Contains(f.Texts("values"), is[f.Text("name")]) {
			return false
		}
	}
	return true
}

// imageParameters is where AWS publishes the newest Amazon Linux images.
const imageParameters = "/aws/service/ami-amazon-linux-latest/"

// imageNames are the parameters that localcloud answers, by architecture.
var imageNames = map[string][]string{
	"arm64":  {"al2023-ami-kernel-default-arm64", "al2023-ami-kernel-6.1-arm64", "al2023-ami-minimal-kernel-default-arm64"},
	"x86_64": {"al2023-ami-kernel-default-x86_64", "al2023-ami-kernel-6.1-x86_64", "al2023-ami-minimal-kernel-default-x86_64"},
}

func parameterAnswer(req request) (map[string]any, error) {
	name := req.Inputs.Text("name")
	short, ok := strings.CutPrefix(name, imageParameters)
	if !ok || (!slices.Contains(imageNames["arm64"], short) && !slices.Contains(imageNames["x86_64"], short)) {
		return nil, fmt.Errorf("ParameterNotFound: %s: localcloud knows the Amazon Linux 2023 images under %s", name, imageParameters)
	}
	image := imageID(region(req), short)
	return map[string]any{
		"arn": fmt.Sprintf("arn:aws:ssm:%s::parameter%s", region(req), name), "id": name, "name": name, "type": "String",
		"value": image, "insecureValue": image, "version": 1.0, "withDecryption": true,
	}, nil
}

// imageID is the same at every look-up, so that a second run changes nothing.
func imageID(region, name string) string { return "ami-" + provider.Digest(region + name)[:17] }

// imageArchitecture knows the images that localcloud has given out.
func imageArchitecture(region, image string) (arch string, known bool) {
	for arch, names := range imageNames {
		for _, name := range names {
			if imageID(region, name) == image {
				return arch, true
			}
		}
	}
	return "", false
}

func regionAnswer(req request) (map[string]any, error) {
	at := region(req)
	if name := req.Inputs.Text("name"); name != "" {
		at = name
	}
	return map[string]any{
		"id": at, "name": at, "description": at, "endpoint": "ec2." + at + ".amazonaws.com",
	}, nil
}
