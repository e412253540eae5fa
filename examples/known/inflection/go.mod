module github.com/whetgo/whet/examples/known/inflection

go 1.26.0

require github.com/jinzhu/inflection v1.0.0
