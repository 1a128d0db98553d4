package postgres

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"
)

// The longest packets that are read before a client is known; PostgreSQL's
// own bound for the first is 10,000 bytes.
const (
	maxStartup  = 10_000
	maxPassword = 16 << 10 // tokens of the clouds have 1 to 4 KB
)

// refusal is what the client is told, beside the reason, which is logged.
type refusal struct {
	code, message string
	reason        error
}

func (r *refusal) Error() string {
	if r.reason == nil {
		return r.message
	}
	return r.message + ": " + r.reason.Error()
}

func (r *refusal) Unwrap() error { return r.reason }

// SQLSTATEs of the endpoint's own refusals.
const (
	stateNoRule        = "28000"
	stateWrongPassword = "28P01"
	stateTooMany       = "53300"
	stateNoPrimary     = "57P03"
	stateNotSupported  = "0A000"
	stateProtocol      = "08P01"
)

// tell sends a refusal to the client; other errors mean that it is gone.
func tell(client net.Conn, err error) error {
	var r *refusal
	if errors.As(err, &r) {
		_ = send(client, &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: r.code, Message: r.message})
	}
	return err
}

func send(w io.Writer, message pgproto3.BackendMessage) error {
	packet, err := message.Encode(nil)
	if err != nil {
		return err
	}
	_, err = w.Write(packet)
	return err
}

// readStartupPacket reads a packet without a type byte, and not a byte more.
func readStartupPacket(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errDone // a probe that only connects
		}
		return nil, err
	}
	return readBody(r, binary.BigEndian.Uint32(length[:]), 4, maxStartup)
}

// readPassword reads the password message, and not a byte more.
func readPassword(r io.Reader) (string, error) {
	kind, body, err := readMessage(r, maxPassword)
	if errors.Is(err, io.EOF) {
		return "", errDone // psql asks for a password first, and comes again
	}
	if err != nil {
		return "", err
	}
	if kind != 'p' {
		return "", &refusal{code: stateProtocol, message: fmt.Sprintf("expected password response, got message type %d", kind)}
	}
	var message pgproto3.PasswordMessage
	if err := message.Decode(body); err != nil {
		return "", &refusal{code: stateProtocol, message: "password message not understood", reason: err}
	}
	return message.Password, nil
}

// readMessage reads a message with its type byte, and not a byte more.
func readMessage(r io.Reader, most uint32) (kind byte, body []byte, err error) {
	var header [5]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	body, err = readBody(r, binary.BigEndian.Uint32(header[1:]), 0, most)
	return header[0], body, err
}

// readBody reads what a length field announces; the length counts itself.
func readBody(r io.Reader, length, least, most uint32) ([]byte, error) {
	if length < 4+least || length > most {
		return nil, &refusal{code: stateProtocol, message: "invalid length of startup packet or message"}
	}
	body := make([]byte, length-4)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	return body, nil
}
