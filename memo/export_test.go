package memo

// Edges returns how many calls wait for others.
func Edges() int {
	waits.mu.Lock()
	defer waits.mu.Unlock()
	return len(waits.edges)
}

// Claims returns how many slots are claimed.
func Claims(m *Memory) int {
	k := m.answers.(interface{ claimed() int })
	return k.claimed()
}

func (m *keyed[A, R]) claimed() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.claims)
}
