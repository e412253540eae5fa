package memo

// A Memory is what a wrapped function remembers. It is safe for concurrent use, during
// calls and by the function itself.
type Memory struct{ answers }

type answers interface {
	stats() Stats
	clear()
	resize(capacity int) int
}

// Stats returns what the function has done so far.
func (m *Memory) Stats() Stats { return m.stats() }

// Clear forgets everything, as Forget does for one: answers of calls that are under way are
// not remembered, and who calls after Clear does not get them.
func (m *Memory) Clear() { m.clear() }

// Resize changes how many answers are remembered, and returns how many were forgotten for
// it. It panics if capacity is below 1.
func (m *Memory) Resize(capacity int) (forgotten int) {
	if capacity < 1 {
		panic("memo: Resize: capacity below 1")
	}
	return m.resize(capacity)
}

// A Memory1 is the memory of a function of one argument.
type Memory1[A any] struct {
	*Memory
	forget func(A) bool
}

// Forget forgets the answer to a and reports whether there was one. A call that begins
// after Forget has returned is answered by a call of the function that does, too; one under
// way is answered, but its answer is not remembered.
func (m *Memory1[A]) Forget(a A) (forgotten bool) { return m.forget(a) }

// A Memory2 is the memory of a function of two arguments.
type Memory2[A, B comparable] struct {
	*Memory
	forget func(key2[A, B]) bool
}

// Forget is that of [Memory1].
func (m *Memory2[A, B]) Forget(a A, b B) (forgotten bool) { return m.forget(key2[A, B]{a, b}) }

// A Memory3 is the memory of a function of three arguments.
type Memory3[A, B, C comparable] struct {
	*Memory
	forget func(key3[A, B, C]) bool
}

// Forget is that of [Memory1].
func (m *Memory3[A, B, C]) Forget(a A, b B, c C) (forgotten bool) {
	return m.forget(key3[A, B, C]{a, b, c})
}

// A Memory4 is the memory of a function of four arguments.
type Memory4[A, B, C, D comparable] struct {
	*Memory
	forget func(key4[A, B, C, D]) bool
}

// Forget is that of [Memory1].
func (m *Memory4[A, B, C, D]) Forget(a A, b B, c C, d D) (forgotten bool) {
	return m.forget(key4[A, B, C, D]{a, b, c, d})
}

// Keys of several arguments are the arguments.
type (
	key2[A, B comparable] struct {
		a A
		b B
	}
	key3[A, B, C comparable] struct {
		a A
		b B
		c C
	}
	key4[A, B, C, D comparable] struct {
		a A
		b B
		c C
		d D
	}
)
