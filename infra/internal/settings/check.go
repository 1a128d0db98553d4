package settings

import (
	"fmt"
	"slices"
	"strings"
)

// check finds what is wrong between values that are each right by themselves.
func (s Settings) check(allowHTTP bool) []string {
	found := s.checkShapes()
	if s.Cloud == AWS {
		found = append(found, s.checkAWS()...)
	}
	if problem := s.checkZones(); problem != "" {
		found = append(found, problem)
	}
	if s.Role == LoadRunner {
		return append(found, s.checkRunner()...)
	}
	return append(found, s.checkService(allowHTTP)...)
}

// checkService finds what is wrong of a service.
func (s Settings) checkService(allowHTTP bool) (found []string) {
	if s.Cloud == Azure {
		found = s.checkAzure()
	}
	for _, problem := range []string{
		s.checkMajor(), s.checkSizes(), s.checkTopology(), s.checkPool(), s.checkHTTP(allowHTTP), s.checkDomain(), s.checkProduction(), s.checkNoRunner(),
	} {
		if problem != "" {
			found = append(found, problem)
		}
	}
	return found
}

func (s Settings) checkZones() string {
	if len(s.Zones) == 0 {
		return ""
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(s.Zones)))
	if len(distinct) != Zones || len(s.Zones) != Zones {
		return fmt.Sprintf("orchard:zones names %s; it needs %d different zones, or none to ask the cloud", strings.Join(s.Zones, ","), Zones)
	}
	for _, zone := range s.Zones {
		if s.Cloud == AWS && !strings.HasPrefix(zone, s.Region) {
			return fmt.Sprintf("orchard:zones names %s, which is not in orchard:region %s", zone, s.Region)
		}
		if s.Cloud == Azure && !slices.Contains(AzureZones, zone) {
			return fmt.Sprintf("orchard:zones names %s; azure's zones are %s", zone, strings.Join(AzureZones, ", "))
		}
	}
	return ""
}

func (s Settings) checkMajor() string {
	majors := clouds[s.Cloud].majors
	if s.Database.Major < majors[0] || s.Database.Major > majors[1] {
		return fmt.Sprintf("orchard:databaseMajor is %d; %s has %d to %d", s.Database.Major, s.Cloud, majors[0], majors[1])
	}
	return ""
}

func (s Settings) checkSizes() string {
	if s.Fleet.MinSize > s.Fleet.MaxSize {
		return fmt.Sprintf("orchard:minSize %d is above orchard:maxSize %d", s.Fleet.MinSize, s.Fleet.MaxSize)
	}
	return ""
}

func (s Settings) checkTopology() string {
	if s.Fleet.Topology != Zonal {
		return ""
	}
	if s.Fleet.MinSize%Zones != 0 || s.Fleet.MaxSize%Zones != 0 {
		return fmt.Sprintf("orchard:topology zonal shares the fleet over %d zones; orchard:minSize %d and orchard:maxSize %d must be multiples of %d",
			Zones, s.Fleet.MinSize, s.Fleet.MaxSize, Zones)
	}
	return ""
}

// smallestPool leaves one connection for a request while another is renewed.
const smallestPool = 2

func (s Settings) checkPool() string {
	if s.PoolSize() >= smallestPool {
		return ""
	}
	return fmt.Sprintf("orchard:databaseMaxConnections %d and orchard:maxSize %d leave each instance a pool of %d (0.8 × %d / (2 × %d)) and at least %d are needed; raise the first or lower the second",
		s.Database.MaxConnections, s.Fleet.MaxSize, s.PoolSize(), s.Database.MaxConnections, s.Fleet.MaxSize, smallestPool)
}

func (s Settings) checkHTTP(allowed bool) string {
	if s.Listener.Secure() || allowed {
		return ""
	}
	return fmt.Sprintf("%s is empty, so the service would speak plain HTTP; name a certificate, or set orchard:allowHttp to true where nobody's data is at stake", s.certificateKey())
}

func (s Settings) checkDomain() string {
	if s.Listener.Secure() == (s.Listener.Domain != "") {
		return ""
	}
	return s.certificateKey() + " and orchard:domain go together: set both or neither"
}

// certificateKey is where a stack of this cloud names its certificate.
func (s Settings) certificateKey() string {
	if s.Cloud == Azure {
		return "orchard:certificateSecret"
	}
	return "orchard:certificateArn"
}

// checkProduction refuses what people must not depend on.
func (s Settings) checkProduction() string {
	if s.Size != Production {
		return ""
	}
	var lacks []string
	if s.Listener.Domain == "" {
		lacks = append(lacks, "orchard:domain and its certificate")
	}
	if !s.Database.MultiAZ {
		lacks = append(lacks, "orchard:databaseMultiAz")
	}
	if !s.DeletionProtection {
		lacks = append(lacks, "orchard:deletionProtection")
	}
	if len(lacks) == 0 {
		return ""
	}
	return "orchard:size production needs " + strings.Join(lacks, ", ") + "; set what is missing, or orchard:size to dev"
}
