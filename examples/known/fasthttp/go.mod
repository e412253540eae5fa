module github.com/whetgo/whet/examples/known/fasthttp

go 1.26.0

require github.com/valyala/fasthttp v1.59.0

require (
	github.com/andybalholm/brotli v1.1.1 // indirect
	github.com/klauspost/compress v1.17.11 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)
