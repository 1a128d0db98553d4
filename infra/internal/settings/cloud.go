package settings

import (
	"fmt"
	"regexp"
)

// cloud is what a value must look like on one cloud, and what stands in for
// an empty one.
type cloud struct {
	region        string
	regionShape   *regexp.Regexp
	image         *regexp.Regexp
	instanceTypes map[Architecture]string
	otherTypes    map[Architecture]string // none where a scaling group has one type
	instanceType  *regexp.Regexp
	databaseClass string
	databaseShape *regexp.Regexp
	// majors are the first and the last major version of PostgreSQL.
	majors [2]int
}

// clouds have types of 2 vCPUs, and the smallest database that can have a
// standby.
var clouds = map[Cloud]cloud{
	AWS: {
		region:        "eu-central-1",
		regionShape:   regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`),
		image:         regexp.MustCompile(`^ami-[0-9a-z]{1,32}$`),
		instanceTypes: map[Architecture]string{ARM64: "t4g.small", X8664: "t3.small"},
		otherTypes:    map[Architecture]string{ARM64: "t4g.medium", X8664: "t3.medium"},
		instanceType:  regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`),
		databaseClass: "db.t4g.micro",
		databaseShape: regexp.MustCompile(`^db\.[a-z0-9-]+\.[a-z0-9]+$`),
		majors:        [2]int{14, 18},
	},
	Azure: {
		region:        "germanywestcentral",
		regionShape:   regexp.MustCompile(`^[a-z]+[0-9]?$`),
		image:         regexp.MustCompile(`^[A-Za-z0-9._-]+(:[A-Za-z0-9._-]+){3}$`),
		instanceTypes: map[Architecture]string{ARM64: "Standard_B2pls_v2", X8664: "Standard_B2ls_v2"},
		instanceType:  regexp.MustCompile(`^Standard_[A-Z]+[0-9]+[a-z]*(_v[0-9]+)?$`),
		databaseClass: "Standard_D2ds_v5",
		databaseShape: regexp.MustCompile(`^Standard_[BDE][0-9]+[a-z]*(_v[0-9]+)?$`),
		majors:        [2]int{14, 16},
	},
}

// applyDefaults fills in what the cloud and the architecture decide.
func (s *Settings) applyDefaults() {
	own := clouds[s.Cloud]
	if other := own.otherTypes[s.Architecture]; other != "" && s.Fleet.InstanceType == "" && len(s.Fleet.OtherTypes) == 0 {
		s.Fleet.OtherTypes = []string{other}
	}
	for _, value := range []struct {
		into      *string
		otherwise string
	}{
		{&s.Region, own.region},
		{&s.Fleet.InstanceType, own.instanceTypes[s.Architecture]},
		{&s.Database.Class, own.databaseClass},
	} {
		if *value.into == "" {
			*value.into = value.otherwise
		}
	}
}

// checkShapes finds values of another cloud.
func (s Settings) checkShapes() (problems []string) {
	own := clouds[s.Cloud]
	type shaped struct {
		key, text string
		shape     *regexp.Regexp
	}
	values := []shaped{
		{"region", s.Region, own.regionShape},
		{"image", s.Fleet.Image, own.image},
		{"instanceType", s.Fleet.InstanceType, own.instanceType},
		{"databaseClass", s.Database.Class, own.databaseShape},
	}
	for _, other := range s.Fleet.OtherTypes {
		values = append(values, shaped{"otherInstanceTypes", other, own.instanceType})
	}
	for _, value := range values {
		if value.text != "" && !value.shape.MatchString(value.text) {
			problems = append(problems, fmt.Sprintf("%s%s is %q, which is no name of %s: it does not match %s",
				namespace, value.key, value.text, s.Cloud, value.shape))
		}
	}
	return problems
}
