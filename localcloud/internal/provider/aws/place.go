package aws

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
)

// Account owns everything.
const Account = "000000000000"

// Zones are the three zones of a region, in the order in which they number
// the world's addresses.
func Zones(region string) []string {
	return []string{region + "a", region + "b", region + "c"}
}

// zoneID is the id of a zone, such as use1-az1: AWS shortens the region so.
func zoneID(zone string) string {
	region := zone[:len(zone)-1]
	parts := strings.Split(region, "-")
	short := parts[0]
	for _, direction := range parts[1 : len(parts)-1] {
		short += shortDirection(direction)
	}
	n := slices.Index(Zones(region), zone) + 1
	return fmt.Sprintf("%s%s-az%d", short, parts[len(parts)-1], n)
}

func shortDirection(d string) string {
	switch d {
	case "northeast":
		return "ne"
	case "southeast":
		return "se"
	case "northwest":
		return "nw"
	case "southwest":
		return "sw"
	}
	return d[:1]
}

func region(req request) string { return req.Config.Text("region") }

func arn(service, region, rest string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, region, Account, rest)
}

// hexes is n random hexadecimal digits.
func hexes(n int) string {
	b := make([]byte, (n+1)/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)[:n]
}

// newID is the id of the recorded resource, or a new one like vpc-0123….
func newID(req request, prefix string) string {
	return keptID(req, func() string { return prefix + "-" + hexes(17) })
}

func keptID(req request, fresh func() string) string {
	if req.Prev == nil {
		return fresh()
	}
	id, _, _ := strings.Cut(req.Prev.ID, "#")
	return id
}

// kept is an output that the cloud makes up once.
func kept(req request, output string, fresh func() string) string {
	if req.Prev != nil {
		if s, ok := req.Prev.Outputs[output].(string); ok && s != "" {
			return s
		}
	}
	return fresh()
}

// keptPrivate is the same for what the cloud does not tell.
func keptPrivate(req request, key string, fresh func() string) string {
	if req.Prev != nil {
		if s, ok := req.Prev.Private[key].(string); ok && s != "" {
			return s
		}
	}
	return fresh()
}

// answer is a Result with what all have: the region on record and tagsAll.
func answer(req request, id string, outputs map[string]any) result {
	if tags := req.Inputs["tags"]; tags != nil {
		outputs["tagsAll"] = tags
	} else {
		outputs["tagsAll"] = map[string]any{}
	}
	return result{ID: id, Outputs: outputs, Private: map[string]any{"region": region(req)}}
}

// refuse is one failure of a rule between properties.
func refuse(property, format string, args ...any) failures {
	return failures{provider.Failure{Property: property, Reason: fmt.Sprintf(format, args...)}}
}
