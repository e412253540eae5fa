package fix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/quickfixgo/quickfix"
	"github.com/quickfixgo/quickfix/config"
	"github.com/whetgo/whet/store"
)

func init() { store.Register("fix", sessions{}) }

type sessions struct{}

// Limits are none: a venue's are not known to its protocol.
func (sessions) Limits(store.Params) []store.Limit { return nil }

// A target says whom to log on to, and as whom.
type target struct {
	host, port, sender, target, user string
	tls                              bool
}

func parse(p store.Params) (t target, err error) {
	t = target{sender: p.Account, target: "VENUE"}
	t.host, t.port, err = net.SplitHostPort(p.Addr)
	if n, bad := strconv.ParseUint(t.port, 10, 16); err != nil || bad != nil || t.host == "" || n == 0 {
		return t, &store.ParamError{Name: "addr", Problem: "want host:port"}
	}
	values, err := url.ParseQuery(p.Extra)
	if err != nil {
		return t, &store.ParamError{Name: "extra", Problem: "badly escaped"}
	}
	for name, v := range values {
		switch {
		case name == "sender":
			t.sender = v[0]
		case name == "target":
			t.target = v[0]
		case name == "user":
			t.user = v[0]
		case name == "tls" && v[0] == "require":
			t.tls = true
		case name == "tls":
			return t, &store.ParamError{Name: name, Problem: "want require"}
		default:
			return t, &store.ParamError{Name: fmt.Sprintf("%.40q", name), Problem: "unknown to this driver"}
		}
	}
	for _, s := range []string{t.sender, t.target, t.user} {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
			return t, &store.ParamError{Name: "sender, target or user", Problem: "a control character is in it"}
		}
	}
	if t.sender == "" || t.target == "" {
		return t, &store.ParamError{Name: "sender or account", Problem: "want a name of this end"}
	}
	return t, nil
}

func (t target) settings() (*quickfix.Settings, error) {
	own := quickfix.NewSessionSettings()
	for name, value := range map[string]string{
		config.BeginString: quickfix.BeginStringFIX44, config.SenderCompID: t.sender, config.TargetCompID: t.target,
		config.SocketConnectHost: t.host, config.SocketConnectPort: t.port, config.SocketTimeout: "5s",
		config.HeartBtInt: "5", config.ResetOnLogon: "Y", config.TimeStampPrecision: "NANOS",
		config.ReconnectInterval: "86400", // the store dials again, not the session
		config.LogonTimeout:      "10", config.LogoutTimeout: "1", config.PersistMessages: "N",
	} {
		own.Set(name, value)
	}
	if t.tls {
		own.Set(config.SocketUseSSL, "Y")
	}
	s := quickfix.NewSettings()
	_, err := s.AddSession(own)
	return s, err
}

// Dial implements store.Driver.
func (sessions) Dial(ctx context.Context, p store.Params, secrets store.Secrets, ev store.Sink) (store.Session, error) {
	t, err := parse(p)
	if err != nil {
		return nil, store.Fatal(err)
	}
	if err := reachable(ctx, t); err != nil {
		return nil, err
	}
	s := newSession(t, ev)
	s.password, _ = secrets.Get("password")
	if err := s.start(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// reachable tells at once if nobody listens: quickfix would say so to its log, after up to a second.
func reachable(ctx context.Context, t target) error {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(t.host, t.port))
	if err != nil {
		return fmt.Errorf("fix: %w", err)
	}
	return c.Close()
}

var errLogon = errors.New("fix: the venue did not let us log on")
