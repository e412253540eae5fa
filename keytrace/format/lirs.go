package format

func readLIRS(r *Reader, pass func(Request) bool) error {
	l := lines{in: r.in}
	for {
		line, err := l.next()
		if err != nil || line == nil {
			return err
		}
		if line[0] == '*' {
			continue
		}
		key, ok := number(line)
		if !ok {
			return l.bad(line, "a block number or *")
		}
		if !pass(Request{Key: key}) {
			return nil
		}
	}
}
