module github.com/whetgo/whet/examples/known/tally

go 1.26.0

require github.com/uber-go/tally/v4 v4.1.1

require (
	github.com/twmb/murmur3 v1.1.5 // indirect
	go.uber.org/atomic v1.7.0 // indirect
)
