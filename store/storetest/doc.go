// Package storetest is what every driver of a store must pass: a suite that runs against a
// real venue, with its faults.
//
//	func TestDriver(t *testing.T) {
//		storetest.Run(t, storetest.Harness{Start: func(t *testing.T) storetest.Venue {
//			srv := startServer(t)
//			return storetest.Venue{
//				Params: store.Params{Driver: "mine", Addr: srv.Addr()},
//				Bars:   srv.AddBars,
//				Faults: map[storetest.Fault]func(on bool){storetest.Cut: srv.Cut},
//			}
//		}})
//	}
//
// What a venue does not say it can do is not asked of it, and the test that would have asked is
// not run. The suite waits for what it expects for as long as a loaded machine may take, and
// never for a fixed time.
package storetest
