package transport_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
)

func open(t *testing.T, cfg transport.Config, c transport.Conn) *transport.Session {
	t.Helper()
	s, err := transport.NewSessions(cfg).Open(who("s"), transport.Text, c)
	require.NoError(t, err)
	return s
}

// queue puts one reliable frame for each text on the queue.
func queue(s *transport.Session, texts ...string) {
	for _, x := range texts {
		queueAs(s, transport.Outgoing{}, x)
	}
}

func queueAs(s *transport.Session, o transport.Outgoing, x string) {
	f := text(x)
	defer f.Release()
	s.Queue(f, o)
}

func end(s *transport.Session) {
	s.Close(transport.CloseNormal, "end")
	<-s.Done()
}

func TestFlush(t *testing.T) {
	const closed = "close 1000 end"
	for name, c := range map[string]struct {
		conn  *recordConn
		plain bool
		want  []string
	}{
		"what the connection takes leaves in one write": {&recordConn{take: -1}, false, []string{"try a b c", "try d", closed}},
		"the writer gets the rest, in order":            {&recordConn{take: 1}, false, []string{"try a", "write b c", "try d", closed}},
		"the writer gets all if nothing was taken":      {&recordConn{take: 0}, false, []string{"try", "write a b c", "try", "write d", closed}},
		"the writer finishes what the connection kept":  {&recordConn{take: 3, keep: true}, false, []string{"try a b c", "write", "try d", "write", closed}},
		"a connection that cannot try leaves all to it": {&recordConn{}, true, []string{"write a b c", "write d", closed}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var conn transport.Conn = c.conn
				if c.plain {
					conn = writeOnly{conn}
				}
				s := open(t, transport.Config{}, conn)
				s.Flush()
				queue(s, "a", "b", "c")
				require.Empty(t, c.conn.log(), "Queue does not write")
				s.Flush()
				synctest.Wait()
				queue(s, "d")
				s.Flush()
				synctest.Wait()
				s.Flush()
				end(s)
				require.Equal(t, c.want, c.conn.log())
				require.Zero(t, s.Drops())
			})
		})
	}
}

func TestFramesQueuedMeanwhileLeaveTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := &recordConn{gate: make(chan struct{})}
		s := open(t, transport.Config{}, writeOnly{conn})
		queue(s, "a")
		s.Flush()
		synctest.Wait() // the writer writes
		for _, x := range []string{"b", "c", "d"} {
			queue(s, x)
			s.Flush()
		}
		queue(s, "e") // not flushed
		close(conn.gate)
		synctest.Wait()
		require.Equal(t, []string{"write a", "write b c d e"}, conn.log())
		queue(s, "f")
		synctest.Wait()
		require.Len(t, conn.log(), 2, "the writer does not take what nobody flushed")
		end(s)
	})
}

func TestLongWritesGoInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := &recordConn{}
		s := open(t, transport.Config{}, writeOnly{conn})
		for range 10 {
			queue(s, strings.Repeat("x", 6<<10))
		}
		queue(s, strings.Repeat("y", 40<<10), "z")
		s.Flush()
		end(s)
		var sizes []int
		for _, call := range conn.log() {
			sizes = append(sizes, len(strings.Fields(call))-1)
		}
		require.Equal(t, []int{2, 2, 2, 2, 2, 1, 1, 2}, sizes, "about 16 KiB each, so that each gets the write wait; then the close")
	})
}

