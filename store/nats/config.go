package nats

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/whetgo/whet/store"
)

// A target says where the subjects are.
type target struct {
	addr, user string
	tls        bool
	prefix     string
}

// parse reads parameters.
func parse(p store.Params) (target, error) {
	t := target{addr: p.Addr, prefix: "whet"}
	host, port, err := net.SplitHostPort(p.Addr)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || host == "" || n == 0 {
		return t, &store.ParamError{Name: "addr", Problem: "want host:port"}
	}
	values, err := url.ParseQuery(p.Extra)
	if err != nil {
		return t, &store.ParamError{Name: "extra", Problem: "badly escaped"}
	}
	for name, v := range values {
		switch {
		case name == "user":
			t.user = v[0]
		case name == "tls" && v[0] == "require":
			t.tls = true
		case name == "prefix" && isName(v[0]):
			t.prefix = v[0]
		case name == "tls", name == "prefix":
			return t, &store.ParamError{Name: name, Problem: "want tls=require, or a prefix of small letters, digits and _"}
		default:
			return t, &store.ParamError{Name: fmt.Sprintf("%.40q", name), Problem: "unknown to this driver"}
		}
	}
	return t, nil
}

func isName(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// connect makes a connection, which the options may make reconnect.
func (t target) connect(ctx context.Context, password, token string, more ...client.Option) (*client.Conn, error) {
	timeout := 5 * time.Second
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, max(time.Until(deadline), time.Millisecond))
	}
	d := &dialer{ctx: ctx}
	defer d.connected()
	opts := append([]client.Option{client.Name("whet"), client.Timeout(timeout), client.SetCustomDialer(d)}, more...)
	if t.user != "" {
		opts = append(opts, client.UserInfo(t.user, password))
	}
	if token != "" {
		opts = append(opts, client.Token(token))
	}
	if t.tls {
		opts = append(opts, client.Secure(&tls.Config{MinVersion: tls.VersionTLS12}))
	}
	nc, err := client.Connect("nats://"+t.addr, opts...)
	if err != nil {
		return nil, fmt.Errorf("nats: connecting to %s: %w", t.addr, err)
	}
	return nc, nil
}

// A dialer lets a context end a connection that is being made.
type dialer struct {
	ctx  context.Context
	stop func() bool
}

// Dial implements client.CustomDialer. Later dials, to reconnect, are not bound to the context.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	ctx := d.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	c, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, address)
	if err == nil && d.ctx != nil {
		d.stop = context.AfterFunc(ctx, func() { _ = c.Close() })
	}
	return c, err
}

func (d *dialer) connected() {
	if d.stop != nil {
		d.stop()
	}
	d.ctx, d.stop = nil, nil
}

// Subjects of a target.
func (t target) ticks(symbol string) string { return t.prefix + ".ticks." + word(symbol) }
func (t target) bars(symbol string, interval time.Duration) string {
	return t.prefix + ".bars." + strconv.FormatInt(int64(interval), 10) + "." + word(symbol)
}
func (t target) events(account string) string { return t.prefix + ".events." + word(account) }
func (t target) orders(account string) string { return t.prefix + ".orders." + word(account) }
func (t target) barStream() string            { return strings.ToUpper(t.prefix) + "_BARS" }
func (t target) eventStream() string          { return strings.ToUpper(t.prefix) + "_EVENTS" }

// word makes one word of a subject of any name, by escaping what has a meaning there.
func word(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if strings.IndexByte(".*>%", c) >= 0 || c <= ' ' || c == 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
