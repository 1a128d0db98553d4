package machine_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"orchard/localcloud/internal/machine/image"
	"orchard/localcloud/internal/machine/supervisor"
)

// TestMain makes the test binary the program that instances run: their
// init, their systemctl, and a server for their units.
func TestMain(m *testing.M) {
	if code, ok := image.Main(context.Background(), os.Args, os.Getenv, os.Stdout, os.Stderr); ok {
		os.Exit(code)
	}
	if filepath.Base(os.Args[0]) == "test-server" {
		if err := testServer(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// testServer serves on the socket that it is passed: its process id, its
// environment, an end without a word, a child that hides, and the health that
// it is told to have, and what an init says to a request for load.
func testServer() error {
	if os.Getenv("LISTEN_PID") != fmt.Sprint(os.Getpid()) || os.Getenv("LISTEN_FDS") != "1" {
		return fmt.Errorf("want one socket for process %d, got LISTEN_PID=%s LISTEN_FDS=%s", os.Getpid(), os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS"))
	}
	listener, err := net.FileListener(os.NewFile(3, "socket"))
	if err != nil {
		return err
	}
	http.HandleFunc("/pid", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Getpid()) })
	http.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, os.Getenv(r.URL.Query().Get("name"))) })
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(7) })
	http.HandleFunc("/dial", func(w http.ResponseWriter, r *http.Request) {
		conn, err := net.Dial("tcp", r.URL.Query().Get("to"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer conn.Close()
		_, _ = conn.Read(make([]byte, 1)) // held until the other side closes
	})
	http.HandleFunc("/hide", func(w http.ResponseWriter, _ *http.Request) {
		child := exec.Command("/bin/sleep", "1000")
		child.Env = []string{"LOCALCLOUD_INSTANCE=another"}
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := child.Start(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, child.Process.Pid)
	})
	var health atomic.Value
	health.Store("Healthy")
	http.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"ApplicationHealthState":%q}`, health.Load())
	})
	http.HandleFunc("/feel", func(_ http.ResponseWriter, r *http.Request) { health.Store(r.URL.Query().Get("health")) })
	http.HandleFunc("/stress", func(w http.ResponseWriter, r *http.Request) {
		answer, err := supervisor.Call(r.URL.Query().Get("control"), supervisor.Request{Verb: supervisor.StressVerb, Cores: 1, For: time.Minute})
		fmt.Fprintf(w, "%d %s %v", answer.Code, answer.Stderr, err)
	})
	return http.Serve(listener, nil)
}
