// Package outputs is the contract between a stack and everyone who reads it:
// dashboards, the load runner, the drills, the console.
//
// The keys are the same on every cloud and all of them are always there; a
// list is empty where nothing is declared. Nothing here is secret. The same
// contract for other languages is docs/outputs.schema.json, written from the
// types of this package by its test.
package outputs

// SchemaVersion counts changes that break a reader.
const SchemaVersion = 1

// Stack is all outputs of one stack.
type Stack struct {
	SchemaVersion   int            `json:"schemaVersion" jsonschema:"the contract's version, 1"`
	Cloud           string         `json:"cloud" jsonschema:"aws or azure"`
	Region          string         `json:"region" jsonschema:"the cloud's name of the region"`
	Topology        string         `json:"topology" jsonschema:"regional (one scaling group) or zonal (one in each zone)"`
	URL             string         `json:"url" jsonschema:"where clients ask, without a path"`
	Zones           []string       `json:"zones" jsonschema:"the zones by name, in the order of their names"`
	ScalingGroups   []ScalingGroup `json:"scalingGroups" jsonschema:"the groups that keep the fleet"`
	LoadBalancer    LoadBalancer   `json:"loadBalancer" jsonschema:"the public side"`
	TargetGroup     TargetGroup    `json:"targetGroup" jsonschema:"what the load balancer leads to"`
	Database        Database       `json:"database" jsonschema:"the endpoint of the primary"`
	Release         Release        `json:"release" jsonschema:"what new instances run"`
	Network         Network        `json:"network" jsonschema:"the private network"`
	PublicSubnets   []string       `json:"publicSubnets" jsonschema:"ids, in the order of zones"`
	ResultsLocation string         `json:"resultsLocation" jsonschema:"where load results are kept, empty when nowhere"`
	LogGroup        string         `json:"logGroup" jsonschema:"the name of the service's log group"`
	Alarms          []string       `json:"alarms" jsonschema:"the ids of alarms"`
	Dashboards      []string       `json:"dashboards" jsonschema:"the addresses of dashboards"`
	FaultTemplates  []string       `json:"faultTemplates" jsonschema:"the ids of prepared faults"`
}

// ScalingGroup is one group of instances.
type ScalingGroup struct {
	Name  string   `json:"name" jsonschema:"the cloud's name of the group"`
	Zones []string `json:"zones" jsonschema:"the zones that the group spans"`
	Min   int      `json:"min" jsonschema:"the fewest instances"`
	Max   int      `json:"max" jsonschema:"the most instances"`
}

// LoadBalancer is what clients reach.
type LoadBalancer struct {
	ID         string `json:"id" jsonschema:"the cloud's id"`
	Name       string `json:"name" jsonschema:"the cloud's name"`
	DNSName    string `json:"dnsName" jsonschema:"the host that clients resolve"`
	MetricName string `json:"metricName" jsonschema:"how metrics name it"`
}

// TargetGroup is what a load balancer sends requests to.
type TargetGroup struct {
	ID         string `json:"id" jsonschema:"the cloud's id"`
	Name       string `json:"name" jsonschema:"the cloud's name"`
	MetricName string `json:"metricName" jsonschema:"how metrics name it"`
}

// Database is a PostgreSQL endpoint.
type Database struct {
	ID        string `json:"id" jsonschema:"the cloud's name of the server"`
	Host      string `json:"host" jsonschema:"the host that the certificate names"`
	Port      int    `json:"port" jsonschema:"1 to 65535"`
	Name      string `json:"name" jsonschema:"the database on the server"`
	Major     int    `json:"major" jsonschema:"PostgreSQL's major version"`
	MultiZone bool   `json:"multiZone" jsonschema:"whether a standby is kept in another zone"`
}

// Release is one build of the service.
type Release struct {
	Digest   string `json:"digest" jsonschema:"the SHA-256 of the binary in lower-case hex"`
	Location string `json:"location" jsonschema:"the address of the binary"`
}

// Network is the stack's address space.
type Network struct {
	ID   string `json:"id" jsonschema:"the cloud's id"`
	CIDR string `json:"cidr" jsonschema:"its IPv4 range"`
}
