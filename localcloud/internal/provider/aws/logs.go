package aws

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

func logTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeLogGroup: {
			Properties: properties{
				"name":            name(512, `^[\w.\-/#]+$`, "letters, digits and _-/.#"),
				"retentionInDays": integer().Or(0.0).OneOf(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653).NoEffect(),
				"logGroupClass":   text().Or("STANDARD").OneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY").Replaces().NoEffect(),
				"kmsKeyId":        text().NoEffect(),
				"skipDestroy":     flag().Or(false).OnlyHere(false, "what a stack leaves behind, nothing would delete"),
				"tags":            tags(),
			},
			Name: autoName("name", 512), Space: "logGroup",
			Computed: []string{"arn", "tagsAll"},
			Moves:    tagsMove(), Compute: computeLogGroup,
		},
	}
}

func computeLogGroup(req request) (result, error) {
	group := req.Inputs.Text("name")
	if _, ok := found(req.World, typeLogGroup, group+"#logGroup"); ok && req.Prev == nil {
		return result{}, fmt.Errorf("ResourceAlreadyExistsException: The specified log group already exists: %s", group)
	}
	return answer(req, group, map[string]any{"arn": arn("logs", region(req), "log-group:"+group)}), nil
}
