package valkey

import (
	"errors"
	"time"

	client "github.com/valkey-io/valkey-go"
)

// Options change what a tier does; the zero Options, or nil, have the defaults.
type Options[K comparable, V any] struct {
	// Codec is for values. The default keeps string and []byte as they are, all else as JSON.
	Codec Codec[V]
	// Keys is for keys. The default is for strings and integers.
	Keys Keys[K]
	// Timeout bounds each call, besides its context: a load of the cache has no deadline.
	// The default is 500 ms.
	Timeout time.Duration
	// Settle is how long after a Delete loads are not stored; see the package's
	// documentation. It should be longer than a load takes. The default is 1 s.
	Settle time.Duration
	// Rest is the longest time for which a failed server is left alone. The default is 2 s.
	Rest time.Duration
}

// complete returns the options with their defaults.
func (o *Options[K, V]) complete() (Options[K, V], error) {
	var all Options[K, V]
	if o != nil {
		all = *o
	}
	for _, d := range []struct {
		field     *time.Duration
		otherwise time.Duration
	}{{&all.Timeout, 500 * time.Millisecond}, {&all.Settle, time.Second}, {&all.Rest, 2 * time.Second}} {
		if *d.field < 0 {
			return all, errors.New("valkey: a negative duration in Options")
		}
		if *d.field == 0 {
			*d.field = d.otherwise
		}
	}
	if all.Codec == nil {
		all.Codec = defaultCodec[V]()
	}
	if (all.Keys.Encode == nil) != (all.Keys.Decode == nil) {
		return all, errors.New("valkey: Options.Keys needs both functions")
	}
	if all.Keys.Encode == nil {
		var err error
		if all.Keys, err = defaultKeys[K](); err != nil {
			return all, err
		}
	}
	return all, nil
}

// silence is how long a connection may be silent before it is given up. It bounds how long
// a cache holds what it was not told about.
const silence = 2 * time.Second

// tracking returns the client's options with those that the tier relies on.
func tracking(server client.ClientOption, prefix string, heard func([]client.ValkeyMessage)) (client.ClientOption, error) {
	if server.SendToReplicas != nil || server.ReplicaOnly || len(server.Standalone.ReplicaAddress) > 0 {
		return server, errors.New("valkey: reads from replicas are not supported")
	}
	if server.DisableCache || server.AlwaysRESP2 || server.DisableAutoPipelining || server.OnInvalidations != nil || server.ClientTrackingOptions != nil {
		return server, errors.New("valkey: the client's options for tracking are set by the tier")
	}
	server.ClientTrackingOptions = []string{"BCAST", "NOLOOP", "PREFIX", prefix}
	server.OnInvalidations = heard
	server.PipelineMultiplex = -1 // one connection: NOLOOP is about the one that tracks
	server.DisableRetry = true    // the loader is asked instead
	server.ForceSingleClient = server.Sentinel.MasterSet == ""
	if server.ConnWriteTimeout == 0 {
		server.ConnWriteTimeout = silence
	}
	return server, nil
}
