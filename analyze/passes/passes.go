// Package passes lists the passes of whet analyze.
package passes

import (
	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/alloc"
	"github.com/whetgo/whet/analyze/passes/contention"
	"github.com/whetgo/whet/analyze/passes/hot"
)

// All are the passes, in the order in which they run.
var All = []*analyze.Pass{
	hot.Pass,
	alloc.Pass,
	contention.Pass,
}
