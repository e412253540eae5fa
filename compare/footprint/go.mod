module github.com/whetgo/whet/compare/footprint

go 1.26.0

require (
	github.com/DmitriyVTitov/size v1.5.0
	github.com/whetgo/whet v0.0.0
)

replace github.com/whetgo/whet => ../..
