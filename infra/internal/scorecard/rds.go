package scorecard

import (
	"slices"
	"strings"

	"orchard/infra/internal/planned"
)

const (
	databaseType     = "aws:rds/instance:Instance"
	subscriptionType = "aws:rds/eventSubscription:EventSubscription"
)

func rds() []Row {
	return []Row{
		{ID: "RDS.2", Setting: "databases are not public", Check: every(databaseType, is("publiclyAccessible", false))},
		{ID: "RDS.3", Setting: "databases are encrypted (and so their snapshots, RDS.4)", Check: every(databaseType, is("storageEncrypted", true))},
		{ID: "RDS.5", Setting: "databases have a standby in another zone", Check: every(databaseType, is("multiAz", true))},
		{ID: "RDS.6", Setting: "databases have enhanced monitoring", Check: every(databaseType, is("monitoringInterval", 1.0, 5.0, 10.0, 15.0, 30.0, 60.0), given("monitoringRoleArn"))},
		{ID: "RDS.8", Setting: "databases are protected from deletion", Check: every(databaseType, is("deletionProtection", true))},
		{ID: "RDS.9, RDS.36", Setting: "databases publish their logs", Check: every(databaseType, has("enabledCloudwatchLogsExports", "postgresql", "upgrade"))},
		{ID: "RDS.10", Setting: "databases take logins by IAM", Check: every(databaseType, is("iamDatabaseAuthenticationEnabled", true))},
		{ID: "RDS.11", Setting: "databases keep backups for seven days", Check: every(databaseType, atLeast("backupRetentionPeriod", 7))},
		{ID: "RDS.13", Setting: "databases take minor versions by themselves", Check: every(databaseType, is("autoMinorVersionUpgrade", true), majorAlone)},
		{ID: "RDS.17", Setting: "databases copy tags to snapshots", Check: every(databaseType, is("copyTagsToSnapshot", true))},
		{ID: "RDS.20", Setting: "events of databases are told", Check: told("db-instance", "maintenance", "configuration change", "failure")},
		{ID: "RDS.21", Setting: "events of parameter groups are told", Check: told("db-parameter-group", "configuration change")},
		{ID: "RDS.22", Setting: "events of database security groups are told", Check: told("db-security-group", "configuration change", "failure")},
		{ID: "RDS.23", Setting: "databases listen on another port than the usual one", Check: every(databaseType, isNot("port", 5432.0))},
		{ID: "RDS.25", Setting: "databases have a master role of their own name", Check: every(databaseType, isNot("username", "postgres", "admin"))},
		{ID: "RDS.46", Setting: "databases are in subnets without a way to the internet", Check: every(databaseType, offInternet)},
	}
}

// majorAlone wants the version not to name a minor one, to which no database
// that has moved on could go back.
func majorAlone(_ planned.Stack, database item) string {
	if version := text(database, "engineVersion"); version == "" || strings.Contains(version, ".") {
		return "engineVersion " + version + " is not a major version alone"
	}
	return ""
}

// told passes when an enabled subscription has the events of a kind of source.
func told(source string, categories ...string) Check {
	return func(stack planned.Stack) (State, string) {
		for _, subscription := range of(stack, subscriptionType) {
			missing := slices.ContainsFunc(categories, func(category string) bool {
				return !slices.Contains(list(subscription, "eventCategories"), any(category))
			})
			if input(subscription, "sourceType") == source && !missing && input(subscription, "enabled") != false && input(subscription, "snsTopic") != nil {
				return Pass, "EventSubscription " + subscription.Name
			}
		}
		return Fail, "no EventSubscription has " + strings.Join(categories, ", ") + " of " + source
	}
}

// offInternet follows a database to its subnets, their tables and the tables'
// routes.
func offInternet(stack planned.Stack, database item) string {
	var subnets []any
	for _, group := range of(stack, "aws:rds/subnetGroup:SubnetGroup") {
		if group.ID == input(database, "dbSubnetGroupName") {
			subnets = list(group, "subnetIds")
		}
	}
	if len(subnets) == 0 {
		return "its subnets are not known"
	}
	for _, association := range of(stack, "aws:ec2/routeTableAssociation:RouteTableAssociation") {
		if !slices.Contains(subnets, input(association, "subnetId")) {
			continue
		}
		for _, route := range of(stack, "aws:ec2/route:Route") {
			_, internet := byID(stack, "aws:ec2/internetGateway:InternetGateway", input(route, "gatewayId"))
			if input(route, "routeTableId") == input(association, "routeTableId") && internet {
				return "its subnet " + association.Name + " has the route " + route.Name + " to the internet"
			}
		}
	}
	return ""
}
