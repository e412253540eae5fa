package keytrace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/whetgo/whet/keytrace/format"
)

// Open reads the trace in a file. See [Read].
func Open(ctx context.Context, file string, opts format.Options) (*Trace, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := format.NewReader(f, file, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	t, err := Read(ctx, r)
	if err != nil {
		return t, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// often is after how many requests a long loop looks up.
const often = 1 << 16

// Read reads a trace to its end, or until ctx is done. If the file was cut off, it returns
// what could be read with an error that wraps [io.ErrUnexpectedEOF]; with any other error
// the trace is nil.
func Read(ctx context.Context, r *format.Reader) (*Trace, error) {
	t := &Trace{}
	for q, err := range r.All() {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			t.describe(r.Meta)
			return t, err
		}
		if err != nil {
			return nil, err
		}
		if len(t.Keys)%often == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		t.Keys = append(t.Keys, q.Key)
		if r.Meta.Sizes {
			t.Sizes = append(t.Sizes, q.Size)
		}
		if r.Meta.Times {
			t.Times = append(t.Times, q.Time)
		}
	}
	t.describe(r.Meta)
	return t, nil
}

func (t *Trace) describe(m format.Meta) { t.Tick, t.Rate, t.Total = m.Tick, m.Rate, m.Total }
