package memo

import "context"

// Wrap returns f with a memory, and the memory.
func Wrap[A comparable, R any](f func(A) R, opts *Options) (func(A) R, *Memory1[A]) {
	m := newCore(func(_ context.Context, a A) (R, error) { return f(a), nil }, opts)
	return func(a A) R { return sure(m.cache.GetOrLoad(context.Background(), a, m.load)) },
		&Memory1[A]{&Memory{m}, m.forget}
}

// Wrap2 is [Wrap] for two arguments.
func Wrap2[A, B comparable, R any](f func(A, B) R, opts *Options) (func(A, B) R, *Memory2[A, B]) {
	m := newCore(func(_ context.Context, k key2[A, B]) (R, error) { return f(k.a, k.b), nil }, opts)
	return func(a A, b B) R {
			return sure(m.cache.GetOrLoad(context.Background(), key2[A, B]{a, b}, m.load))
		},
		&Memory2[A, B]{&Memory{m}, m.forget}
}

// Wrap3 is [Wrap] for three arguments.
func Wrap3[A, B, C comparable, R any](f func(A, B, C) R, opts *Options) (func(A, B, C) R, *Memory3[A, B, C]) {
	m := newCore(func(_ context.Context, k key3[A, B, C]) (R, error) { return f(k.a, k.b, k.c), nil }, opts)
	return func(a A, b B, c C) R {
			return sure(m.cache.GetOrLoad(context.Background(), key3[A, B, C]{a, b, c}, m.load))
		},
		&Memory3[A, B, C]{&Memory{m}, m.forget}
}

// Wrap4 is [Wrap] for four arguments. Who has more makes a struct of them.
func Wrap4[A, B, C, D comparable, R any](f func(A, B, C, D) R, opts *Options) (func(A, B, C, D) R, *Memory4[A, B, C, D]) {
	m := newCore(func(_ context.Context, k key4[A, B, C, D]) (R, error) { return f(k.a, k.b, k.c, k.d), nil }, opts)
	return func(a A, b B, c C, d D) R {
			return sure(m.cache.GetOrLoad(context.Background(), key4[A, B, C, D]{a, b, c, d}, m.load))
		},
		&Memory4[A, B, C, D]{&Memory{m}, m.forget}
}
