package memo

import (
	"context"
	"hash/maphash"
	"reflect"
	"slices"
	"unsafe"
)

// A Key says how arguments without == are told apart. All three functions are needed, must
// be safe for concurrent use, and must not call the wrapped function.
type Key[A any] struct {
	// Hash writes a to h, equal arguments alike. A poor hash costs time and memory, but
	// never a wrong answer: what has the same hash is compared.
	Hash func(h *maphash.Hash, a A)

	// Equal reports whether a and b are the same argument: f could not tell them apart.
	Equal func(a, b A) bool

	// Clone returns a copy that shares nothing with a that can be changed.
	Clone func(a A) A

	sum func(seed maphash.Seed, a A) uint64 // in place of Hash, if not nil
}

// Slice is the key of slices: equal if their elements are, but nil and empty are two. The
// elements of its clones are copies, so pointers among them point to the same things.
func Slice[S ~[]E, E comparable]() Key[S] {
	k := Key[S]{
		Hash: func(h *maphash.Hash, s S) {
			for _, e := range s {
				maphash.WriteComparable(h, e)
			}
		},
		Equal: func(a, b S) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) },
		Clone: slices.Clone[S],
	}
	if isPlain(reflect.TypeFor[E]().Kind()) {
		k.sum = func(seed maphash.Seed, s S) uint64 {
			var e E
			return maphash.Bytes(seed, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(e))))
		}
	}
	return k
}

// isPlain reports whether values of the kind are equal exactly if their bytes are.
func isPlain(k reflect.Kind) bool { return reflect.Bool <= k && k <= reflect.Uintptr }

// WrapKey is [Wrap] for an argument that has no ==, such as a slice or a struct of slices;
// key tells how arguments are told apart.
//
// The caller may change the argument once the call has returned: what is remembered is a
// copy, and f is given another, which it may change and keep. A hit copies nothing.
func WrapKey[A, R any](f func(A) R, key Key[A], opts *Options) (func(A) R, *Memory1[A]) {
	m := newKeyed(func(_ context.Context, a A) (R, error) { return f(a), nil }, key, opts)
	return func(a A) R { return sure(m.do(context.Background(), a)) }, &Memory1[A]{&Memory{m}, m.forget}
}

// WrapKeyErr is [WrapErr] for an argument that has no ==; see [WrapKey].
func WrapKeyErr[A, R any](f func(A) (R, error), key Key[A], opts *Options) (func(A) (R, error), *Memory1[A]) {
	m := newKeyed(func(_ context.Context, a A) (R, error) { return f(a) }, key, opts)
	return func(a A) (R, error) { return m.do(context.Background(), a) }, &Memory1[A]{&Memory{m}, m.forget}
}

// WrapKeyCtx is [WrapCtx] for an argument that has no ==; see [WrapKey]. A caller whose
// context has ended may change the argument, though others still wait for the call.
func WrapKeyCtx[A, R any](f func(context.Context, A) (R, error), key Key[A], opts *Options) (func(context.Context, A) (R, error), *Memory1[A]) {
	m := newKeyed(f, key, opts)
	return m.do, &Memory1[A]{&Memory{m}, m.forget}
}
