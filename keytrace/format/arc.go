package format

// maxRun is the largest number of blocks in a line: 512 MiB of 512 bytes. In the traces
// that were published with the paper it is 128.
const maxRun = 1 << 20

func readARC(r *Reader, pass func(Request) bool) error {
	l := lines{in: r.in}
	for {
		line, err := l.next()
		if err != nil || line == nil {
			return err
		}
		var f [4][]byte
		fields(line, f[:])
		first, ok1 := number(f[0])
		count, ok2 := number(f[1])
		if !ok1 || !ok2 {
			return l.bad(line, "first block, count, ignored, request")
		}
		if count > maxRun {
			return l.errorf("a run of %d blocks, the limit is %d", count, maxRun)
		}
		for i := range count {
			if !pass(Request{Key: first + i}) {
				return nil
			}
		}
	}
}
