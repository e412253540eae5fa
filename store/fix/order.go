package fix

import (
	"fmt"
	"strconv"
	"time"

	"github.com/quickfixgo/quickfix"
	"github.com/whetgo/whet/store"
)

func newMessage(kind string) *quickfix.Message {
	m := quickfix.NewMessage()
	m.Header.SetString(tagMsgType, kind)
	return m
}

// text returns a field, "" if it is not there.
func text(m *quickfix.Message, tag quickfix.Tag) string {
	s, err := m.Body.GetString(tag)
	if err != nil {
		return ""
	}
	return s
}

func setTime(m *quickfix.Message, t time.Time) {
	m.Body.SetField(tagTransactTime, quickfix.FIXUTCTimestamp{Time: t.UTC(), Precision: quickfix.Nanos})
}

// orderMessage returns a NewOrderSingle.
func orderMessage(account string, o store.Order) *quickfix.Message {
	m := newMessage(newOrder)
	m.Body.SetString(tagAccount, account)
	m.Body.SetString(tagClOrdID, string(o.ID))
	m.Body.SetString(tagSymbol, o.Symbol)
	m.Body.SetString(tagSide, strconv.Itoa(int(o.Side)))
	m.Body.SetString(tagOrderQty, o.Qty.String())
	m.Body.SetString(tagOrdType, map[store.OrderType]string{store.AtMarket: "1", store.AtLimit: "2"}[o.Type])
	if o.Type == store.AtLimit {
		m.Body.SetString(tagPrice, o.Limit.String())
	}
	m.Body.SetString(tagTimeInForce, map[store.TIF]string{store.GoodTillCancel: "1", store.ImmediateOrCancel: "3", store.FillOrKill: "4"}[o.TIF])
	setTime(m, time.Now())
	return m
}

// orderOf returns the order of a NewOrderSingle.
func orderOf(m *quickfix.Message) (o store.Order, err error) {
	o = store.Order{ID: store.OrderID(text(m, tagClOrdID)), Symbol: text(m, tagSymbol)}
	o.Side = map[string]store.Side{"1": store.Buy, "2": store.Sell}[text(m, tagSide)]
	if o.Qty, err = store.ParseQty(text(m, tagOrderQty)); err != nil {
		return o, fmt.Errorf("fix: quantity: %w", err)
	}
	switch text(m, tagOrdType) {
	case "1":
	case "2":
		o.Type = store.AtLimit
		if o.Limit, err = store.ParsePrice(text(m, tagPrice)); err != nil {
			return o, fmt.Errorf("fix: price: %w", err)
		}
	default:
		return o, &store.OrderError{ID: o.ID, Problem: "its type is unknown"}
	}
	switch text(m, tagTimeInForce) {
	case "1", "":
	case "3":
		o.TIF = store.ImmediateOrCancel
	case "4":
		o.TIF = store.FillOrKill
	default:
		return o, &store.OrderError{ID: o.ID, Problem: "its time in force is unknown"}
	}
	return o, o.Check()
}

// statuses are OrdStatus and ExecType by status.
var statuses = map[store.OrderStatus][2]string{
	store.Accepted: {"0", "0"}, store.PartFilled: {"1", "F"}, store.Filled: {"2", "F"}, store.Cancelled: {"4", "4"}, store.Rejected: {"8", "8"},
}

// reportMessage returns the ExecutionReport of an event.
func reportMessage(e store.OrderEvent) *quickfix.Message {
	m := newMessage(report)
	m.Body.SetString(tagAccount, e.Account)
	m.Body.SetString(tagOrderID, string(e.ID))
	m.Body.SetString(tagClOrdID, string(e.ID))
	m.Body.SetString(tagExecID, e.Exec)
	m.Body.SetString(tagSeq, strconv.FormatUint(e.Seq, 10))
	m.Body.SetString(tagOrdStatus, statuses[e.Status][0])
	m.Body.SetString(tagExecType, statuses[e.Status][1])
	m.Body.SetString(tagSymbol, e.Symbol)
	m.Body.SetString(tagSide, strconv.Itoa(int(e.Side)))
	m.Body.SetString(tagLastQty, e.Qty.String())
	m.Body.SetString(tagLastPx, e.Price.String())
	m.Body.SetString(tagAvgPx, e.Price.String())
	m.Body.SetString(tagCumQty, e.Filled.String())
	m.Body.SetString(tagLeavesQty, e.Left.String())
	m.Body.SetString(tagCommission, e.Fee.String())
	m.Body.SetString(tagCommType, "3") // absolute
	m.Body.SetString(tagTime, strconv.FormatInt(int64(e.Time), 10))
	if e.Reason != "" {
		m.Body.SetString(tagText, e.Reason)
	}
	setTime(m, e.Time.Std())
	return m
}

// eventOf returns the event of an ExecutionReport.
func eventOf(m *quickfix.Message) (e store.OrderEvent, err error) {
	e = store.OrderEvent{Account: text(m, tagAccount), ID: store.OrderID(text(m, tagClOrdID)), Exec: text(m, tagExecID), Symbol: text(m, tagSymbol),
		Side: map[string]store.Side{"1": store.Buy, "2": store.Sell}[text(m, tagSide)], Reason: text(m, tagText)}
	for status, codes := range statuses {
		if codes[0] == text(m, tagOrdStatus) {
			e.Status = status
		}
	}
	number := func(tag quickfix.Tag) (n int64) {
		q, bad := store.ParseQty(text(m, tag))
		if bad != nil && text(m, tag) != "" && err == nil {
			err = fmt.Errorf("fix: tag %d of a report: %w", tag, bad)
		}
		return int64(q)
	}
	e.Qty, e.Filled, e.Left = store.Qty(number(tagLastQty)), store.Qty(number(tagCumQty)), store.Qty(number(tagLeavesQty))
	e.Price, e.Fee = store.Price(number(tagLastPx)), store.Money(number(tagCommission))
	if seq := text(m, tagSeq); seq != "" && err == nil {
		e.Seq, err = strconv.ParseUint(seq, 10, 64)
	}
	at, bad := strconv.ParseInt(text(m, tagTime), 10, 64)
	if e.Time = store.Time(at); bad != nil {
		var t quickfix.FIXUTCTimestamp
		if m.Body.GetField(tagTransactTime, &t) == nil {
			e.Time = store.At(t.Time)
		}
	}
	if err == nil && (e.Account == "" || e.Status == 0 || e.Exec == "") {
		err = fmt.Errorf("fix: a report without account, status or ExecID")
	}
	return e, err
}
