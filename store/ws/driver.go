package ws

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/coder/websocket"
	"github.com/whetgo/whet/store"
)

func init() { store.Register("ws", sockets{}) }

type sockets struct{}

// Limits are none: a venue's are not known to its protocol.
func (sockets) Limits(store.Params) []store.Limit { return nil }

// parse returns the address of a venue.
func parse(p store.Params) (string, error) {
	server, path, _ := strings.Cut(p.Addr, "/")
	host, port, err := net.SplitHostPort(server)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || host == "" || n == 0 {
		return "", &store.ParamError{Name: "addr", Problem: "want host:port/path"}
	}
	values, err := url.ParseQuery(p.Extra)
	if err != nil {
		return "", &store.ParamError{Name: "extra", Problem: "badly escaped"}
	}
	u := url.URL{Scheme: "ws", Host: server, Path: "/" + path}
	for name, v := range values {
		if name != "tls" {
			return "", &store.ParamError{Name: fmt.Sprintf("%.40q", name), Problem: "unknown to this driver"}
		}
		if v[0] != "require" {
			return "", &store.ParamError{Name: "tls", Problem: "want require"}
		}
		u.Scheme = "wss"
	}
	return u.String(), nil
}

// Dial implements store.Driver.
func (sockets) Dial(ctx context.Context, p store.Params, secrets store.Secrets, ev store.Sink) (store.Session, error) {
	address, err := parse(p)
	if err != nil {
		return nil, store.Fatal(err)
	}
	opts := &websocket.DialOptions{HTTPHeader: make(http.Header), HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	if token, ok := secrets.Get("token"); ok {
		opts.HTTPHeader.Set("Authorization", "Bearer "+token)
	}
	conn, answer, err := websocket.Dial(ctx, address, opts)
	if err != nil {
		err = fmt.Errorf("ws: %w", err)
		if answer != nil && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden) {
			err = store.Fatal(err)
		}
		return nil, err
	}
	conn.SetReadLimit(maxSize)
	s := &session{conn: conn, sink: ev, waiting: make(map[uint64]chan message), feeds: make(map[int]store.Sub), numbers: make(map[store.Sub]int), desks: make(map[string]bool)}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	s.running.Go(s.listen)
	return s, nil
}
