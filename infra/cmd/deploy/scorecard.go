package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"orchard/infra/internal/scorecard"
	"orchard/infra/internal/settings"
)

// printScorecard judges the production-sized stacks, of one cloud where
// --cloud names it, and keeps the results in the folder out. It fails when a
// control does and has no waiver.
func printScorecard(command *cobra.Command, o *options) error {
	var cards []scorecard.Card
	var failures []string
	for _, cloud := range cloudsOf(o.set["cloud"]) {
		card, err := scorecard.Read(o.project, cloud)
		if err != nil {
			return err
		}
		cards = append(cards, card)
		failures = append(failures, card.Failures()...)
	}
	text, err := scorecard.JSON(cards)
	if err != nil {
		return err
	}
	folder := filepath.Join(o.project, "out")
	if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, "scorecard.json"), text, 0o644)); err != nil {
		return fmt.Errorf("keep scorecard: %w", err)
	}
	if asJSON, _ := command.Flags().GetBool("json"); asJSON {
		_, err = o.stdout.Write(text)
	} else {
		err = scorecard.Table(o.stdout, cards)
	}
	if err == nil && len(failures) > 0 {
		err = fmt.Errorf("scorecard: %s failed; declare the setting, or give the row a waiver with its reason", strings.Join(failures, ", "))
	}
	return err
}

// cloudsOf is both where none is named.
func cloudsOf(named string) []settings.Cloud {
	if named != "" {
		return []settings.Cloud{settings.Cloud(named)}
	}
	return []settings.Cloud{settings.AWS, settings.Azure}
}
