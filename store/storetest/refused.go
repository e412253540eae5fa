package storetest

import (
	"strings"
	"testing"

	"github.com/whetgo/whet/store"
)

// Refused dials with a secret, and returns why it was refused. That must not tell the secret, and be final or not,
// as is said.
func Refused(t *testing.T, p store.Params, final bool, name, secret string) error {
	t.Helper()
	s, err := store.Dial(t.Context(), p, &sink{lost: make(chan error, 1)}, store.WithSecret(name, secret))
	if err == nil {
		s.Close()
		t.Fatalf("%v was let in", p)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error tells the secret: %v", err)
	}
	if got := store.IsFatal(err); got != final {
		t.Errorf("%v: final: %v, want %v", err, got, final)
	}
	return err
}
