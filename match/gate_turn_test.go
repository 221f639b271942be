package match_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/tick"
)

// A match may look for seats elsewhere in its turn; its own is none of them.
func TestJoinOrCreateInACallback(t *testing.T) {
	var w *world
	w = newWorld(t, &script{signal: func(c turn, name string) (string, error) {
		id, err := w.JoinOrCreate(c, want(name, ""))
		return string(id), err
	}}, match.Config{})
	id := w.create()
	other, err := w.Signal(t.Context(), id, "ann")
	require.NoError(t, err)
	require.NotEqual(t, string(id), other)
	same, err := w.Signal(t.Context(), id, "bob")
	require.NoError(t, err)
	require.Equal(t, other, same)
}

// A match looks for a seat, and while another creates one of the kind, that one's Init calls it: whoever would close the
// circle is refused, and nobody waits for a deadline.
func TestJoinOrCreateInACircle(t *testing.T) {
	for name, c := range map[string]struct {
		init, asks        time.Duration // when Init calls the match that asks, and when that one asks
		errInit, errAsker error
	}{
		"Init calls who waits for it":   {2 * time.Second, time.Second, match.ErrOwnTurn, nil},
		"Init is called by who asks it": {time.Second, 2 * time.Second, nil, match.ErrOwnTurn},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var r *match.Registry
				var asker match.ID
				var errInit, errAsker error
				first := true
				h := &script{set: match.Settings{Capacity: 4}, init: func(ctx context.Context, _ match.Params) (match.Settings, error) {
					if first {
						first = false
						time.Sleep(c.init)
						_, errInit = r.Signal(ctx, asker, "")
					}
					return match.Settings{Capacity: 4}, nil
				}}
				r, _ = live(t, h, tick.Config{}, match.Config{})
				match.Register(r, "other", &script{set: match.Settings{Overrun: match.Skip}, signal: func(c2 turn, name string) (string, error) {
					if name == "bob" {
						time.Sleep(c.asks)
					}
					if name == "" {
						return "", nil
					}
					_, err := r.JoinOrCreate(c2, want(name, ""))
					if name == "bob" {
						errAsker = err
					}
					return "", nil
				}})
				creator, err := r.Create(t.Context(), "other", nil)
				require.NoError(t, err)
				asker, err = r.Create(t.Context(), "other", nil)
				require.NoError(t, err)
				var both sync.WaitGroup
				for id, name := range map[match.ID]string{creator: "ann", asker: "bob"} {
					both.Go(func() { _, _ = r.Signal(t.Context(), id, name) })
				}
				both.Wait()
				require.ErrorIs(t, errInit, c.errInit)
				require.ErrorIs(t, errAsker, c.errAsker)
				require.Equal(t, 2*time.Second, time.Since(began))
			})
		})
	}
}

// An Init that looks for a match of its own kind finds that it is itself what everybody waits for.
func TestJoinOrCreateInItsOwnInit(t *testing.T) {
	var r *match.Registry
	var inner error
	h := &script{init: func(ctx context.Context, _ match.Params) (match.Settings, error) {
		_, inner = r.JoinOrCreate(ctx, want("bob", ""))
		return match.Settings{}, nil
	}}
	registries(t, h, func(t *testing.T, reg *match.Registry) {
		r = reg
		match.Register(r, "other", &script{signal: func(c turn, _ string) (string, error) {
			_, err := r.JoinOrCreate(c, want("ann", ""))
			return "", err
		}})
		id, err := r.Create(t.Context(), "other", nil)
		require.NoError(t, err)
		_, err = r.Signal(t.Context(), id, "")
		require.NoError(t, err)
		require.ErrorIs(t, inner, match.ErrOwnTurn)
	})
}
