//go:build postgres

package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
	"github.com/shoal-go/shoal/store/postgres"
)

// wire is a way to the server that breaks when a test says so.
type wire struct {
	network, address string
	left             atomic.Int64 // how many more messages of clients pass; below 0: all
	answered         atomic.Bool  // the message at which the wire breaks still reaches the server, which does as it says
	broken           atomic.Int64 // how often it broke
}

// wireTo opens a wire to the server of a URL, and returns the URL of its other end.
func wireTo(t *testing.T, place string) (w *wire, through string) {
	t.Helper()
	c, err := pgx.ParseConfig(place)
	require.NoError(t, err)
	w = &wire{}
	w.left.Store(-1)
	w.network, w.address = pgconn.NetworkAddress(c.Host, c.Port)
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	require.NoError(t, err)
	var all sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.join(client) })
		}
	})
	u, err := url.Parse(place)
	require.NoError(t, err)
	query := u.Query()
	query.Set("host", dir)
	query.Set("port", "5432")
	u.Host, u.RawQuery = "", query.Encode()
	return w, u.String()
}

// join passes on what a client and the server say, until one of them ends or the wire breaks.
func (w *wire) join(client net.Conn) {
	defer client.Close()
	server, err := net.Dial(w.network, w.address)
	if err != nil {
		return
	}
	var lost atomic.Bool         // what the server says from now on is
	ended := make(chan struct{}) // the server says nothing any more, or nobody hears it
	go func() {
		defer close(ended)
		defer client.Close()
		for b := make([]byte, 1<<16); ; {
			n, err := server.Read(b)
			if err != nil {
				return
			}
			if lost.Load() {
				continue // until it has done all that it was told
			}
			if _, err := client.Write(b[:n]); err != nil {
				return
			}
		}
	}()
	for b := make([]byte, 1<<16); ; {
		n, err := client.Read(b)
		if err != nil {
			break
		}
		last := w.breaks()
		if last && !w.answered.Load() {
			break
		}
		lost.Store(last)
		if _, err := server.Write(b[:n]); err != nil {
			break
		}
		if last {
			_ = server.(interface{ CloseWrite() error }).CloseWrite()
			<-ended
			break
		}
	}
	_ = server.Close()
	<-ended
}

// breaks tells whether the wire breaks at the next message.
func (w *wire) breaks() bool {
	if w.left.Load() < 0 || w.left.Add(-1) != -1 {
		return false
	}
	w.broken.Add(1)
	return true
}

