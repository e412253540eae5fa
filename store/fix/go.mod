module github.com/whetgo/whet/store/fix

go 1.26.0

require (
	github.com/quickfixgo/quickfix v0.9.1
	github.com/whetgo/whet v0.0.0
)

require (
	github.com/armon/go-proxyproto v0.1.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/shopspring/decimal v1.3.1 // indirect
	golang.org/x/net v0.18.0 // indirect
)

replace github.com/whetgo/whet => ../..
