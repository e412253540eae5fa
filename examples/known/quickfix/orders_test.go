// Orders between a FIX initiator and a FIX acceptor over loopback, eight under
// way at a time.
//
// github.com/quickfixgo/quickfix v0.9.10. When a session's writer is busy,
// sendQueued gives up and wakes its own session to try again, so (*session).run
// spins and keeps the writer from the processor. It came, by the change log, with
// v0.9.2 (quickfixgo/quickfix#615, #628); v0.9.10 still has it. One order and its
// fill on 2026-11-23, and the same with v0.9.1:
//
//	GOMAXPROCS=1  36.5 ms, 0.072 ms: 507 times
//	GOMAXPROCS=2  2.22 ms, 0.106 ms: 21 times
package known_test

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quickfixgo/quickfix"
)

// inFlight is the number of orders a trader keeps unanswered at any moment.
const inFlight = 8

const (
	tagAvgPx     quickfix.Tag = 6
	tagClOrdID   quickfix.Tag = 11
	tagCumQty    quickfix.Tag = 14
	tagExecID    quickfix.Tag = 17
	tagMsgType   quickfix.Tag = 35
	tagOrderID   quickfix.Tag = 37
	tagOrderQty  quickfix.Tag = 38
	tagOrdStatus quickfix.Tag = 39
	tagOrdType   quickfix.Tag = 40
	tagPrice     quickfix.Tag = 44
	tagSide      quickfix.Tag = 54
	tagSymbol    quickfix.Tag = 55
	tagTransact  quickfix.Tag = 60
	tagExecType  quickfix.Tag = 150
	tagLeavesQty quickfix.Tag = 151
)

// session answers the callbacks that neither side of the test needs.
type session struct{}

func (session) OnCreate(quickfix.SessionID)                       {}
func (session) OnLogon(quickfix.SessionID)                        {}
func (session) OnLogout(quickfix.SessionID)                       {}
func (session) ToAdmin(*quickfix.Message, quickfix.SessionID)     {}
func (session) ToApp(*quickfix.Message, quickfix.SessionID) error { return nil }
func (session) FromAdmin(*quickfix.Message, quickfix.SessionID) quickfix.MessageRejectError {
	return nil
}

// venue fills every order at once, at its own price.
type venue struct {
	session
	filled int
}

func (v *venue) FromApp(order *quickfix.Message, id quickfix.SessionID) quickfix.MessageRejectError {
	v.filled++
	fill := quickfix.NewMessage()
	fill.Header.SetString(tagMsgType, "8")
	for to, from := range map[quickfix.Tag]quickfix.Tag{
		tagClOrdID: tagClOrdID, tagSymbol: tagSymbol, tagSide: tagSide, tagCumQty: tagOrderQty, tagAvgPx: tagPrice,
	} {
		value, err := order.Body.GetString(from)
		if err != nil {
			return err
		}
		fill.Body.SetString(to, value)
	}
	fill.Body.SetString(tagOrderID, "V"+strconv.Itoa(v.filled))
	fill.Body.SetString(tagExecID, "E"+strconv.Itoa(v.filled))
	fill.Body.SetString(tagExecType, "F")
	fill.Body.SetString(tagOrdStatus, "2")
	fill.Body.SetString(tagLeavesQty, "0")
	if err := quickfix.SendToTarget(fill, id); err != nil {
		return quickfix.NewMessageRejectError(err.Error(), 0, nil)
	}
	return nil
}

// trader hands over its logon and the id of every order that was filled.
type trader struct {
	session
	logon chan quickfix.SessionID
	fills chan string
}

func (t *trader) OnLogon(id quickfix.SessionID) { t.logon <- id }

func (t *trader) FromApp(fill *quickfix.Message, _ quickfix.SessionID) quickfix.MessageRejectError {
	id, err := fill.Body.GetString(tagClOrdID)
	if err == nil {
		t.fills <- id
	}
	return err
}

