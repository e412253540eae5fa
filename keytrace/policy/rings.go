package policy

// rings are numbered lists of ids, newest first. An id is on at most one of them; 0 is
// no ring. A ring's ends are joined by a node of its own behind those of the ids, so
// that linking has no special cases.
type rings struct {
	nodes  []node
	unique uint32
	size   [maxRings + 1]int
}

const maxRings = 5

// A node is all there is to know about an id, in one cache line.
type node struct {
	newer, older uint32
	ring         uint8
	mark         uint8 // the policy's own: a visited bit, a count
}

func newRings(unique int) rings {
	r := rings{nodes: make([]node, unique+maxRings+1), unique: uint32(unique)}
	for k := range uint32(maxRings + 1) {
		r.nodes[r.unique+k].newer, r.nodes[r.unique+k].older = r.unique+k, r.unique+k
	}
	return r
}

// ring returns the number of the ring that id is on, 0 if none.
func (r *rings) ring(id uint32) uint8 { return r.nodes[id].ring }

// push makes id, which is on no ring, the newest of ring k.
func (r *rings) push(k uint8, id uint32) {
	root := r.unique + uint32(k)
	first := r.nodes[root].older
	n := &r.nodes[id]
	n.newer, n.older, n.ring = root, first, k
	r.nodes[first].newer = id
	r.nodes[root].older = id
	r.size[k]++
}

// drop takes id off its ring.
func (r *rings) drop(id uint32) {
	n := &r.nodes[id]
	r.nodes[n.newer].older = n.older
	r.nodes[n.older].newer = n.newer
	r.size[n.ring]--
	n.ring = 0
}

// move makes id, which is on some ring, the newest of ring k.
func (r *rings) move(k uint8, id uint32) {
	r.drop(id)
	r.push(k, id)
}

// oldest returns the oldest id of ring k, which must not be empty.
func (r *rings) oldest(k uint8) uint32 { return r.nodes[r.unique+uint32(k)].newer }

// evict drops and returns the oldest id of ring k, which must not be empty.
func (r *rings) evict(k uint8) uint32 {
	id := r.oldest(k)
	r.drop(id)
	return id
}
