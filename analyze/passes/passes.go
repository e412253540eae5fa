// Package passes lists the passes of whet analyze.
package passes

import (
	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/alloc"
	"github.com/whetgo/whet/analyze/passes/contention"
	"github.com/whetgo/whet/analyze/passes/creation"
	"github.com/whetgo/whet/analyze/passes/growth"
	"github.com/whetgo/whet/analyze/passes/hot"
	"github.com/whetgo/whet/analyze/passes/layout"
)

// All are the passes, in the order in which they run.
var All = []*analyze.Pass{
	hot.Pass,
	alloc.Pass,
	contention.Pass,
	creation.Pass,
	layout.Pass,
	growth.Pass,
}
