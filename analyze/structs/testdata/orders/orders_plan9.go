package orders

var other = []Other{{true, 1, false}}
