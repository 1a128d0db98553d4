package scorecard

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/planned"
	"orchard/infra/internal/settings"
)

// disk is a made-up type with one encrypted resource.
const diskType = "aws:example/disk:Disk"

func disks(encrypted any) planned.Stack {
	return planned.Stack{Resources: []item{{
		Type: diskType, Name: "data", Inputs: resource.PropertyMap{
			"encrypted": resource.MakeSecret(resource.NewPropertyValue(encrypted)),
			"address":   resource.MakeComputed(resource.NewProperty("")),
		},
	}}}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	rows := []Row{
		{ID: "D.1", Setting: "disks are encrypted", Check: every(diskType, is("encrypted", true))},
		{ID: "D.2", Setting: "disks are encrypted", Check: every(diskType, is("encrypted", true)), Waiver: "They are scratch."},
		{ID: "D.3", Setting: "disks have an address", Check: every(diskType, is("address", "here"))},
		{ID: "D.4", Setting: "tapes are encrypted", Check: every("aws:example/tape:Tape", is("encrypted", true))},
		{ID: "D.5", Setting: "the account encrypts", Check: beyond("It is the account's.")},
	}
	want := map[bool][]State{
		true:  {Pass, Pass, Fail, Fail, NotCheckable},
		false: {Fail, Waived, Fail, Fail, NotCheckable},
	}
	for encrypted, states := range want {
		var got []State
		for _, result := range Judge(disks(encrypted), rows) {
			got = append(got, result.State)
			if result.Reason == "" {
				t.Errorf("encrypted %v: %s has no reason", encrypted, result.ID)
			}
		}
		if diff := cmp.Diff(states, got); diff != "" {
			t.Errorf("encrypted %v: states (-want +got):\n%s", encrypted, diff)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	cards := []Card{{Cloud: settings.AWS, Stack: "prod", Results: []Result{
		{"D.1", "disks are encrypted", Fail, "Disk data: encrypted is not set"},
		{"D.2", "tapes are encrypted", Pass, "no Tape is declared"},
	}}}
	var table strings.Builder
	if err := Table(&table, cards); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"aws    D.1      fail   disks are encrypted", "aws, stack prod: 2 controls, 1 pass, 1 fail, 0 waived, 0 not-checkable",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("got the table\n%s\nwant a line with %q", table.String(), want)
		}
	}
	if diff := cmp.Diff([]string{"D.1"}, cards[0].Failures()); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	var read []Card
	text, err := JSON(cards)
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if diff := cmp.Diff(cards, read); err != nil || diff != "" {
		t.Errorf("JSON: %v (-want +got):\n%s", err, diff)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Read(project, "gcp"); err == nil || !strings.Contains(err.Error(), "gcp") {
		t.Errorf("got error %v, want one that names the cloud", err)
	}
}
