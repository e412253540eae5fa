package ws

import "github.com/whetgo/whet/store"

// A request is what a client sends.
type request struct {
	ID      uint64        `json:"id"`
	Op      string        `json:"op"`
	Query   *store.Query  `json:"query,omitempty"`
	Subs    []store.Sub   `json:"subs,omitempty"`
	Account string        `json:"account,omitempty"`
	Order   *store.Order  `json:"order,omitempty"`
	Cancel  store.OrderID `json:"cancel,omitempty"`
	After   uint64        `json:"after,omitempty"`
}

// A message is what a server sends. Rows, which come first, are not decoded with the rest.
type message struct {
	ID      uint64             `json:"id,omitempty"`
	Code    string             `json:"code,omitempty"`
	Text    string             `json:"text,omitempty"`
	More    bool               `json:"more,omitempty"`
	Feed    int                `json:"feed,omitempty"`
	Feeds   []int              `json:"feeds,omitempty"`
	Event   *store.OrderEvent  `json:"event,omitempty"`
	Events  []store.OrderEvent `json:"events,omitempty"`
	Account *store.Account     `json:"account,omitempty"`

	rows []row
}

const (
	page    = 4096    // bars or events in an answer
	maxSize = 8 << 20 // bytes of a message
	maxKept = 1 << 18 // bytes of the buffer that is used for the next message, too
)
