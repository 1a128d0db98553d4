package postgres

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Codes that a client sends in place of a protocol version.
const (
	cancelCode = 80877102
	tlsCode    = 80877103
	gssCode    = 80877104
)

// errDone ends a connection that has had its answer (a cancel request, say).
var errDone = errors.New("done")

// login takes a connection from its first byte to the first ready. A client
// that is refused has been told so.
func (e *Endpoint) login(ctx context.Context, conn net.Conn) (net.Conn, *backend, error) {
	client, startup, err := e.negotiate(ctx, conn)
	if err != nil {
		return nil, nil, tell(client, err)
	}
	backend, err := e.authenticate(ctx, client, conn, startup)
	if err != nil {
		return nil, nil, tell(client, err)
	}
	return client, backend, nil
}

// negotiate answers the first packets until TLS is there and a startup
// message has come through it. The connection returned is the one to answer
// on, also with an error.
func (e *Endpoint) negotiate(ctx context.Context, raw net.Conn) (net.Conn, *pgproto3.StartupMessage, error) {
	client, encrypted := raw, false
	for range 4 { // GSS, TLS, startup: nobody needs more
		packet, err := readStartupPacket(client)
		if err != nil {
			return client, nil, err
		}
		switch code := binary.BigEndian.Uint32(packet); {
		case code == gssCode && !encrypted:
			if _, err := client.Write([]byte{'N'}); err != nil {
				return client, nil, err
			}
		case code == tlsCode && !encrypted:
			secure, err := e.encrypt(ctx, raw)
			if err != nil {
				return client, nil, err
			}
			client, encrypted = secure, true
		case code == cancelCode:
			e.relayCancel(ctx, packet)
			return client, nil, errDone
		case !encrypted:
			return client, nil, plaintext(raw, packet)
		default:
			startup, err := readStartup(client, packet)
			return client, startup, err
		}
	}
	return client, nil, &refusal{code: stateProtocol, message: "too many requests before the startup message"}
}

// encrypt agrees to TLS and shakes hands. Nothing was read beyond the
// request, so nothing that came in the clear counts as encrypted.
func (e *Endpoint) encrypt(ctx context.Context, raw net.Conn) (net.Conn, error) {
	if _, err := raw.Write([]byte{'S'}); err != nil {
		return nil, err
	}
	secure := tls.Server(raw, e.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("shake hands: %w", err)
	}
	return secure, nil
}

// plaintext refuses in the words of PostgreSQL, which drivers know.
func plaintext(raw net.Conn, packet []byte) error {
	var startup pgproto3.StartupMessage
	if err := startup.Decode(packet); err != nil {
		return &refusal{code: stateProtocol, message: "startup packet not understood", reason: err}
	}
	host, _, _ := net.SplitHostPort(raw.RemoteAddr().String())
	user := startup.Parameters["user"]
	return &refusal{code: stateNoRule, message: fmt.Sprintf("no pg_hba.conf entry for host %q, user %q, database %q, no encryption", host, user, databaseOf(&startup))}
}

// readStartup decodes the startup message. Newer minor versions and protocol
// options are negotiated away, as an older server does.
func readStartup(client net.Conn, packet []byte) (*pgproto3.StartupMessage, error) {
	version := binary.BigEndian.Uint32(packet)
	if version>>16 != 3 {
		return nil, &refusal{code: stateNotSupported, message: fmt.Sprintf("unsupported frontend protocol %d.%d: server supports 3.0", version>>16, version&0xffff)}
	}
	binary.BigEndian.PutUint32(packet, pgproto3.ProtocolVersion30)
	var startup pgproto3.StartupMessage
	if err := startup.Decode(packet); err != nil {
		return nil, &refusal{code: stateProtocol, message: "startup packet not understood", reason: err}
	}
	var options []string
	for name := range startup.Parameters {
		if strings.HasPrefix(name, "_pq_.") {
			options = append(options, name)
			delete(startup.Parameters, name)
		}
	}
	if version > pgproto3.ProtocolVersion30 || len(options) > 0 {
		return &startup, send(client, &pgproto3.NegotiateProtocolVersion{UnrecognizedOptions: options})
	}
	return &startup, nil
}

// authenticate asks for the password, has it verified and leads to the
// primary. On success the connection is counted as logged in.
func (e *Endpoint) authenticate(ctx context.Context, client, raw net.Conn, startup *pgproto3.StartupMessage) (*backend, error) {
	if err := e.checkParameters(startup); err != nil {
		return nil, err
	}
	if _, _, err := e.config.Primary(); err != nil {
		return nil, notAccepting(err)
	}
	if err := send(client, &pgproto3.AuthenticationCleartextPassword{}); err != nil {
		return nil, err
	}
	password, err := readPassword(client)
	if err != nil {
		return nil, err
	}
	user := startup.Parameters["user"]
	login := Login{User: user, Database: databaseOf(startup), Password: password, Conn: raw}
	err = e.verify(ctx, login)
	if errors.Is(err, ErrNoPrimary) {
		return nil, notAccepting(err)
	}
	if err != nil {
		return nil, &refusal{code: stateWrongPassword, message: fmt.Sprintf("password authentication failed for user %q", user), reason: err}
	}
	if !e.enter() {
		return nil, &refusal{code: stateTooMany, message: "sorry, too many clients already"}
	}
	backend, err := e.attach(ctx, client, startup)
	if err != nil {
		e.leave()
		return nil, err
	}
	return backend, nil
}

func notAccepting(reason error) error {
	return &refusal{code: stateNoPrimary, message: "the database system is not yet accepting connections", reason: reason}
}

// verify refuses the cloud's own roles only after the password, so that
// their names cannot be told from wrong passwords.
func (e *Endpoint) verify(ctx context.Context, login Login) error {
	if e.reserved(login.User) {
		return errors.New("the role is the service's own")
	}
	return e.config.Verify(ctx, login)
}

// checkParameters refuses what would lead past the endpoint's rules. They
// are refused rather than dropped: a client would rely on them.
func (e *Endpoint) checkParameters(startup *pgproto3.StartupMessage) error {
	if startup.Parameters["user"] == "" {
		return &refusal{code: stateNoRule, message: "no PostgreSQL user name specified in startup packet"}
	}
	for _, name := range []string{"replication", "options"} {
		if startup.Parameters[name] != "" {
			return &refusal{code: stateNotSupported, message: fmt.Sprintf("the startup parameter %q is not supported here", name)}
		}
		delete(startup.Parameters, name)
	}
	return nil
}

func databaseOf(startup *pgproto3.StartupMessage) string {
	if database := startup.Parameters["database"]; database != "" {
		return database
	}
	return startup.Parameters["user"]
}
