package transport_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
)

func TestRegister(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := transport.NewSessions(transport.Config{})
		first := presence.Presence{User: "ann", Session: "1"}
		second := presence.Presence{User: "ann", Session: "2"}
		s1, err := r.Open(first, transport.Text, &tryConn{})
		require.NoError(t, err)
		s2, err := r.Open(second, transport.Binary, &tryConn{})
		require.NoError(t, err)
		_, err = r.Open(first, transport.Text, &tryConn{})
		require.ErrorIs(t, err, transport.ErrDuplicate)

		got, ok := r.Get("1")
		require.True(t, ok)
		require.Same(t, s1, got)
		require.Equal(t, first, s1.Presence())
		require.Equal(t, transport.Binary, s2.Kind())
		_, ok = r.Get("3")
		require.False(t, ok)
		require.Equal(t, []*transport.Session{s1, s2}, r.OfUser("ann"))
		require.Empty(t, r.OfUser("bob"))
		require.Equal(t, 2, r.Len())
		require.ElementsMatch(t, []*transport.Session{s1, s2}, slices.Collect(r.All()))
		for range r.All() {
			break
		}

		end(s1)
		_, ok = r.Get("1")
		require.False(t, ok)
		require.Equal(t, []*transport.Session{s2}, r.OfUser("ann"))
		end(s2)
		require.Empty(t, r.OfUser("ann"))
		require.Zero(t, r.Len())
	})
}

func TestHooks(t *testing.T) {
	var log []string
	hooks := func(name string) transport.Hooks {
		return transport.Hooks{
			Opened: func(s *transport.Session) { log = append(log, name+" opened "+s.Presence().Session) },
			Closed: func(s *transport.Session) { _, why := s.Reason(); log = append(log, name+" closed "+why) },
			Dropped: func(_ *transport.Session, why transport.Drop, n int) {
				log = append(log, fmt.Sprint(name, " dropped ", n, " ", why))
			},
		}
	}
	for name, c := range map[string]struct {
		hooks transport.Hooks
		want  []string
	}{
		"both":     {hooks("1").With(hooks("2")), []string{"1 opened s", "2 opened s", "1 dropped 1 superseded", "2 dropped 1 superseded", "1 closed end", "2 closed end"}},
		"with nil": {hooks("1").With(transport.Hooks{}), []string{"1 opened s", "1 dropped 1 superseded", "1 closed end"}},
		"nil with": {transport.Hooks{}.With(hooks("2")), []string{"2 opened s", "2 dropped 1 superseded", "2 closed end"}},
		"none":     {transport.Hooks{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log = nil
				s := open(t, transport.Config{Hooks: c.hooks}, &tryConn{})
				queueAs(s, transport.Outgoing{Replace: 1}, "old")
				queueAs(s, transport.Outgoing{Replace: 1}, "new")
				end(s)
				synctest.Wait()
				require.Equal(t, c.want, log)
			})
		})
	}
}

func TestShutdown(t *testing.T) {
	t.Run("all at the same time, what is queued first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := transport.NewSessions(transport.Config{})
			var clients sync.WaitGroup
			for i := range 100 {
				server, client := transport.Pipe(transport.PipeConfig{})
				s, err := r.Open(who(fmt.Sprint(i)), transport.Text, server)
				require.NoError(t, err)
				queue(s, "last words")
				clients.Go(func() {
					time.Sleep(time.Second) // each of them
					_, data, err := client.Receive()
					if err != nil || string(data) != "last words" {
						t.Errorf("client %d got %q, %v", i, data, err)
					}
					_, _, err = client.Receive()
					var end *transport.CloseError
					if !errors.As(err, &end) || *end != (transport.CloseError{Code: 1001, Reason: "shutting down"}) {
						t.Errorf("client %d got %v", i, err)
					}
				})
			}
			begin := time.Now()
			require.NoError(t, r.Shutdown(t.Context(), transport.CloseGoingAway, "shutting down"))
			require.Equal(t, time.Second, time.Since(begin))
			require.Zero(t, r.Len())
			clients.Wait()
			_, err := r.Open(who("late"), transport.Text, &tryConn{})
			require.ErrorIs(t, err, transport.ErrClosed)
		})
	})
	t.Run("not longer than its context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := transport.NewSessions(transport.Config{})
			server, _ := transport.Pipe(transport.PipeConfig{})
			s, err := r.Open(who("silent"), transport.Text, server)
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			require.ErrorIs(t, r.Shutdown(ctx, 1001, ""), context.DeadlineExceeded)
			<-s.Done() // by itself
		})
	})
}

// TestComeAndGo opens and closes from many goroutines while Shutdown comes: every session that was let in ends.
func TestComeAndGo(t *testing.T) {
	var opened, closed atomic.Int64
	r := transport.NewSessions(transport.Config{Hooks: transport.Hooks{
		Opened: func(*transport.Session) { opened.Add(1) },
		Closed: func(*transport.Session) { closed.Add(1) },
	}})
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 200 {
				p := presence.Presence{User: fmt.Sprint("u", i%5), Session: fmt.Sprint(g, "-", i)}
				s, err := r.Open(p, transport.Text, &tryConn{})
				if err != nil {
					return
				}
				queue(s, "hello")
				s.Flush()
				if i%2 == 0 {
					s.Close(transport.CloseNormal, "")
				}
				if i == 150 && g == 0 {
					_ = r.Shutdown(context.Background(), transport.CloseGoingAway, "")
				}
			}
		})
	}
	all.Wait()
	require.NoError(t, r.Shutdown(context.Background(), transport.CloseGoingAway, ""))
	require.Zero(t, r.Len())
	for i := range 5 {
		require.Empty(t, r.OfUser(fmt.Sprint("u", i)))
	}
	require.Positive(t, opened.Load())
	require.Equal(t, opened.Load(), closed.Load())
}
