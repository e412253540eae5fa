package valkey

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Keys turns keys into text and back, which is needed to know what the server's messages
// are about. Different keys must have different texts.
type Keys[K comparable] struct {
	Encode func(key K) string
	Decode func(text string) (K, error)
}

// defaultKeys are for types whose kind is a string or an integer: the text itself, or the
// number in base 10.
func defaultKeys[K comparable]() (Keys[K], error) {
	kind := reflect.TypeFor[K]()
	encode := func(v reflect.Value) string { return v.String() }
	var decode func(v reflect.Value, text string) error
	switch {
	case kind.Kind() == reflect.String:
		decode = func(v reflect.Value, text string) error { v.SetString(text); return nil }
	case reflect.Zero(kind).CanInt():
		encode = func(v reflect.Value) string { return strconv.FormatInt(v.Int(), 10) }
		decode = func(v reflect.Value, text string) error {
			n, err := strconv.ParseInt(text, 10, kind.Bits())
			v.SetInt(n)
			return err
		}
	case reflect.Zero(kind).CanUint():
		encode = func(v reflect.Value) string { return strconv.FormatUint(v.Uint(), 10) }
		decode = func(v reflect.Value, text string) error {
			n, err := strconv.ParseUint(text, 10, kind.Bits())
			v.SetUint(n)
			return err
		}
	default:
		return Keys[K]{}, fmt.Errorf("valkey: keys of type %v need Options.Keys", kind)
	}
	return Keys[K]{
		Encode: func(key K) string { return encode(reflect.ValueOf(key)) },
		Decode: func(text string) (key K, err error) {
			err = decode(reflect.ValueOf(&key).Elem(), text)
			return key, err
		},
	}, nil
}

// separator ends a prefix. No prefix contains it, so that none begins like another's keys.
const separator = "|"

func checkPrefix(prefix string) error {
	if prefix == "" || strings.Contains(prefix, separator) {
		return errors.New("valkey: a prefix must not be empty nor contain " + separator)
	}
	return nil
}
