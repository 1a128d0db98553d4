package image

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// completeAction is `aws autoscaling complete-lifecycle-action` for an
// instance. It prints nothing when all is well.
func completeAction(ctx context.Context, s *session, c *call, _, stderr io.Writer) int {
	err := s.complete(ctx, url.Values{
		"AutoScalingGroupName":  {c.option("auto-scaling-group-name")},
		"LifecycleHookName":     {c.option("lifecycle-hook-name")},
		"LifecycleActionResult": {c.option("lifecycle-action-result")},
		"InstanceId":            {c.option("instance-id")},
	})
	if err != nil {
		return lowLevel(err, stderr)
	}
	return 0
}

// complete tells EC2 Auto Scaling, in the Query protocol.
func (s *session) complete(ctx context.Context, form url.Values) error {
	const operation = "CompleteLifecycleAction"
	form.Set("Action", operation)
	form.Set("Version", "2011-01-01")
	body := form.Encode()
	address := s.endpoint("AUTO_SCALING", "autoscaling")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/", strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := s.send(ctx, "autoscaling", request, body)
	if err != nil {
		return fmt.Errorf("could not connect to the endpoint URL: %q: %w", address, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		return nil
	}
	problem := struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}{Code: fmt.Sprint(response.StatusCode), Message: http.StatusText(response.StatusCode)}
	_ = xml.Unmarshal(text, &problem) // what is no XML keeps the status
	return &serviceError{response.StatusCode, problem.Code, problem.Message, operation}
}
