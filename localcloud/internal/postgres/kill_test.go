package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
)

// specVariable makes the test program a daemon that creates the database of
// this spec, and prints each state that it would save.
const specVariable = "POSTGRES_TEST_SPEC"

func TestMain(m *testing.M) {
	if text := os.Getenv(specVariable); text != "" {
		fmt.Fprintln(os.Stderr, daemon([]byte(text)))
		os.Exit(1) // a daemon ends by a kill alone
	}
	os.Exit(m.Run())
}

func daemon(text []byte) error {
	var spec Spec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	ctx := context.Background()
	install, err := Find(ctx, Search{Path: os.Getenv("PATH")})
	if err != nil {
		return err
	}
	account, err := ServerAccount()
	if err != nil {
		return err
	}
	save := func(state State) error { return json.NewEncoder(os.Stdout).Encode(state) }
	pair, err := Create(ctx, Host{Install: install, Account: account, Save: save, Log: slog.New(slog.DiscardHandler)}, spec)
	if err != nil {
		return err
	}
	return pair.Run(ctx)
}

// A daemon that is killed leaves its servers running, and the next one takes
// over the same processes.
func TestDaemonKilled(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	spec := newSpec(t, true)
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), specVariable+"="+string(text))
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Remove(context.Background(), m.Account, spec.Folder); err != nil {
			t.Error(err)
		}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	state := lastState(t, out)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"
	pair, err := Adopt(t.Context(), m.Host, state)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := pids(pair.State()), pids(state); got != want {
		t.Errorf("adopted servers %s, want the same processes %s", got, want)
	}
	execute(t, session(t, pair, "master"), "create table t (n int)")
	inSync(t, pair)
}

// lastState reads states until the database is created.
func lastState(t *testing.T, out io.Reader) State {
	t.Helper()
	for decoder := json.NewDecoder(out); ; {
		var state State
		if err := decoder.Decode(&state); err != nil {
			t.Fatalf("the daemon ended too soon: %v", err)
		}
		if state.Created {
			return state
		}
	}
}