func TestOverflow(t *testing.T) {
	unreliable, key1, key2 := transport.Outgoing{Unreliable: true}, transport.Outgoing{Replace: 1}, transport.Outgoing{Replace: 2}
	both := transport.Outgoing{Unreliable: true, Replace: 1}
	type step struct {
		text string
		as   transport.Outgoing
	}
	plain := transport.Outgoing{}
	for name, c := range map[string]struct {
		cfg   transport.Config
		steps []step
		want  string
		drops transport.Drops
		full  bool
	}{
		"as many as fit": {
			transport.Config{QueueMessages: 3},
			[]step{{"a", plain}, {"b", plain}, {"c", plain}},
			"a b c",
			transport.Drops{},
			false,
		},
		"one too many": {
			transport.Config{QueueMessages: 3},
			[]step{{"a", plain}, {"b", plain}, {"c", plain}, {"d", plain}, {"e", plain}},
			"a b c",
			transport.Drops{Unsent: 2},
			true,
		},
		"the oldest unreliable goes first": {
			transport.Config{QueueMessages: 3},
			[]step{{"a", plain}, {"u", unreliable}, {"v", unreliable}, {"b", plain}},
			"a v b",
			transport.Drops{Unreliable: 1},
			false,
		},
		"also for an unreliable one": {
			transport.Config{QueueMessages: 2},
			[]step{{"u", unreliable}, {"v", unreliable}, {"w", unreliable}},
			"v w",
			transport.Drops{Unreliable: 1},
			false,
		},
		"an unreliable one closes nothing": {
			transport.Config{QueueMessages: 2},
			[]step{{"a", plain}, {"b", plain}, {"u", unreliable}},
			"a b",
			transport.Drops{Unreliable: 1},
			false,
		},
		"too many bytes": {
			transport.Config{QueueBytes: 20},
			[]step{{"12345678", plain}, {"12345678", plain}, {"x", plain}},
			"12345678 12345678",
			transport.Drops{Unsent: 1},
			true,
		},
		"several give way to a large one": {
			transport.Config{QueueBytes: 20},
			[]step{{"u", unreliable}, {"a", plain}, {"v", unreliable}, {"w", unreliable}, {"0123456789", plain}},
			"a w 0123456789",
			transport.Drops{Unreliable: 2},
			false,
		},
		"one that is too large by itself": {
			transport.Config{QueueBytes: 20},
			[]step{{strings.Repeat("x", 50), plain}},
			strings.Repeat("x", 50),
			transport.Drops{},
			false,
		},
		"the newest state at its place in time": {
			transport.Config{},
			[]step{{"x1", key1}, {"y1", key2}, {"a", plain}, {"x2", key1}, {"b", plain}, {"x3", key1}},
			"y1 a b x3",
			transport.Drops{Superseded: 2},
			false,
		},
		"superseding makes room": {
			transport.Config{QueueMessages: 2},
			[]step{{"a", plain}, {"x1", key1}, {"x2", key1}, {"x3", key1}},
			"a x3",
			transport.Drops{Superseded: 2},
			false,
		},
		"unreliable state": {
			transport.Config{QueueMessages: 2},
			[]step{{"x1", both}, {"x2", both}, {"a", plain}, {"b", plain}},
			"a b",
			transport.Drops{Superseded: 1, Unreliable: 1},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := &recordConn{gate: make(chan struct{})}
				var hooked transport.Drops
				c.cfg.Hooks.Dropped = func(_ *transport.Session, why transport.Drop, n int) {
					*map[transport.Drop]*uint64{
						transport.DropUnreliable: &hooked.Unreliable,
						transport.DropSuperseded: &hooked.Superseded,
						transport.DropUnsent:     &hooked.Unsent,
					}[why] += uint64(n)
				}
				s := open(t, c.cfg, writeOnly{conn})
				queue(s, "first")
				s.Flush()
				synctest.Wait() // the writer is busy with it
				for _, x := range c.steps {
					queueAs(s, x.as, x.text)
				}
				require.Equal(t, c.drops, s.Drops())
				code, reason := s.Reason()
				if c.full {
					require.Equal(t, "1000 session outgoing queue full", fmt.Sprint(code, " ", reason))
				} else {
					require.Zero(t, code)
				}
				close(conn.gate)
				end(s)
				require.Equal(t, []string{"write first", "write " + c.want}, conn.log()[:2])
				if !c.full {
					require.Equal(t, c.drops, hooked)
				}
			})
		})
	}
}

func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, transport.Config{}, &recordConn{take: -1})
		queue(s, "four", "more")
		frames, bytes := s.Waiting()
		require.Equal(t, 2, frames)
		require.Equal(t, 12, bytes, "with the two bytes before each")
		s.Flush()
		frames, bytes = s.Waiting()
		require.Zero(t, frames+bytes)
		end(s)
	})
}

func TestBurstIsNotASlowReader(t *testing.T) {
	for name, cfg := range map[string]transport.Config{
		"of many messages": {QueueMessages: 10},
		"of large ones":    {QueueBytes: 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, cfg, &recordConn{take: -1})
				for range 100 {
					queue(s, "aaaaaaaa", "b", "c", "d", "e")
					queue(s, strings.Repeat("f", 30))
					synctest.Wait() // as other goroutines run
				}
				s.Flush()
				require.Zero(t, s.Drops())
				end(s)
			})
		})
	}
}

