package settings

import (
	"fmt"
	"strings"
)

// checkAWS refuses what only Azure has.
func (s Settings) checkAWS() (problems []string) {
	if s.Fleet.EncryptionAtHost {
		problems = append(problems, "orchard:encryptionAtHost is of azure; on aws disks are always encrypted")
	}
	if s.Listener.CertificateSecret != "" {
		problems = append(problems, "orchard:certificateSecret is of azure; on aws the load balancer ends TLS, with orchard:certificateArn")
	}
	if len(s.DeployFrom) > 0 {
		problems = append(problems, "orchard:deployFrom is of azure; on aws the bucket is open to its account's roles alone")
	}
	return problems
}

// checkAzure refuses what its services do not sell, and what its load
// balancer, which passes connections on as they are, cannot do.
func (s Settings) checkAzure() (problems []string) {
	db := s.Database
	if db.Port != 5432 {
		problems = append(problems, fmt.Sprintf("orchard:databasePort is %d; azure has 5432 alone", db.Port))
	}
	if db.StorageGiB < 32 || db.StorageGiB > 16384 || db.StorageGiB&(db.StorageGiB-1) != 0 {
		problems = append(problems, fmt.Sprintf("orchard:databaseStorage is %d; azure has 32 GiB and its doubles, to 16384", db.StorageGiB))
	}
	if db.MultiAZ && strings.HasPrefix(db.Class, "Standard_B") {
		problems = append(problems, fmt.Sprintf("orchard:databaseClass %s is burstable and has no standby; take a larger class, or set orchard:databaseMultiAz to false", db.Class))
	}
	if db.MaxConnections < 25 || db.MaxConnections > 5000 {
		problems = append(problems, fmt.Sprintf("orchard:databaseMaxConnections is %d; azure has 25 to 5000", db.MaxConnections))
	}
	if s.Size == Production && len(s.DeployFrom) == 0 {
		problems = append(problems, "orchard:deployFrom is empty and orchard:size is production; name the public IPv4 addresses that the release is uploaded from, or every network may reach the storage account")
	}
	if len(s.Fleet.OtherTypes) > 0 {
		problems = append(problems, "orchard:otherInstanceTypes is of aws; a scale set of azure has one type")
	}
	if s.Listener.Port == 65535 {
		problems = append(problems, "orchard:listenerPort is 65535; azure has 1 to 65534")
	}
	if s.Listener.Certificate != "" {
		problems = append(problems, "orchard:certificateArn is of aws; azure's load balancer ends no TLS, and its instances do with orchard:certificateSecret")
	}
	return problems
}
