// Names of tables made of the names of types, row after row.
//
// github.com/jinzhu/inflection v1.0.0: Plural tries regular expressions one after the
// other on every call, though its answer depends on the word alone and programs ask for
// few words. Users keep a map of their own before it.
package known_test

import (
	"testing"

	"github.com/jinzhu/inflection"
)

// rows are of few types.
func rows() []string {
	types := []string{"order", "fill", "position", "currency", "account", "strategy"}
	var all []string
	for i := range 120 {
		all = append(all, types[i*i%len(types)])
	}
	return all
}

func BenchmarkTables(b *testing.B) {
	all := rows()
	for b.Loop() {
		n := 0
		for _, name := range all {
			n += len(inflection.Plural(name))
		}
		if n == 0 {
			b.Fatal("no names")
		}
	}
}
