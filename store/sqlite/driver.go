package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/whetgo/whet/store"
	_ "modernc.org/sqlite" // the database
)

func init() { store.Register("sqlite", files{}) }

type files struct{} // the driver

// Limits are none: the file is ours.
func (files) Limits(store.Params) []store.Limit { return nil }

func (files) Dial(ctx context.Context, p store.Params, _ store.Secrets, ev store.Sink) (store.Session, error) {
	o, err := parse(p)
	if err != nil {
		return nil, store.Fatal(err)
	}
	if _, err := os.Stat(p.Addr); err != nil {
		return nil, store.Fatal(fmt.Errorf("sqlite: %w", err))
	}
	db, err := open(p.Addr, "ro")
	if err != nil {
		return nil, err
	}
	t, err := readSchema(ctx, db, o.table)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	s := &session{db: db, table: t, file: filepath.Base(p.Addr), sink: ev, poll: o.poll}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s, nil
}

type settings struct {
	table string
	poll  time.Duration
}

// parse reads what Params.Extra says.
func parse(p store.Params) (settings, error) {
	o := settings{table: "bars", poll: 50 * time.Millisecond}
	if p.Addr == "" {
		return o, &store.ParamError{Name: "addr", Problem: "want the path of a file"}
	}
	values, err := url.ParseQuery(p.Extra)
	if err != nil {
		return o, &store.ParamError{Name: "extra", Problem: "badly escaped"}
	}
	for name, v := range values {
		switch name {
		case "table":
			if o.table = v[0]; !isName(o.table) {
				return o, &store.ParamError{Name: "table", Problem: "not a name of letters, digits and _"}
			}
		case "poll":
			if o.poll, err = time.ParseDuration(v[0]); err != nil || o.poll < time.Millisecond {
				return o, &store.ParamError{Name: "poll", Problem: "not a time of 1ms or more"}
			}
		default:
			return o, &store.ParamError{Name: fmt.Sprintf("%.40q", name), Problem: "unknown to this driver"}
		}
	}
	return o, nil
}

// open opens a file in a mode of SQLite's URIs. Writers are waited for up to 5 s.
func open(path, mode string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Path: path}
	u.RawQuery = url.Values{
		"mode": {mode}, "_txlock": {"immediate"}, // who appends reads first, and must not be overtaken then
		"_pragma": {"busy_timeout(5000)", "synchronous(normal)"},
	}.Encode()
	db, err := sql.Open("sqlite", u.String())
	if err == nil {
		db.SetMaxOpenConns(8)
	}
	return db, err
}
