package orders

var tested = map[string]Tested{"a": {true, 1, false}}
