package calm

import "testing"

var names = []string{"orders", "fills", "rejects", "cancels", "amends", "quotes"}

func BenchmarkCounters(b *testing.B) {
	c := NewCounters()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			c.Add(names[i%len(names)], 1)
		}
	})
}

func BenchmarkSquare(b *testing.B) {
	c := NewCache()
	n := 0
	for b.Loop() {
		n++
		c.Square(n % 100)
	}
}

func BenchmarkRoutes(b *testing.B) {
	r := NewRoutes(map[string]string{"/": "home", "/orders": "orders"})
	for b.Loop() {
		r.To("/orders")
	}
}

func BenchmarkServe(b *testing.B) {
	requests, replies, stop := make(chan int), make(chan int), make(chan struct{})
	defer close(stop)
	go Serve(requests, replies, stop)
	n := 0
	for b.Loop() {
		requests <- n
		n = <-replies % 1000
	}
}

func BenchmarkBell(b *testing.B) {
	bell, heard, stop := NewBell(), make(chan struct{}), make(chan struct{})
	defer close(stop)
	go bell.Listen(heard, stop)
	for b.Loop() {
		bell.Pull()
		<-heard
	}
}
