package fix

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/quickfixgo/quickfix"
)

// A diary is a session's log: it is where quickfix tells of what happens before the logon. Messages that are
// sent, which may hold a password, are not looked at.
type diary struct{ s *session }

// Create implements quickfix.LogFactory.
func (d diary) Create() (quickfix.Log, error) { return d, nil }

// CreateSessionLog implements quickfix.LogFactory.
func (d diary) CreateSessionLog(quickfix.SessionID) (quickfix.Log, error) { return d, nil }

// OnIncoming implements quickfix.Log. A Logout that answers a Logon comes nowhere else.
func (d diary) OnIncoming(message []byte) {
	if bytes.Contains(message, []byte("\x0135="+logout+"\x01")) {
		_, after, _ := strings.Cut(string(message), "\x0158=")
		text, _, _ := strings.Cut(after, "\x01")
		d.s.loggedOut(text)
	}
}

// OnOutgoing implements quickfix.Log.
func (diary) OnOutgoing([]byte) {}

// OnEvent implements quickfix.Log.
func (d diary) OnEvent(event string) {
	if event == "Disconnected" {
		d.s.lose(fmt.Errorf("fix: the connection was lost"))
	}
}

// OnEventf implements quickfix.Log.
func (d diary) OnEventf(format string, args ...any) {
	if format == "Failed to connect: %v" {
		d.s.lose(fmt.Errorf("fix: "+format, args...))
	}
}
