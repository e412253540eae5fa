package singleton

// Sites returns how many keys there are with a flight or past failures.
func (k *Keyed[K, T]) Sites() int {
	k.engine.mu.Lock()
	defer k.engine.mu.Unlock()
	return k.engine.sites.len()
}

// Check panics if the table is not as it must be.
func (k *Keyed[K, T]) Check() {
	k.engine.mu.Lock()
	defer k.engine.mu.Unlock()
	t, s := &k.table, k.table.slots.Load()
	nodes, used := 0, 0
	for i := range s.at {
		if n := s.at[i].Load(); n != nil {
			if used++; n != s.gone {
				nodes++
				if t.get(n.key) != n {
					panic("a node is not found by its key")
				}
			}
		}
	}
	if nodes != t.len || used != t.used || used*t.sparse > len(s.at) {
		panic("the table's counts are wrong")
	}
}