// Each kind of write, with the wire broken at each of its messages in turn, before the server has heard it or before the
// client has heard the answer: what returned nil is there, what returned ErrUnknown may be, and nothing else is.
func TestBrokenConnections(t *testing.T) {
	place := emptyPlace(t)
	direct := openAt(t, place)
	w, through := wireTo(t, place)
	s, err := postgres.Open(t.Context(), postgres.Config{URL: through, Conns: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = direct.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	ctx := t.Context()
	for name, kind := range map[string]struct {
		write func(i int) error
		count func() (int, error) // what is there
	}{
		"scores": {
			func(int) error { _, _, err := s.WriteRecord(ctx, increment("ann")); return err },
			func() (int, error) {
				found, err := direct.RecordsOf(ctx, "wins", time.Time{}, []string{"ann"})
				if err != nil || len(found) == 0 {
					return 0, err
				}
				return int(found[0].Score), nil
			},
		},
		"accounts": {
			func(i int) error {
				id := fmt.Sprint("user-", i)
				return s.CreateAccount(ctx, auth.Account{ID: id, Username: id}, auth.Identity{Kind: auth.Device, ID: id})
			},
			func() (int, error) {
				found, err := direct.AccountsByID(ctx, numbered("user-"))
				return len(found), err
			},
		},
		"objects": {
			func(i int) error {
				id := storage.ID{Collection: "saves", Key: fmt.Sprint(i), Owner: "ann"}
				_, err := s.WriteObjects(ctx, []storage.Write{{Put: storage.Put{ID: id, Value: "{}"}}})
				return err
			},
			func() (int, error) {
				var ids []storage.ID
				for _, key := range numbered("") {
					ids = append(ids, storage.ID{Collection: "saves", Key: key, Owner: "ann"})
				}
				found, err := direct.ReadObjects(ctx, ids)
				return len(found), err
			},
		},
		"notifications": {
			func(i int) error {
				_, err := s.AddNotifications(ctx, []notification.Notification{{ID: fmt.Sprint(i), User: "ann"}})
				return err
			},
			func() (int, error) {
				found, err := direct.ListNotifications(ctx, "ann", 0, most)
				return len(found), err
			},
		},
		"snapshots": {
			func(i int) error {
				return s.SaveSnapshot(ctx, match.Snapshot{ID: match.ID(fmt.Sprint(i)), Epoch: 1, Version: 1})
			},
			func() (int, error) {
				found, err := direct.PageSnapshots(ctx, "", most)
				return len(found), err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			there, unknown, writes := 0, 0, 0
			// try writes over a wire that breaks at its message number at, and tells whether it did.
			try := func(at int64, answered bool) bool {
				before := w.broken.Load()
				w.answered.Store(answered)
				w.left.Store(at)
				err := kind.write(writes)
				w.left.Store(-1)
				writes++
				n, failed := kind.count()
				require.NoError(t, failed)
				switch {
				case err == nil:
					require.Equal(t, there+1, n)
				case errors.Is(err, postgres.ErrUnknown):
					require.Contains(t, []int{there, there + 1}, n)
					unknown += n - there
				default:
					require.Equal(t, there, n, "%v", err)
				}
				there = n
				broken := w.broken.Load() > before
				require.True(t, broken || err == nil, "%v", err)
				return broken
			}
			for at := int64(0); try(at, false); at++ {
				require.Less(t, at, int64(50), "a write has an end")
			}
			// Messages that are sent at once may arrive as one, so the last may have no number of its own.
			for at := int64(0); unknown == 0; at++ {
				if !try(at, true) {
					at = -1
				}
				require.Less(t, writes, most, "something is written whose acknowledgement is lost")
			}
		})
	}
}

// most is how often a test writes at most.
const most = 500

// numbered returns the names of all things of a test.
func numbered(prefix string) (names []string) {
	for i := range most {
		names = append(names, fmt.Sprint(prefix, i))
	}
	return names
}

// Many write to one board through a wire that breaks again and again: no acknowledged increment is lost, none is made twice.
func TestIncrementsOverABrokenConnection(t *testing.T) {
	place := emptyPlace(t)
	direct := openAt(t, place)
	w, through := wireTo(t, place)
	s, err := postgres.Open(t.Context(), postgres.Config{URL: through})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = direct.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)

	var acked, unknown, writing atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		writing.Add(1)
		all.Go(func() {
			defer writing.Add(-1)
			owners := []string{"all", fmt.Sprint("writer-", i)}
			for n := range 100 {
				switch _, _, err := s.WriteRecord(t.Context(), increment(owners[n%2])); {
				case err == nil:
					acked.Add(1)
				case errors.Is(err, postgres.ErrUnknown):
					unknown.Add(1)
				}
			}
		})
	}
	for writing.Load() > 0 {
		if w.left.Load() < 0 {
			w.answered.Store(rand.IntN(2) == 0)
			w.left.Store(rand.Int64N(20))
		}
		time.Sleep(time.Millisecond)
	}
	all.Wait()
	w.left.Store(-1)
	records, err := direct.PageRecords(t.Context(), leaderboard.Span{Board: "wins"}, leaderboard.Ascending, 100)
	require.NoError(t, err)
	var sum int64
	for _, r := range records {
		require.EqualValues(t, r.Score, r.NumScore)
		sum += r.Score
	}
	require.GreaterOrEqual(t, sum, acked.Load(), "an acknowledged increment is lost")
	require.LessOrEqual(t, sum, acked.Load()+unknown.Load(), "an increment was made twice")
	require.Positive(t, w.broken.Load())
}
