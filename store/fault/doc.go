// Package fault is a TCP proxy that fails on command, to test programs against the faults of
// real networks.
//
//	p, err := fault.Listen(server)
//	defer p.Close()
//	dial(p.Addr())      // instead of server
//	p.Cut()             // all connections end at once
//	p.Refuse(true)      // and there are no new ones
//	p.Refuse(false)     // until now
//	p.Mute(true)        // connections stay, and nothing comes through
//	p.Slow(time.Second) // everything comes later
//
// It listens on the loopback interface only.
package fault
