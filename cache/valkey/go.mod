module github.com/whetgo/whet/cache/valkey

go 1.26.0

require (
	github.com/valkey-io/valkey-go v1.0.79
	github.com/whetgo/whet v0.0.0
)

require golang.org/x/sys v0.49.0 // indirect

replace github.com/whetgo/whet => ../..
