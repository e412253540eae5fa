package fix

import "github.com/quickfixgo/quickfix"

// Tags of FIX 4.4.
const (
	tagAccount          quickfix.Tag = 1
	tagAvgPx            quickfix.Tag = 6
	tagClOrdID          quickfix.Tag = 11
	tagCommission       quickfix.Tag = 12
	tagCommType         quickfix.Tag = 13
	tagCumQty           quickfix.Tag = 14
	tagExecID           quickfix.Tag = 17
	tagLastPx           quickfix.Tag = 31
	tagLastQty          quickfix.Tag = 32
	tagMsgType          quickfix.Tag = 35
	tagOrderID          quickfix.Tag = 37
	tagOrderQty         quickfix.Tag = 38
	tagOrdStatus        quickfix.Tag = 39
	tagOrdType          quickfix.Tag = 40
	tagOrigClOrdID      quickfix.Tag = 41
	tagPrice            quickfix.Tag = 44
	tagSide             quickfix.Tag = 54
	tagSymbol           quickfix.Tag = 55
	tagText             quickfix.Tag = 58
	tagTimeInForce      quickfix.Tag = 59
	tagTransactTime     quickfix.Tag = 60
	tagCxlRejReason     quickfix.Tag = 102
	tagOrdRejReason     quickfix.Tag = 103
	tagExecType         quickfix.Tag = 150
	tagLeavesQty        quickfix.Tag = 151
	tagCxlRejResponseTo quickfix.Tag = 434
	tagUsername         quickfix.Tag = 553
	tagPassword         quickfix.Tag = 554
)

// Tags of our own.
const (
	tagSeq     quickfix.Tag = 5001 // of an event in its account
	tagReqID   quickfix.Tag = 5002 // of a request and its answer
	tagPayload quickfix.Tag = 5003 // JSON or records, in base64
	tagTime    quickfix.Tag = 5004 // of an event, in nanoseconds
)

// Types of messages.
const (
	newOrder     = "D"
	cancelOrder  = "F"
	report       = "8"
	cancelReject = "9"
	logon        = "A"
	logout       = "5"
	ask          = "U1"
	answer       = "U2"
	marketData   = "U3"
)

const (
	duplicateOrder = "6"  // of OrdRejReason
	otherReason    = "99" // of OrdRejReason
	unknownOrder   = "1"  // of CxlRejReason
	statusReport   = "I"  // of ExecType
)
