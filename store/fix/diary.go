package fix

import (
	"fmt"

	"github.com/quickfixgo/quickfix"
)

// A diary is a session's log: it is where quickfix tells of a connection that was lost before the logon.
// Messages, which may hold a password, are not looked at.
type diary struct{ s *session }

// Create implements quickfix.LogFactory.
func (d diary) Create() (quickfix.Log, error) { return d, nil }

// CreateSessionLog implements quickfix.LogFactory.
func (d diary) CreateSessionLog(quickfix.SessionID) (quickfix.Log, error) { return d, nil }

// OnIncoming implements quickfix.Log.
func (diary) OnIncoming([]byte) {}

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
