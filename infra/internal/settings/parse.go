package settings

import (
	"fmt"
	"strings"
)

// Lookup gives the text of a key such as "orchard:region", and whether it is
// set at all.
type Lookup func(key string) (string, bool)

// Parse reads the settings of a stack. The names are all configuration keys
// that the stack has set, of any namespace. The error lists every problem.
func Parse(stack string, get Lookup, names []string) (Settings, error) {
	r := &reader{get: get, known: map[string]bool{}}
	s := Settings{
		Stack:              stack,
		Role:               Role(r.oneOf("role", string(Service), string(LoadRunner))),
		Cloud:              Cloud(r.oneOf("cloud", string(AWS), string(Azure))),
		Size:               Size(r.oneOf("size", string(Dev), string(Production))),
		Region:             r.optional("region", region),
		Zones:              r.list("zones", zone),
		Architecture:       Architecture(r.oneOf("architecture", string(ARM64), string(X8664))),
		Release:            r.text("release", anything),
		Network:            Network{CIDR: r.cidr16("networkCidr")},
		Fleet:              r.fleet(),
		Listener:           r.listener(),
		Database:           r.database(),
		Runner:             r.runner(),
		WriteToken:         r.tokenDigest("writeToken"),
		DeployFrom:         r.list("deployFrom", addresses),
		DeletionProtection: r.boolean("deletionProtection"),
	}
	s.applyDefaults()
	allowHTTP := r.boolean("allowHttp")
	r.refuseUnknown(names)
	if len(r.problems) == 0 {
		r.problems = s.check(allowHTTP)
	}
	if len(r.problems) > 0 {
		return Settings{}, fmt.Errorf("configuration of stack %s:\n  - %s", stack, strings.Join(r.problems, "\n  - "))
	}
	return s, nil
}

func (r *reader) fleet() Fleet {
	return Fleet{
		Topology:          Topology(r.oneOf("topology", string(Regional), string(Zonal))),
		Image:             r.optional("image", word),
		InstanceType:      r.optional("instanceType", word),
		OtherTypes:        r.list("otherInstanceTypes", word),
		EncryptionAtHost:  r.boolean("encryptionAtHost"),
		MinSize:           r.integer("minSize", 1, 300),
		MaxSize:           r.integer("maxSize", 1, 300),
		CPUTarget:         r.integer("cpuTarget", 10, 90),
		RequestsPerTarget: r.integer("requestsPerTarget", 1, 1_000_000),
	}
}

func (r *reader) listener() Listener {
	return Listener{
		Port:              r.integer("listenerPort", 1, 65535),
		Certificate:       r.optional("certificateArn", certificate),
		CertificateSecret: r.optional("certificateSecret", vaultSecret),
		Domain:            r.optional("domain", domain),
	}
}

func (r *reader) database() Database {
	return Database{
		Major:          r.integer("databaseMajor", 14, 18),
		MultiAZ:        r.boolean("databaseMultiAz"),
		Class:          r.optional("databaseClass", word),
		StorageGiB:     r.integer("databaseStorage", 20, 12_000),
		Port:           r.integer("databasePort", 1150, 65535),
		MaxConnections: r.integer("databaseMaxConnections", 6, 262_143),
	}
}
