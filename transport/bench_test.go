package transport_test

import (
	"fmt"
	"testing"

	"github.com/shoal-go/shoal/transport"
)

func BenchmarkNewFrame(b *testing.B) {
	for _, size := range []int{64, 200, 2000, 20_000} {
		b.Run(fmt.Sprint(size, " bytes"), func(b *testing.B) {
			payload := make([]byte, size)
			b.ReportAllocs()
			for b.Loop() {
				transport.NewFrame(transport.Binary, func(dst []byte) []byte { return append(dst, payload...) }).Release()
			}
		})
	}
}

// BenchmarkSession queues frames and flushes them to a connection that costs nothing.
func BenchmarkSession(b *testing.B) {
	f := text("payload")
	defer f.Release()
	for _, n := range []int{1, 5, 10} {
		b.Run(fmt.Sprint(n, " frames"), func(b *testing.B) {
			s, err := transport.NewSessions(transport.Config{}).Open(who("a"), transport.Text, &tryConn{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for range n {
					s.Queue(f, transport.Outgoing{})
				}
				s.Flush()
			}
			end(s)
		})
	}
}

func BenchmarkGet(b *testing.B) {
	r := transport.NewSessions(transport.Config{})
	ids := make([]string, 1024)
	for i := range ids {
		ids[i] = fmt.Sprintf("%08x-1111-11f0-8000-0123456789ab", i)
		if _, err := r.Open(who(ids[i]), transport.Text, &tryConn{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			_, _ = r.Get(ids[i%len(ids)])
		}
	})
}
