package awsstack

import (
	"errors"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// The database's own names.
const (
	databaseName = "orchard"
	masterRole   = "orchard_admin"
	appRole      = "orchard_app"
)

// database is a PostgreSQL server whose passwords nobody keeps: RDS makes and
// rotates the master role's, and the application signs in by IAM.
type database struct {
	instance   *rds.Instance
	parameters *rds.ParameterGroup
	// masterSecret is the ARN of what RDS keeps for the master role.
	masterSecret pulumi.StringOutput
}

func declareDatabase(s scope, set settings.Settings, n network, sec security) (database, error) {
	subnets, err := rds.NewSubnetGroup(s.Context, "database", &rds.SubnetGroupArgs{
		Description: pulumi.String("Subnets without a route to the internet."),
		SubnetIds:   n.subnetIDs(databaseSubnet),
		Tags:        s.named("database"),
	}, s.on)
	if err != nil {
		return database{}, err
	}
	parameters, err := declareParameters(s, set.Database)
	if err != nil {
		return database{}, err
	}
	monitored, monitor, err := declareMonitor(s, n)
	if err != nil {
		return database{}, err
	}
	args := databaseArgs(set.Database)
	args.MonitoringRoleArn = monitor
	args.DbSubnetGroupName = subnets.Name
	args.ParameterGroupName = parameters.Name
	args.VpcSecurityGroupIds = pulumi.StringArray{sec.database.ID()}
	args.Tags = s.named("database")
	protectDatabase(args, set, n)
	instance, err := rds.NewInstance(s.Context, "database", args, s.on, pulumi.DependsOn([]pulumi.Resource{monitored}))
	if err != nil {
		return database{}, err
	}
	return database{
		instance:     instance,
		parameters:   parameters,
		masterSecret: instance.MasterUserSecrets.ApplyT(secretARN).(pulumi.StringOutput),
	}, nil
}

// databaseArgs are the inputs that follow from the configuration alone. The
// version is the major one, because RDS moves the minor one by itself and a
// full version here would ask it to go back.
func databaseArgs(db settings.Database) *rds.InstanceArgs {
	return &rds.InstanceArgs{
		Engine:                           pulumi.String("postgres"),
		EngineVersion:                    pulumi.String(strconv.Itoa(db.Major)),
		AutoMinorVersionUpgrade:          pulumi.Bool(true),
		AllowMajorVersionUpgrade:         pulumi.Bool(true),
		InstanceClass:                    pulumi.String(db.Class),
		MultiAz:                          pulumi.Bool(db.MultiAZ),
		AllocatedStorage:                 pulumi.Int(db.StorageGiB),
		MaxAllocatedStorage:              pulumi.Int(5 * db.StorageGiB),
		StorageType:                      pulumi.String("gp3"),
		StorageEncrypted:                 pulumi.Bool(true),
		DbName:                           pulumi.String(databaseName),
		Port:                             pulumi.Int(db.Port),
		Username:                         pulumi.String(masterRole),
		ManageMasterUserPassword:         pulumi.Bool(true),
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),
		PubliclyAccessible:               pulumi.Bool(false),
		CaCertIdentifier:                 pulumi.String("rds-ca-rsa2048-g1"),
		BackupRetentionPeriod:            pulumi.Int(7),
		CopyTagsToSnapshot:               pulumi.Bool(true),
		MonitoringInterval:               pulumi.Int(monitoringInterval),
		EnabledCloudwatchLogsExports:     pulumi.ToStringArray([]string{"postgresql", "upgrade"}),
	}
}

// declareParameters refuses connections without TLS, and sets the number of
// connections that the pool's size was reckoned with.
func declareParameters(s scope, db settings.Database) (*rds.ParameterGroup, error) {
	return rds.NewParameterGroup(s.Context, "database", &rds.ParameterGroupArgs{
		Family:      pulumi.String("postgres" + strconv.Itoa(db.Major)),
		Description: pulumi.String("TLS only, and a known number of connections."),
		Parameters: rds.ParameterGroupParameterArray{
			rds.ParameterGroupParameterArgs{
				Name: pulumi.String("rds.force_ssl"), Value: pulumi.String("1"), ApplyMethod: pulumi.String("immediate"),
			},
			rds.ParameterGroupParameterArgs{
				Name: pulumi.String("max_connections"), Value: pulumi.String(strconv.Itoa(db.MaxConnections)), ApplyMethod: pulumi.String("pending-reboot"),
			},
		},
		Tags: s.named("database"),
	}, s.on)
}

// protectDatabase keeps the data of a protected stack past its end. The
// snapshot's name has the network's id in it, so that a stack that is made
// and destroyed twice keeps both.
func protectDatabase(args *rds.InstanceArgs, set settings.Settings, n network) {
	args.DeletionProtection = pulumi.Bool(set.DeletionProtection)
	args.SkipFinalSnapshot = pulumi.Bool(!set.DeletionProtection)
	if set.DeletionProtection {
		args.FinalSnapshotIdentifier = pulumi.Sprintf("orchard-%s-last-%s", set.Stack, n.vpc.ID())
	}
}

func secretARN(secrets []rds.InstanceMasterUserSecret) (string, error) {
	if len(secrets) == 0 || secrets[0].SecretArn == nil {
		return "", errors.New("database has no managed secret for its master role, although one was asked for")
	}
	return *secrets[0].SecretArn, nil
}
