package sqlite

import "github.com/whetgo/whet/store"

// Driver is what is registered.
var Driver store.Driver = files{}
