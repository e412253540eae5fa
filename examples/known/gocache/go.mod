module github.com/whetgo/whet/examples/known/gocache

go 1.26.0

require github.com/patrickmn/go-cache v1.0.0