// limitOrder is a day order to buy 100 shares.
func limitOrder(n int) *quickfix.Message {
	m := quickfix.NewMessage()
	m.Header.SetString(tagMsgType, "D")
	m.Body.SetString(tagClOrdID, "C"+strconv.Itoa(n))
	m.Body.SetString(tagSymbol, "ACME")
	m.Body.SetString(tagSide, "1")
	m.Body.SetString(tagOrdType, "2")
	m.Body.SetString(tagOrderQty, "100")
	m.Body.SetString(tagPrice, fmt.Sprintf("%.2f", 100+float64(n%100)/100))
	m.Body.SetField(tagTransact, quickfix.FIXUTCTimestamp{Time: time.Now()})
	return m
}

func settings(tb testing.TB, text string) *quickfix.Settings {
	tb.Helper()
	s, err := quickfix.ParseSettings(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// connect starts a venue and a trader and returns once they are logged on;
// both stop with the test.
func connect(tb testing.TB) (*trader, quickfix.SessionID) {
	tb.Helper()
	port := freePort(tb)
	acceptor, err := quickfix.NewAcceptor(&venue{}, quickfix.NewMemoryStoreFactory(), settings(tb, fmt.Sprintf(
		"[DEFAULT]\nSocketAcceptPort=%d\nHeartBtInt=30\nResetOnLogon=Y\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=VENUE\nTargetCompID=TRADER\n", port)),
		quickfix.NewNullLogFactory())
	if err != nil {
		tb.Fatal(err)
	}
	if err := acceptor.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(acceptor.Stop)

	t := &trader{logon: make(chan quickfix.SessionID, 1), fills: make(chan string, inFlight)}
	initiator, err := quickfix.NewInitiator(t, quickfix.NewMemoryStoreFactory(), settings(tb, fmt.Sprintf(
		"[DEFAULT]\nSocketConnectHost=127.0.0.1\nSocketConnectPort=%d\nReconnectInterval=1\nHeartBtInt=30\nResetOnLogon=Y\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=TRADER\nTargetCompID=VENUE\n", port)),
		quickfix.NewNullLogFactory())
	if err != nil {
		tb.Fatal(err)
	}
	if err := initiator.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(initiator.Stop)
	select {
	case id := <-t.logon:
		return t, id
	case <-time.After(20 * time.Second):
		tb.Fatal("no logon within 20 s")
		return nil, quickfix.SessionID{}
	}
}

// trade sends one order for each fill that arrives, so that inFlight orders
// are under way while next answers true; then it waits for the last fills.
// It returns the number of orders sent, each of which was filled in turn.
func trade(tb testing.TB, t *trader, id quickfix.SessionID, next func() bool) int {
	tb.Helper()
	sent, filled := 0, 0
	send := func() {
		if err := quickfix.SendToTarget(limitOrder(sent), id); err != nil {
			tb.Fatal(err)
		}
		sent++
	}
	fill := func() {
		select {
		case got := <-t.fills:
			if want := "C" + strconv.Itoa(filled); got != want {
				tb.Fatalf("fill of order %s, want %s", got, want)
			}
			filled++
		case <-time.After(20 * time.Second):
			tb.Fatalf("no fill within 20 s: %d sent, %d filled", sent, filled)
		}
	}
	for range inFlight {
		send()
	}
	for next() {
		fill()
		send()
	}
	for filled < sent {
		fill()
	}
	return sent
}

func TestOrdersAreFilledInTurn(t *testing.T) {
	tr, id := connect(t)
	left := 12
	if n := trade(t, tr, id, func() bool { left--; return left >= 0 }); n != 12+inFlight {
		t.Fatalf("%d orders filled, want %d", n, 12+inFlight)
	}
}

// BenchmarkOrders measures one order and its fill, with inFlight under way.
func BenchmarkOrders(b *testing.B) {
	tr, id := connect(b)
	b.ReportAllocs()
	trade(b, tr, id, b.Loop)
}
