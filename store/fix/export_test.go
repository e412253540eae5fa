package fix

import (
	"bytes"

	"github.com/quickfixgo/quickfix"
	"github.com/whetgo/whet/store"
)

// through returns a message as the other end reads it.
func through(m *quickfix.Message) (*quickfix.Message, error) {
	m.Header.SetString(8, quickfix.BeginStringFIX44)
	read := quickfix.NewMessage()
	return read, quickfix.ParseMessage(read, bytes.NewBufferString(m.String()))
}

// ThroughOrder returns an order as the other end reads it.
func ThroughOrder(o store.Order) (store.Order, error) {
	m, err := through(orderMessage("DU1", o))
	if err != nil {
		return o, err
	}
	return orderOf(m)
}

// ThroughReport returns an event as the other end reads it.
func ThroughReport(e store.OrderEvent) (store.OrderEvent, error) {
	m, err := through(reportMessage(e))
	if err != nil {
		return e, err
	}
	return eventOf(m)
}
