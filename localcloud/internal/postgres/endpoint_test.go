package postgres

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// authority is a certificate authority for one test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate, key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a authority) issue(t *testing.T, ip string) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(ip)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// testLog is a log that a test may read while it is written.
type testLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *testLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// door is an endpoint that runs, and what its clients need.
type door struct {
	*Endpoint
	authority authority
	log       *testLog
}

const rightPassword = "correct horse battery staple"

// open serves an endpoint; edit may change its configuration first.
func open(t *testing.T, primary func() (string, <-chan struct{}, error), edit func(*EndpointConfig)) *door {
	t.Helper()
	d := &door{authority: newAuthority(t), log: &testLog{}}
	config := EndpointConfig{
		Address: "127.0.0.1:0", Certificate: d.authority.issue(t, "127.0.0.1"), Primary: primary,
		Verify: func(_ context.Context, login Login) error {
			if login.Password != rightPassword {
				return errors.New("the password is not the issued one")
			}
			return nil
		},
		Reserved: []string{"cloudadmin"}, MaxConnections: 20,
		Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}
	if edit != nil {
		edit(&config)
	}
	endpoint, err := Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	d.Endpoint = endpoint
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- endpoint.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if strings.Contains(d.log.String(), rightPassword) {
			t.Error("the log holds a password")
		}
	})
	return d
}

// config is how a client connects with verify-full.
func (d *door) config(t *testing.T, user, password string) *pgx.ConnConfig {
	t.Helper()
	config, err := pgx.ParseConfig(fmt.Sprintf("postgres://%s@%s/fruit?sslmode=require&connect_timeout=20", user, d.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	config.Password, config.Fallbacks = password, nil
	config.TLSConfig = &tls.Config{ServerName: "127.0.0.1", RootCAs: d.authority.pool()}
	return config
}

func (d *door) connect(t *testing.T, user string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), d.config(t, user, rightPassword))
	if err != nil {
		t.Fatalf("%v\n%s", err, d.log)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	pair := create(t, newMachine(t), newSpec(t, false))
	d := open(t, pair.Primary, nil)
	execute(t, d.connect(t, "master"), "create table fruit (id int primary key, name text)")

	t.Run("prepared statements", func(t *testing.T) {
		conn := d.connect(t, "master")
		for i := range 3 {
			got := scan[int](t, conn, "select $1::int + 1", i)
			if got != i+1 {
				t.Errorf("got %d, want %d", got, i+1)
			}
		}
	})
	t.Run("copy", func(t *testing.T) {
		conn := d.connect(t, "master")
		rows := make([][]any, 20_000)
		for i := range rows {
			rows[i] = []any{i, strings.Repeat("pear ", 20)}
		}
		n, err := conn.CopyFrom(t.Context(), pgx.Identifier{"fruit"}, []string{"id", "name"}, pgx.CopyFromRows(rows))
		if err != nil || n != 20_000 {
			t.Fatalf("got %d rows, %v, want 20000", n, err)
		}
		var out bytes.Buffer
		if _, err := conn.PgConn().CopyTo(t.Context(), &out, "copy fruit to stdout"); err != nil {
			t.Fatal(err)
		}
		if got := bytes.Count(out.Bytes(), []byte("\n")); got != 20_000 {
			t.Errorf("copied back %d rows, want 20000", got)
		}
	})
	t.Run("cancel", func(t *testing.T) { testCancel(t, d, (*pgconn.PgConn).CancelRequest) })
	t.Run("cancel in plaintext", func(t *testing.T) { testCancel(t, d, plaintextCancel) })
	t.Run("bounds", func(t *testing.T) { testBounds(t, pair) })
	t.Run("primary moves", func(t *testing.T) { testMove(t, pair) })
	t.Run("role", func(t *testing.T) { testRole(t, pair) })
	t.Run("refusals", func(t *testing.T) { testRefusals(t, d) })
	t.Run("probe", func(t *testing.T) { testProbe(t, d) })
}

// plaintextCancel asks as psql does up to version 16.
func plaintextCancel(conn *pgconn.PgConn, ctx context.Context) error {
	packet, err := (&pgproto3.CancelRequest{ProcessID: conn.PID(), SecretKey: conn.SecretKey()}).Encode(nil)
	if err != nil {
		return err
	}
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", conn.Conn().RemoteAddr().String())
	if err != nil {
		return err
	}
	defer raw.Close()
	if _, err := raw.Write(packet); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, raw)
	return err
}

func testCancel(t *testing.T, d *door, cancel func(*pgconn.PgConn, context.Context) error) {
	conn, watcher := d.connect(t, "master"), d.connect(t, "master")
	result := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "select pg_sleep(60)")
		result <- err
	}()
	eventually(t, "query runs", func() bool {
		return scan[bool](t, watcher, "select exists (select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep')", int(conn.PgConn().PID()))
	})
	if err := cancel(conn.PgConn(), t.Context()); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	var refused *pgconn.PgError
	if err := <-result; !errors.As(err, &refused) || refused.Code != "57014" {
		t.Errorf("got %v, want query_canceled", err)
	}
	if got := scan[int](t, conn, "select 1"); got != 1 { // the session itself goes on
		t.Errorf("after the cancel: got %d, want 1", got)
	}
}

