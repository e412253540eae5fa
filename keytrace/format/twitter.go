package format

import "bytes"

// readTwitter passes reads alone: a cache in front of a store would load what they miss,
// so that counting the set that follows a miss in the trace would make it a hit.
func readTwitter(r *Reader, pass func(Request) bool) error {
	l := lines{in: r.in}
	for {
		line, err := l.next()
		if err != nil || line == nil {
			return err
		}
		q, op, ok := twitterLine(line)
		if !ok {
			return l.bad(line, "timestamp,key,key size,value size,client,operation,TTL")
		}
		if string(op) != "get" && string(op) != "gets" {
			continue
		}
		if !pass(q) {
			return nil
		}
	}
}

var operations = map[string]bool{
	"get": true, "gets": true, "set": true, "add": true, "replace": true, "cas": true,
	"append": true, "prepend": true, "delete": true, "incr": true, "decr": true,
}

// twitterLine reads a line from both ends, since keys may contain commas.
func twitterLine(line []byte) (q Request, op []byte, ok bool) {
	first, rest, _ := bytes.Cut(line, []byte{','})
	var f [5][]byte // key size, value size, client, operation, TTL
	for i := len(f) - 1; i >= 0; i-- {
		at := bytes.LastIndexByte(rest, ',')
		if at < 0 {
			return q, nil, false
		}
		f[i], rest = rest[at+1:], rest[:at]
	}
	var ok1, ok2, ok3 bool
	var keySize, valueSize uint64
	q.Time, ok1 = clock(first)
	keySize, ok2 = number(f[0])
	valueSize, ok3 = number(f[1])
	q.Key = Key(rest)
	q.Size = clip(min(keySize, 1<<32) + min(valueSize, 1<<32))
	return q, f[3], ok1 && ok2 && ok3 && operations[string(f[3])]
}
