package scorecard

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"orchard/infra/internal/planned"
	"orchard/infra/internal/settings"
)

// Card is the results of one stack.
type Card struct {
	Cloud   settings.Cloud `json:"cloud"`
	Stack   string         `json:"stack"`
	Results []Result       `json:"results"`
}

// subject is what is judged on a cloud: its production-sized stack.
type subject struct {
	stack string
	rows  func() []Row
}

var subjects = map[settings.Cloud]subject{
	settings.AWS:   {"prod", AWS},
	settings.Azure: {"prod-azure", Azure},
}

// Read plans the production-sized stack of one cloud, with the files in the
// project's folder, and judges it.
func Read(project string, cloud settings.Cloud) (Card, error) {
	own, ok := subjects[cloud]
	if !ok {
		return Card{}, fmt.Errorf("judge a stack of %q: the clouds are %s and %s", cloud, settings.AWS, settings.Azure)
	}
	stack, err := planned.Read(project, own.stack, nil)
	if err != nil {
		return Card{}, fmt.Errorf("judge stack %s: %w", own.stack, err)
	}
	return Card{Cloud: cloud, Stack: own.stack, Results: Judge(stack, own.rows())}, nil
}

// Failures are the ids of the rows that fail and are not waived.
func (c Card) Failures() (ids []string) {
	for _, result := range c.Results {
		if result.State == Fail {
			ids = append(ids, result.ID)
		}
	}
	return ids
}

// Table writes cards for a person, as one table with a summary of each.
func Table(to io.Writer, cards []Card) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CLOUD\tCONTROL\tSTATE\tSETTING\tREASON")
	for _, card := range cards {
		for _, r := range card.Results {
			fmt.Fprintln(table, strings.Join([]string{string(card.Cloud), r.ID, string(r.State), r.Setting, r.Reason}, "\t"))
		}
	}
	fmt.Fprintln(table)
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write scorecard: %w", err)
	}
	for _, card := range cards {
		if _, err := fmt.Fprintln(to, card.summary()); err != nil {
			return fmt.Errorf("write scorecard: %w", err)
		}
	}
	return nil
}

func (c Card) summary() string {
	text := fmt.Sprintf("%s, stack %s: %d controls", c.Cloud, c.Stack, len(c.Results))
	for _, state := range []State{Pass, Fail, Waived, NotCheckable} {
		text += fmt.Sprintf(", %d %s", Count(c.Results, state), state)
	}
	return text
}

// JSON gives cards for programs.
func JSON(cards []Card) ([]byte, error) {
	text, err := json.MarshalIndent(cards, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write scorecard: %w", err)
	}
	return append(text, '\n'), nil
}
