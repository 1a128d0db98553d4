package machine_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
)

// service is user-data as a program would render it: a socket, a oneshot
// and a service behind both.
const service = `#!/bin/bash
set -euo pipefail
units="${DESTDIR}/etc/systemd/system"
mkdir -p "$units" "${DESTDIR}/etc/app"
echo "COLOUR='green'" > "${DESTDIR}/etc/app/env"
cat > "$units/app.socket" <<EOF
[Socket]
ListenStream=8080
[Install]
WantedBy=sockets.target
EOF
cat > "$units/app-prepare.service" <<EOF
[Unit]
Description=prepares the app
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo prepared > ${DESTDIR}/etc/app/prepared'
EOF
cat > "$units/app.service" <<EOF
[Unit]
Description=the app
Requires=app.socket app-prepare.service
After=app.socket app-prepare.service network-online.target
[Service]
ExecStart=$(command -v test-server) serve
EnvironmentFile=${DESTDIR}/etc/app/env
Environment=SHAPE=round "SIZE=very big"
RuntimeDirectory=app
Restart=always
RestartSec=10ms
DynamicUser=yes
ProtectSystem=strict
StandardOutput=journal
[Install]
WantedBy=multi-user.target
EOF
systemctl daemon-reload
systemctl enable --now app.socket
systemctl start app-prepare.service
test -f "${DESTDIR}/etc/app/prepared"
`

func TestServiceWakesByItsSocketAndKeepsItThroughACrash(t *testing.T) {
	t.Parallel()
	s := spec(t, service)
	h := start(t, s)
	if state := booted(t, h); state.Phase != machine.Running || state.Units["app.socket"].Sub != "listening" {
		t.Fatalf("after boot: got %+v, want running with app.socket listening", state)
	}
	first := mustGet(t, s.Address, "/pid")
	for name, want := range map[string]string{
		"COLOUR": "green", "SHAPE": "round", "SIZE": "very big", "GREETING": "hello",
		"RUNTIME_DIRECTORY": filepath.Join(s.Dir, "run/r/app"), "LISTEN_FDNAMES": "app.socket",
		"DESTDIR": filepath.Join(s.Dir, "root"),
	} {
		if got := mustGet(t, s.Address, "/env?name="+name); got != want {
			t.Errorf("variable %s in the service: got %q, want %q", name, got, want)
		}
	}
	if _, err := get(t, s.Address, "/crash"); err == nil {
		t.Fatal("the crash was answered")
	}
	second := mustGet(t, s.Address, "/pid") // waits in the socket until the service is back
	if first == second {
		t.Errorf("process after the crash: got %s again", second)
	}
	eventually(t, "the restart is counted", func() bool {
		state, err := h.Status()
		return err == nil && state.Units["app.service"].Restarts == 1 && strconv.Itoa(state.Units["app.service"].MainPID) == second
	})
}

func TestInstanceRunsUnprivilegedInItsOwnSession(t *testing.T) {
	t.Parallel()
	s := spec(t, "#!/bin/bash\nid -u > $DESTDIR/uid\ntouch $TMPDIR/x $HOME/x\n")
	h := start(t, s)
	booted(t, h)
	uid, err := os.ReadFile(filepath.Join(s.Dir, "root/uid"))
	if err != nil || strings.TrimSpace(string(uid)) == "0" {
		t.Errorf("user of the script: got %q, %v; want one that is not root", uid, err)
	}
	if group, err := syscall.Getpgid(h.Record.PID); err != nil || group != h.Record.PID {
		t.Errorf("process group of init %d: got %d, %v", h.Record.PID, group, err)
	}
}

func TestFailedScriptSaysHowItFailed(t *testing.T) {
	t.Parallel()
	h := start(t, spec(t, "#!/bin/bash\necho about to fail\nexit 42\n"))
	state := booted(t, h)
	if state.Phase != machine.ScriptFailed || state.ExitCode != 42 || !strings.Contains(strings.Join(state.Console, "\n"), "about to fail") {
		t.Errorf("state: got %+v, want script-failed with 42 and the last line", state)
	}
	h = start(t, spec(t, "#cloud-config\n"))
	if state := booted(t, h); state.Phase != machine.ScriptFailed || !strings.Contains(state.Problem, "no script") {
		t.Errorf("state of a user-data that is no script: got %+v", state)
	}
}

