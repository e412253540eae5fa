package format

func readTimeIDSize(r *Reader, pass func(Request) bool) error {
	l := lines{in: r.in}
	for {
		line, err := l.next()
		if err != nil || line == nil {
			return err
		}
		var f [4][]byte // more columns are features, which are of no use here
		fields(line, f[:])
		at, ok1 := clock(f[0])
		bytes, ok2 := size(f[2])
		if !ok1 || !ok2 {
			return l.bad(line, "time, key, size")
		}
		if !pass(Request{Key(f[1]), bytes, at}) {
			return nil
		}
	}
}
