package aws

import (
	"encoding/json"
	"fmt"

	"orchard/localcloud/internal/provider"
)

// dashboardTypes are recorded: the console of localcloud shows what a
// dashboard would.
func dashboardTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeDashboard: {
			Properties: properties{
				"dashboardName": text().Needed().Replaces().Length(1, 255).Like(`^[A-Za-z0-9_-]+$`, "letters, digits, - and _"),
				"dashboardBody": provider.Document().Needed().NoEffect(),
			},
			Space: "dashboard", Computed: []string{"dashboardArn"},
			Check: checkDashboard, Compute: computeDashboard,
		},
	}
}

// widget is what CloudWatch checks of a part of the page.
type widget struct {
	Type                string
	X, Y, Width, Height *int
	Properties          map[string]any
}

const (
	dashboardColumns = 24
	dashboardRows    = 1000
)

func checkDashboard(in provider.Inputs) failures {
	if !in.Known("dashboardBody") {
		return nil
	}
	var body struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(in.Text("dashboardBody")), &body); err != nil {
		return refuse("dashboardBody", "is no dashboard: %v", err)
	}
	for i, w := range body.Widgets {
		if reason := w.wrong(); reason != "" {
			return refuse("dashboardBody", "has a widget %d that %s", i, reason)
		}
	}
	return nil
}

// wrong says what CloudWatch would refuse, or nothing.
func (w widget) wrong() string {
	switch w.Type {
	case "metric":
		if w.Properties["region"] == nil {
			return "is of the type metric and has no region"
		}
	case "text", "alarm", "log", "explorer", "custom":
	default:
		return fmt.Sprintf("has the type %q, must be metric, text, alarm, log, explorer or custom", w.Type)
	}
	switch {
	case len(w.Properties) == 0:
		return "has no properties"
	case w.X != nil && w.Width != nil && (*w.X < 0 || *w.X+*w.Width > dashboardColumns):
		return fmt.Sprintf("reaches column %d of %d", *w.X+*w.Width, dashboardColumns)
	case w.Height != nil && (*w.Height < 1 || *w.Height > dashboardRows):
		return fmt.Sprintf("is %d high, must be from 1 to %d", *w.Height, dashboardRows)
	}
	return ""
}

func computeDashboard(req request) (result, error) {
	dashboard := req.Inputs.Text("dashboardName")
	return result{
		ID:      dashboard,
		Outputs: map[string]any{"dashboardArn": fmt.Sprintf("arn:aws:cloudwatch::%s:dashboard/%s", Account, dashboard)},
		Private: map[string]any{"region": region(req)},
	}, nil
}
