package fix

import (
	"encoding/base64"
	"encoding/json"

	"github.com/quickfixgo/quickfix"
	"github.com/whetgo/whet/store"
)

// A question is what U1 asks.
type question struct {
	Op      string       // history, subscribe, unsubscribe, account, replay, listen or ping
	Query   *store.Query `json:",omitempty"`
	Subs    []store.Sub  `json:",omitempty"`
	Account string       `json:",omitempty"`
	After   uint64       `json:",omitempty"`
}

// A reply is what U2 answers.
type reply struct {
	Code, Text string             `json:",omitempty"`
	Bars       []byte             `json:",omitempty"` // records
	More       bool               `json:",omitempty"`
	Events     []store.OrderEvent `json:",omitempty"`
	Account    *store.Account     `json:",omitempty"`
}

// A market is what U3 has: the ticks or bars of a subscription, as records.
type market struct {
	Sub  store.Sub
	Data []byte
}

const page = 2048 // bars or events in an answer

// setPayload puts a value into a message.
func setPayload(m *quickfix.Message, v any) error {
	data, err := json.Marshal(v)
	if err == nil {
		m.Body.SetString(tagPayload, base64.StdEncoding.EncodeToString(data))
	}
	return err
}

// payload reads the value in a message.
func payload(m *quickfix.Message, v any) error {
	data, err := base64.StdEncoding.DecodeString(text(m, tagPayload))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}
