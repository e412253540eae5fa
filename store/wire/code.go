package wire

import (
	"errors"
	"fmt"

	"github.com/whetgo/whet/store"
)

// codes are the errors that mean the same on both sides.
var codes = []struct {
	code string
	err  error
}{
	{"rejected", store.ErrRejected},
	{"conflict", store.ErrConflict},
	{"no order", store.ErrNoOrder},
	{"no symbol", store.ErrNoSymbol},
	{"no feed", store.ErrNoFeed},
	{"no broker", store.ErrNoBroker},
	{"no account", store.ErrNoAccount},
	{"unsupported", errors.ErrUnsupported},
}

// Code returns the code and the words of an error; "" and "" of nil, and "failed" of one that has no code.
func Code(err error) (code, text string) {
	if err == nil {
		return "", ""
	}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code, err.Error()
		}
	}
	return "failed", err.Error()
}

// Error returns the error of a code: nil of "", and one that wraps what Code had found.
func Error(code, text string) error {
	if code == "" {
		return nil
	}
	for _, c := range codes {
		if c.code == code {
			return fmt.Errorf("%w (%.200s)", c.err, text)
		}
	}
	return fmt.Errorf("%.40s: %.200s", code, text)
}

// Settled reports whether an error of Broker.Submit says what became of the order: it was taken or
// refused. Any other leaves that open, and the order is to be sent again.
func Settled(err error) bool {
	var bad *store.OrderError
	return err == nil || errors.Is(err, store.ErrRejected) || errors.Is(err, store.ErrConflict) || errors.As(err, &bad)
}