func testRefusals(t *testing.T, d *door) {
	for name, test := range map[string]struct {
		edit func(*pgx.ConnConfig)
		code string // SQLSTATE; empty where the client itself refuses
		text string
	}{
		"wrong password": {func(c *pgx.ConnConfig) { c.Password = "wrong" }, "28P01", `password authentication failed for user "master"`},
		"reserved role":  {func(c *pgx.ConnConfig) { c.User = "cloudadmin" }, "28P01", `password authentication failed for user "cloudadmin"`},
		"unknown role":   {func(c *pgx.ConnConfig) { c.User = "nobody" }, "28000", `role "nobody" does not exist`},
		"no database":    {func(c *pgx.ConnConfig) { c.Database = "none" }, "3D000", `database "none" does not exist`},
		"plaintext":      {func(c *pgx.ConnConfig) { c.TLSConfig = nil }, "28000", "no encryption"},
		"options":        {func(c *pgx.ConnConfig) { c.RuntimeParams["options"] = "-c work_mem=1GB" }, "0A000", `"options"`},
		"replication":    {func(c *pgx.ConnConfig) { c.RuntimeParams["replication"] = "database" }, "0A000", `"replication"`},
		"wrong CA":       {func(c *pgx.ConnConfig) { c.TLSConfig.RootCAs = newAuthority(t).pool() }, "", "certificate signed by unknown authority"},
		"wrong name":     {func(c *pgx.ConnConfig) { c.TLSConfig.ServerName = "127.0.0.9" }, "", "127.0.0.9"},
	} {
		t.Run(name, func(t *testing.T) {
			config := d.config(t, "master", rightPassword)
			test.edit(config)
			conn, err := pgx.ConnectConfig(t.Context(), config)
			if err == nil {
				conn.Close(t.Context())
				t.Fatal("got a connection, want a refusal")
			}
			var refused *pgconn.PgError
			if errors.As(err, &refused) && refused.Code != test.code || refused == nil && test.code != "" || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want SQLSTATE %q and %q", err, test.code, test.text)
			}
		})
	}
	if !strings.Contains(d.log.String(), "the password is not the issued one") {
		t.Errorf("the reason is not in the log:\n%s", d.log)
	}
}

// testProbe: a connection that sends nothing, or garbage, is ended.
func testProbe(t *testing.T, d *door) {
	for _, sent := range []string{"", "GET / HTTP/1.1\r\n\r\n", "\x00\x00\x00\x08\x04\xd2\x16\x2fGET / HTTP/1.1\r\n\r\n"} {
		conn, err := net.Dial("tcp", d.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(sent)); err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).CloseWrite() // it may be closed already, which is what is wanted
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			t.Errorf("after %q the connection stays open", sent)
		}
		conn.Close()
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// testMove: connections to a primary that is no more are cut.
func testMove(t *testing.T, pair *Pair) {
	moved := make(chan struct{})
	d := open(t, func() (string, <-chan struct{}, error) {
		socket, _, err := pair.Primary()
		return socket, moved, err
	}, nil)
	conn := d.connect(t, "master")
	execute(t, conn, "select 1")
	close(moved)
	eventually(t, "old connection is cut", func() bool { return conn.Ping(t.Context()) != nil })
}

func testBounds(t *testing.T, pair *Pair) {
	d := open(t, pair.Primary, func(c *EndpointConfig) { c.MaxConnections = 1 })
	first := d.connect(t, "master")
	_, err := pgx.ConnectConfig(t.Context(), d.config(t, "master", rightPassword))
	if want := "53300"; sqlState(err) != want {
		t.Errorf("second connection: got %v, want SQLSTATE %s", err, want)
	}
	first.Close(t.Context())
	eventually(t, "room again", func() bool {
		conn, err := pgx.ConnectConfig(t.Context(), d.config(t, "master", rightPassword))
		if err != nil {
			return false
		}
		conn.Close(t.Context())
		return true
	})
}

func sqlState(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

func TestEndpointWithoutPrimary(t *testing.T) {
	t.Parallel()
	d := open(t, func() (string, <-chan struct{}, error) { return "", nil, ErrNoPrimary }, nil)
	_, err := pgx.ConnectConfig(t.Context(), d.config(t, "master", rightPassword))
	if want := "57P03"; sqlState(err) != want {
		t.Errorf("got %v, want SQLSTATE %s", err, want)
	}
}

func TestEndpointLoginTimeout(t *testing.T) {
	t.Parallel()
	d := open(t, func() (string, <-chan struct{}, error) { return "", nil, ErrNoPrimary },
		func(c *EndpointConfig) { c.LoginTimeout = 50 * time.Millisecond })
	conn, err := net.Dial("tcp", d.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the silent connection closed", err)
	}
}

// A blocked path hangs: no answer, no refusal, until the time is over.
func TestEndpointBlocked(t *testing.T) {
	t.Parallel()
	d := open(t, func() (string, <-chan struct{}, error) { return "", nil, ErrNoPrimary }, func(c *EndpointConfig) {
		c.Allow = func(net.Conn) error { return errors.New("no rule lets it in") }
		c.BlockedTimeout = 400 * time.Millisecond
	})
	conn, err := net.Dial("tcp", d.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 1)); !isTimeout(err) {
		t.Errorf("got %d bytes, %v, want silence", n, err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if n, err := conn.Read(make([]byte, 1)); n != 0 || isTimeout(err) {
		t.Errorf("got %d bytes, %v, want the connection ended after the blocked time", n, err)
	}
	if !strings.Contains(d.log.String(), "no rule lets it in") {
		t.Errorf("the reason is not in the log:\n%s", d.log)
	}
}

func TestListenRefusesOthers(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:5432", "localhost:0", "127.0.0.1"} {
		endpoint, err := Listen(EndpointConfig{Address: address})
		if err == nil {
			endpoint.Close()
		}
		if err == nil || strings.Contains(err.Error(), "are required") {
			t.Errorf("%s: got %v, want a refusal of the address", address, err)
		}
	}
}
