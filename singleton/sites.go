package singleton

// sites are the sites of an engine. The first one has its place here, since mostly there is
// one at a time, and a Value never has another. Under the engine's lock.
type sites[K comparable, T any] struct {
	key   K
	taken bool // whether first is the site of key
	first site[T]
	more  map[K]*site[T]
}

// at returns the site of key, nil if there is none.
func (s *sites[K, T]) at(key K) *site[T] {
	if s.taken && s.key == key {
		return &s.first
	}
	return s.more[key]
}

// add returns a new site of key, which must have none.
func (s *sites[K, T]) add(key K) *site[T] {
	if !s.taken {
		s.key, s.taken = key, true
		return &s.first
	}
	if s.more == nil {
		s.more = map[K]*site[T]{}
	}
	p := new(site[T])
	s.more[key] = p
	return p
}

// remove forgets the site of key.
func (s *sites[K, T]) remove(key K) {
	if s.taken && s.key == key {
		var none K
		s.key, s.taken, s.first = none, false, site[T]{}
		return
	}
	delete(s.more, key)
}

func (s *sites[K, T]) len() int {
	if s.taken {
		return len(s.more) + 1
	}
	return len(s.more)
}

// all goes through all sites. The one that is passed may be removed.
func (s *sites[K, T]) all(yield func(K, *site[T]) bool) {
	if s.taken && !yield(s.key, &s.first) {
		return
	}
	for key, p := range s.more {
		if !yield(key, p) {
			return
		}
	}
}
