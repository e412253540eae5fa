package valkey

import "encoding/json"

// A Codec turns values into what the server keeps. It is used by many goroutines at once.
type Codec[V any] interface {
	// Encode returns data that nobody changes: it may be sent after the call has given up.
	Encode(value V) ([]byte, error)
	// Decode must not keep or change data. An error means that it is none of Encode's: the
	// key counts as missing and will be overwritten.
	Decode(data []byte) (V, error)
}

// JSON is the codec of encoding/json.
type JSON[V any] struct{}

func (JSON[V]) Encode(value V) ([]byte, error) { return json.Marshal(value) }

func (JSON[V]) Decode(data []byte) (value V, err error) {
	err = json.Unmarshal(data, &value)
	return value, err
}

// rawString and rawBytes keep values as they are.
type (
	rawString struct{}
	rawBytes  struct{}
)

func (rawString) Encode(value string) ([]byte, error) { return []byte(value), nil }
func (rawString) Decode(data []byte) (string, error)  { return string(data), nil }
func (rawBytes) Encode(value []byte) ([]byte, error)  { return append([]byte{}, value...), nil }
func (rawBytes) Decode(data []byte) ([]byte, error)   { return append([]byte{}, data...), nil }

// defaultCodec keeps string and []byte as they are, all else as JSON.
func defaultCodec[V any]() Codec[V] {
	for _, raw := range []any{rawString{}, rawBytes{}} {
		if codec, ok := raw.(Codec[V]); ok {
			return codec
		}
	}
	return JSON[V]{}
}

// A deletion is what Delete leaves for a while. A value that begins like it is never found.
const deletion = "\x00whet: deleted"
