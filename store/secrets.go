package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// Secrets are passwords, tokens and keys by name, as given by WithSecret. They print as
// their number only, whatever the verb, and are never part of Params, errors or notes.
type Secrets struct{ byName map[string]string }

// Get returns a secret, and whether there is one of that name. Only drivers should ask.
func (s Secrets) Get(name string) (value string, ok bool) {
	value, ok = s.byName[name]
	return value, ok
}

// String tells how many there are.
func (s Secrets) String() string { return fmt.Sprintf("%d secrets", len(s.byName)) }

// Format prints what String returns, whatever the verb.
func (s Secrets) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue is what String returns.
func (s Secrets) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is what String returns.
func (s Secrets) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// sum adds the secrets to a hash, so that they can be compared without being kept.
func (s Secrets) sum(h hash.Hash) {
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		value := sha256.Sum256([]byte(s.byName[name]))
		fmt.Fprintf(h, "%q=%x\n", name, value)
	}
}

// hideIn returns text without the secrets in it.
func (s Secrets) hideIn(text string) string {
	for _, value := range s.byName {
		if value != "" {
			text = strings.ReplaceAll(text, value, "***")
		}
	}
	return text
}

// hide returns err, or if its text has a secret in it, an error like it without.
func (s Secrets) hide(err error) error {
	if err == nil || len(s.byName) == 0 {
		return err
	}
	if text := err.Error(); s.hideIn(text) != text {
		return &hidden{s.hideIn(text), err}
	}
	return err
}

// A hidden is an error whose text had a secret in it. What it is can be asked by errors.Is,
// but it can't be unwrapped.
type hidden struct {
	text string
	err  error
}

func (e *hidden) Error() string        { return e.text }
func (e *hidden) Is(target error) bool { return errors.Is(e.err, target) }