func TestKillLeavesNoProcess(t *testing.T) {
	t.Parallel()
	s := spec(t, service)
	h := start(t, s)
	booted(t, h)
	hidden, err := strconv.Atoi(mustGet(t, s.Address, "/hide"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-h.Done():
	default:
		t.Error("init is not done after Kill")
	}
	if rest := left(t, s.ID); len(rest) > 0 || alive(hidden) {
		t.Errorf("left after Kill: %v, hidden child alive: %t", rest, alive(hidden))
	}
}

func TestSweepFindsWhatADeadInitLeft(t *testing.T) {
	t.Parallel()
	s := spec(t, service)
	h := start(t, s)
	booted(t, h)
	pid, err := strconv.Atoi(mustGet(t, s.Address, "/pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(h.Record.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-h.Done()
	if _, err := machine.Adopt(h.Record); !errors.Is(err, machine.ErrGone) {
		t.Errorf("adopt after init's death: got %v, want ErrGone", err)
	}
	if !alive(pid) {
		t.Fatal("the service died with init: there is nothing to sweep")
	}
	if err := machine.Sweep(s.ID); err != nil || alive(pid) {
		t.Errorf("sweep: %v, service alive: %t", err, alive(pid))
	}
}

func TestTerminateStopsUnitsInOrderAndAdoptionSeesTheEnd(t *testing.T) {
	t.Parallel()
	s := spec(t, service+"systemctl start app\n")
	h := start(t, s)
	if state := booted(t, h); state.Phase != machine.Running {
		t.Fatalf("state: got %+v, want running", state)
	}
	other, err := machine.Adopt(h.Record)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Terminate(context.Background(), 20*time.Second); err != nil {
		t.Fatal(err)
	}
	<-h.Done()
	state, err := h.Status()
	if err != nil || state.Phase != machine.Stopped || state.Units["app.service"].Active != "inactive" {
		t.Errorf("state after Terminate: got %+v, %v; want stopped with app.service inactive", state, err)
	}
	if err := machine.Remove(h.Record); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("folder after Remove: got %v, want not existing", err)
	}
}

func TestSecondBootStartsWhatWasEnabled(t *testing.T) {
	t.Parallel()
	s := spec(t, service+"echo once >> $DESTDIR/times\n")
	h := start(t, s)
	booted(t, h)
	if err := h.Terminate(context.Background(), 20*time.Second); err != nil {
		t.Fatal(err)
	}
	h = start(t, s)
	if state := booted(t, h); state.Units["app.socket"].Sub != "listening" {
		t.Errorf("second boot: got %+v, want app.socket listening", state)
	}
	if times, err := os.ReadFile(filepath.Join(s.Dir, "root/times")); err != nil || string(times) != "once\n" {
		t.Errorf("runs of the user-data: got %q, %v, want one", times, err)
	}
}

func TestAdoptRefusesAnotherProcess(t *testing.T) {
	t.Parallel()
	s := spec(t, "#!/bin/bash\n")
	h := start(t, s)
	booted(t, h)
	later := h.Record
	later.Start++
	if _, err := machine.Adopt(later); !errors.Is(err, machine.ErrGone) {
		t.Errorf("adopt with another start time: got %v, want ErrGone", err)
	}
	other := h.Record
	other.ID = "i-other"
	if _, err := machine.Adopt(other); err == nil || errors.Is(err, machine.ErrGone) {
		t.Errorf("adopt with another id: got %v, want a refusal", err)
	}
}

func TestStartRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	s := spec(t, "#!/bin/bash\n")
	s.ID, s.Address, s.Env = "a/b", "10.0.0.1", []string{"PATH=/evil"}
	s.Dir = filepath.Join(s.Dir, strings.Repeat("long", 30))
	_, err := machine.Start(s)
	if err == nil {
		t.Fatal("started")
	}
	for _, want := range []string{`"a/b"`, `"10.0.0.1"`, "PATH is set by the machine", "Linux allows 107"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %q", err, want)
		}
	}
}

func TestPeerKnowsWhoConnects(t *testing.T) {
	t.Parallel()
	s := spec(t, service)
	booted(t, start(t, s))
	pid := mustGet(t, s.Address, "/pid")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled := make(chan error, 1)
	go func() {
		_, err := get(t, s.Address, "/dial?to="+listener.Addr().String())
		dialled <- err
	}()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	gotPID, gotID, err := machine.Peer(conn)
	if err != nil || strconv.Itoa(gotPID) != pid || gotID != s.ID {
		t.Errorf("peer: got process %d of %q, %v; want %s of %q", gotPID, gotID, err, pid, s.ID)
	}
	conn.Close()
	if err := <-dialled; err != nil {
		t.Error(err)
	}
	own, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if conn, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if gotPID, gotID, err := machine.Peer(conn); err != nil || gotPID != os.Getpid() || gotID != "" {
		t.Errorf("peer of an own connection: got %d of %q, %v; want %d of none", gotPID, gotID, err, os.Getpid())
	}
}
