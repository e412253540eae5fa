package format

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// ErrXZ says that a trace is packed in a way that is not read here.
var ErrXZ = errors.New("the trace is packed with xz: decompress first: xz -d")

// zstdMemory is the largest window of a zstd file that is accepted: what zstd --long=27
// makes, and no more than a machine can spare.
const zstdMemory = 128 << 20

// decompress recognizes gzip and zstd by their first bytes and unpacks them.
func decompress(in *bufio.Reader) (io.Reader, error) {
	head, err := in.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the start of the trace: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("unpacking gzip: %w", err)
		}
		return z, nil
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		// One goroutine's decoder has nothing to close.
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdMemory))
		if err != nil {
			return nil, fmt.Errorf("unpacking zstd: %w", err)
		}
		return z, nil
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return nil, ErrXZ
	}
	return in, nil
}
