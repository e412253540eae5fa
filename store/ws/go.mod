module github.com/whetgo/whet/store/ws

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/whetgo/whet v0.0.0
)

replace github.com/whetgo/whet => ../..
