package postgres

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/whetgo/whet/store"
)

// A target says where the tables are.
type target struct {
	config *pgxpool.Config
	schema string
}

// parse reads parameters. No error of it tells the password.
func parse(p store.Params, password string) (target, error) {
	t := target{schema: "whet"}
	server, database, _ := strings.Cut(p.Addr, "/")
	host, port, err := net.SplitHostPort(server)
	if err != nil || host == "" || database == "" || strings.Contains(database, "/") {
		return t, &store.ParamError{Name: "addr", Problem: "want host:port/database"}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return t, &store.ParamError{Name: "addr", Problem: "want a port from 1 to 65535"}
	}
	extra, conns, err := t.extra(p)
	if err != nil {
		return t, err
	}
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(host, port), Path: database, RawQuery: extra.Encode()}
	if t.config, err = pgxpool.ParseConfig(u.String()); err != nil {
		return t, &store.ParamError{Name: "sslmode or user", Problem: "not as PostgreSQL's clients have it"}
	}
	t.config.ConnConfig.Password = password
	t.config.ConnConfig.ConnectTimeout = 5 * time.Second
	t.config.MaxConns = conns
	return t, nil
}

// extra reads what Params.Extra says, and returns what of it is for pgx.
func (t *target) extra(p store.Params) (ours url.Values, conns int32, err error) {
	values, err := url.ParseQuery(p.Extra)
	if err != nil {
		return nil, 0, &store.ParamError{Name: "extra", Problem: "badly escaped"}
	}
	ours, conns = make(url.Values), 4
	for name, v := range values {
		switch name {
		case "user", "sslmode":
			ours.Set(name, v[0])
		case "schema":
			if t.schema = v[0]; !isName(t.schema) {
				return nil, 0, &store.ParamError{Name: "schema", Problem: "not a name of small letters, digits and _"}
			}
		case "conns":
			n, err := strconv.ParseUint(v[0], 10, 8)
			if err != nil || n == 0 {
				return nil, 0, &store.ParamError{Name: "conns", Problem: "not a number from 1 to 255"}
			}
			conns = int32(n)
		default:
			return nil, 0, &store.ParamError{Name: fmt.Sprintf("%.40q", name), Problem: "unknown to this driver"}
		}
	}
	return ours, conns, nil
}

// isName reports whether s can stand in a statement as it is.
func isName(s string) bool {
	return s != "" && len(s) <= 48 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && (s[0] < '0' || s[0] > '9')
}

// in puts the name of the schema where a statement has a $.
func (t target) in(statement string) string { return strings.ReplaceAll(statement, "$.", t.schema+".") }

// judge marks the errors that trying again can't mend.
func judge(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "28P01", "28000", "3D000", "42501": // password, user, database, privilege
			return store.Fatal(err)
		}
	}
	return err
}
