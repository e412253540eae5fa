//go:build unix

package pgtest_test

import (
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/whetgo/whet/store/postgres/pgtest"
)

func TestKilledAndRestarted(t *testing.T) {
	ctx := t.Context()
	s, err := pgtest.Start(ctx)
	if errors.Is(err, pgtest.ErrAbsent) && os.Getenv("WHET_ALL") == "" {
		t.Skip("needs a PostgreSQL server: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	db, err := s.Database(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(ctx, s.DSN(db))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "create table t (n int); insert into t values (7)"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := c.Ping(ctx); err == nil {
		t.Error("the server answers after Kill")
	}
	if err := s.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if c, err = pgx.Connect(ctx, s.DSN(db)); err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	var n int
	if err := c.QueryRow(ctx, "select n from t").Scan(&n); n != 7 || err != nil {
		t.Errorf("after the restart: %d, %v", n, err)
	}
}