func TestClose(t *testing.T) {
	t.Run("what is queued goes first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			conn := &recordConn{take: -1}
			s := open(t, transport.Config{}, conn)
			queue(s, "event", "final error")
			s.Close(4000, "kicked")
			s.Close(4001, "again")
			queue(s, "late")
			s.Flush()
			<-s.Done()
			require.Equal(t, []string{"write event final error", "close 4000 kicked"}, conn.log())
			require.Equal(t, transport.Drops{Unsent: 1}, s.Drops())
			code, reason := s.Reason()
			require.Equal(t, "4000 kicked", fmt.Sprint(code, " ", reason))
		})
	})
	t.Run("also while the writer works", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			conn := &recordConn{gate: make(chan struct{})}
			s := open(t, transport.Config{}, writeOnly{conn})
			queue(s, "a")
			s.Flush()
			synctest.Wait()
			queue(s, "b")
			s.Close(4000, "kicked")
			close(conn.gate)
			<-s.Done()
			require.Equal(t, []string{"write a", "write b", "close 4000 kicked"}, conn.log())
		})
	})
	t.Run("not for ever", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := transport.Pipe(transport.PipeConfig{Window: 1})
			s := open(t, transport.Config{WriteWait: 3 * time.Second}, server)
			for range 100 {
				queue(s, strings.Repeat("x", 10<<10))
			}
			begin := time.Now()
			s.Close(4000, "slow")
			go func() {
				for { // a client that takes a message every second: each Write is in time, all together are not
					time.Sleep(time.Second)
					if _, _, err := client.Receive(); err != nil {
						return
					}
				}
			}()
			<-s.Done()
			require.Less(t, time.Since(begin), 8*time.Second)
			require.Greater(t, s.Drops().Unsent, uint64(90))
			server.Close(1000, "")
		})
	})
	t.Run("connection lost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			conn := &recordConn{broken: errors.New("10.0.0.1: broken pipe")}
			s := open(t, transport.Config{}, writeOnly{conn})
			queue(s, "a")
			s.Flush()
			<-s.Done()
			require.Equal(t, []string{"write a", "close 1000 connection lost"}, conn.log())
			code, reason := s.Reason()
			require.Equal(t, "1006 connection lost", fmt.Sprint(code, " ", reason))
			require.Equal(t, transport.Drops{Unsent: 1}, s.Drops())
		})
	})
}

// TestSlowReader is the whole story: a client that stops reading is closed when its queue is full, and finds
// everything up to then, and the reason, when it reads again in time.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := transport.Pipe(transport.PipeConfig{Window: 4})
		s := open(t, transport.Config{QueueMessages: 16}, server)
		sent := 0
		for code := 0; code == 0; code, _ = s.Reason() {
			queue(s, fmt.Sprint(sent))
			s.Flush()
			synctest.Wait()
			sent++
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(4 * time.Second)
		for i := range sent - 1 {
			_, data, err := client.Receive()
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(i), string(data))
		}
		_, _, err := client.Receive()
		var end *transport.CloseError
		require.ErrorAs(t, err, &end)
		require.Equal(t, transport.CloseError{Code: 1000, Reason: "session outgoing queue full"}, *end)
		<-s.Done()
		require.Equal(t, transport.Drops{Unsent: 1}, s.Drops())
	})
}

// TestOrder has several goroutines send to one session whose connection is now fast, now slow: what one of
// them queued arrives in its order, and nothing twice.
func TestOrder(t *testing.T) {
	const senders, each = 4, 500
	server, client := transport.Pipe(transport.PipeConfig{Window: 3})
	s := open(t, transport.Config{QueueMessages: senders * each}, server)
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(sender)))
			for i := range each {
				queue(s, fmt.Sprint(sender, " ", i))
				if random.IntN(3) == 0 {
					s.Flush()
				}
			}
			s.Flush()
		})
	}
	next := make([]int, senders)
	for range senders * each {
		_, data, err := client.Receive()
		require.NoError(t, err)
		var sender, i int
		_, err = fmt.Sscan(string(data), &sender, &i)
		require.NoError(t, err)
		require.Equal(t, next[sender], i, "sender %d", sender)
		next[sender]++
	}
	all.Wait()
	s.Close(transport.CloseNormal, "end")
	_, _, err := client.Receive()
	require.Error(t, err)
	<-s.Done()
	require.Zero(t, s.Drops())
}
