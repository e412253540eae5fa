package memo

import "context"

// WrapCtx is [WrapErr] for a function that can be cancelled. The context is not part of the
// key, so nothing in it may change the answer.
//
// Who waits for a call stops waiting, with the context's error, when its own context ends.
// The context that f gets ends when nobody waits any more; it has the values of the first
// caller's, but no deadline. f runs in a goroutine of its own, unless the first caller's
// context cannot end.
func WrapCtx[A comparable, R any](f func(context.Context, A) (R, error), opts *Options) (func(context.Context, A) (R, error), *Memory1[A]) {
	m := newCtxCore(f, opts)
	return m.do, &Memory1[A]{&Memory{m}, m.forget}
}

// WrapCtx2 is [WrapCtx] for two arguments beside the context.
func WrapCtx2[A, B comparable, R any](f func(context.Context, A, B) (R, error), opts *Options) (func(context.Context, A, B) (R, error), *Memory2[A, B]) {
	m := newCtxCore(func(ctx context.Context, k key2[A, B]) (R, error) { return f(ctx, k.a, k.b) }, opts)
	return func(ctx context.Context, a A, b B) (R, error) { return m.do(ctx, key2[A, B]{a, b}) },
		&Memory2[A, B]{&Memory{m}, m.forget}
}

// WrapCtx3 is [WrapCtx] for three arguments beside the context.
func WrapCtx3[A, B, C comparable, R any](f func(context.Context, A, B, C) (R, error), opts *Options) (func(context.Context, A, B, C) (R, error), *Memory3[A, B, C]) {
	m := newCtxCore(func(ctx context.Context, k key3[A, B, C]) (R, error) { return f(ctx, k.a, k.b, k.c) }, opts)
	return func(ctx context.Context, a A, b B, c C) (R, error) { return m.do(ctx, key3[A, B, C]{a, b, c}) },
		&Memory3[A, B, C]{&Memory{m}, m.forget}
}

// WrapCtx4 is [WrapCtx] for four arguments beside the context.
func WrapCtx4[A, B, C, D comparable, R any](f func(context.Context, A, B, C, D) (R, error), opts *Options) (func(context.Context, A, B, C, D) (R, error), *Memory4[A, B, C, D]) {
	m := newCtxCore(func(ctx context.Context, k key4[A, B, C, D]) (R, error) { return f(ctx, k.a, k.b, k.c, k.d) }, opts)
	return func(ctx context.Context, a A, b B, c C, d D) (R, error) {
			return m.do(ctx, key4[A, B, C, D]{a, b, c, d})
		},
		&Memory4[A, B, C, D]{&Memory{m}, m.forget}
}

// newCtxCore is newCore for a function that is told in its context which call it is.
func newCtxCore[K comparable, V any](f func(context.Context, K) (V, error), opts *Options) (m *core[K, V]) {
	return newCore(func(ctx context.Context, key K) (V, error) { return f(m.within(ctx, key), key) }, opts)
}
