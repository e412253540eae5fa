module github.com/whetgo/whet/singleton/linear

go 1.26.0

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/whetgo/whet v0.0.0
)

replace github.com/whetgo/whet => ../..
