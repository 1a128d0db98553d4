package scorecard

import (
	"testing"

	"orchard/infra/internal/settings"
)

func TestAWS(t *testing.T) {
	t.Parallel()
	checkCard(t, settings.AWS, 1, 1, awsExamples)
}

var awsExamples = []counterExample{
	{"ELB.4", setEach(loadBalancerType, "dropInvalidHeaderFields", nil)},
}
