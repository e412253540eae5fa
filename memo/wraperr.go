package memo

import "context"

// WrapErr is [Wrap] for a function that can fail. Its errors go to all who wait for the
// call, and are remembered only if Options.Errors says so.
func WrapErr[A comparable, R any](f func(A) (R, error), opts *Options) (func(A) (R, error), *Memory1[A]) {
	m := newCore(func(_ context.Context, a A) (R, error) { return f(a) }, opts)
	return func(a A) (R, error) { return m.cache.GetOrLoad(context.Background(), a, m.load) },
		&Memory1[A]{&Memory{m}, m.forget}
}

// WrapErr2 is [WrapErr] for two arguments.
func WrapErr2[A, B comparable, R any](f func(A, B) (R, error), opts *Options) (func(A, B) (R, error), *Memory2[A, B]) {
	m := newCore(func(_ context.Context, k key2[A, B]) (R, error) { return f(k.a, k.b) }, opts)
	return func(a A, b B) (R, error) {
			return m.cache.GetOrLoad(context.Background(), key2[A, B]{a, b}, m.load)
		},
		&Memory2[A, B]{&Memory{m}, m.forget}
}

// WrapErr3 is [WrapErr] for three arguments.
func WrapErr3[A, B, C comparable, R any](f func(A, B, C) (R, error), opts *Options) (func(A, B, C) (R, error), *Memory3[A, B, C]) {
	m := newCore(func(_ context.Context, k key3[A, B, C]) (R, error) { return f(k.a, k.b, k.c) }, opts)
	return func(a A, b B, c C) (R, error) {
			return m.cache.GetOrLoad(context.Background(), key3[A, B, C]{a, b, c}, m.load)
		},
		&Memory3[A, B, C]{&Memory{m}, m.forget}
}

// WrapErr4 is [WrapErr] for four arguments.
func WrapErr4[A, B, C, D comparable, R any](f func(A, B, C, D) (R, error), opts *Options) (func(A, B, C, D) (R, error), *Memory4[A, B, C, D]) {
	m := newCore(func(_ context.Context, k key4[A, B, C, D]) (R, error) { return f(k.a, k.b, k.c, k.d) }, opts)
	return func(a A, b B, c C, d D) (R, error) {
			return m.cache.GetOrLoad(context.Background(), key4[A, B, C, D]{a, b, c, d}, m.load)
		},
		&Memory4[A, B, C, D]{&Memory{m}, m.forget}
}
