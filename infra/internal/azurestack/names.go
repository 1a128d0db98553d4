package azurestack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// unique gives a name that no other stack has, nor this stack once its
// resource group was made anew. With a prefix of at most 14 lower-case
// letters it is a valid name even of a storage account, the strictest kind.
func (s scope) unique(prefix string) pulumi.StringOutput {
	project, stack := s.Project(), s.stack
	return s.group.ID().ApplyT(func(group pulumi.ID) string {
		return prefix + digestOf(project, stack, string(group))[:10]
	}).(pulumi.StringOutput)
}

// digestOf is the same for the same values, whatever the case of an id.
func digestOf(values ...string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(values, "\n"))))
	return hex.EncodeToString(sum[:])
}

// stableGUID makes a GUID (version 8, RFC 9562) of a few values. A role
// assignment is named by one, and must keep it.
func stableGUID(values ...string) string {
	d := []byte(digestOf(values...))
	d[12], d[16] = '8', 'a'
	return fmt.Sprintf("%s-%s-%s-%s-%s", d[:8], d[8:12], d[12:16], d[16:20], d[20:32])
}
