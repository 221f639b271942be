package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/storage"
)

// DurableStore is a [Store] that outlives the process.
type DurableStore interface {
	Store
	Close() error
}

// Durable checks that a store which is closed and opened again has everything it had. Open opens the same place each
// time it is called; the place is empty at first. Durable closes every store it opened, and closes it twice: the second
// time must do no harm.
func Durable[S DurableStore](t *testing.T, open func(t *testing.T) S) {
	run(t, durableRules(), func(t *testing.T) func() DurableStore {
		return func() DurableStore { return open(t) }
	})
}

func durableRules() []rule[func() DurableStore] {
	return []rule[func() DurableStore]{{
		"all is there after closing and opening", "a restart of the server must cost nobody anything", reopen,
	}}
}

func reopen(t testing.TB, open func() DurableStore) {
	s := open()
	a := withEmail(t, s, 1, "ann@example.com", []byte("hash"))
	gone := created(t, s, 2)
	u, a := fullUpdate(a, noon().Add(time.Hour))
	noError(t, s.UpdateAccount(t.Context(), a.ID, u, a.Updated), "update")
	noError(t, s.DeleteAccount(t.Context(), gone.ID, noon()), "delete")
	linked(t, s, &a, auth.Identity{Kind: auth.Custom, ID: "custom"})
	rotated(t, s, rotation("phone", 1), noon())
	revoked(t, s, revocation("ann", ""), revocation("bob", "phone"))
	keyIs(t, s, "access", []byte("the key"), []byte("the key"))
	boards(t, s, "wins", "losses")
	w := write("wins", "ann", leaderboard.Increment, 5)
	w.Period = noon()
	noError(t, s.SetHandled(t.Context(), "wins", noon()), "set handled")
	save := puts(t, s, put("ann", "slot", "{}"))[0]
	notes := noted(t, s, note("ann", "n-0"), note("bob", "b-0"))[:1]
	game := snapshot("game.node", 1)
	noError(t, s.SaveSnapshot(t.Context(), game), "save snapshot")

	for round := range 3 {
		r := written(t, s, w)
		equal(t, "increments counted", r.NumScore, int32(1+round))
		notes = append(notes, noted(t, s, note("ann", fmt.Sprint("n-", 1+round)))...)
		noError(t, s.DeleteNotifications(t.Context(), "ann", []string{notes[0].ID}), "delete notification")
		notes = notes[1:]
		closed(t, s)
		s = open()

		stored(t, s, a)
		found, secret, err := s.AccountByIdentity(t.Context(), auth.Email, a.Email)
		noError(t, err, "account by email")
		sameAccount(t, found, a)
		equal(t, "secret", secret, []byte("hash"))
		deletions(t, s, auth.Deletion{User: gone.ID, At: noon()})
		rotatedBefore(t, s, rotation("phone", 1), rotation("phone", 1))
		absent(t, s, gone, auth.Identity{Kind: auth.Device, ID: gone.Devices[0]})
		alive(t, s, noon(), revocation("ann", ""), revocation("bob", "phone"))
		keyIs(t, s, "access", []byte("another"), []byte("the key"))
		defined(t, s, board("wins"), board("losses"))
		recorded(t, s, r)
		handled(t, s, "wins", noon())
		kept(t, s, []storage.ID{save.ID}, save)
		told(t, s, "ann", notes...)
		loaded(t, s, game)
		game.Epoch++
		noError(t, s.SaveSnapshot(t.Context(), game), "save snapshot")
	}
	closed(t, s)
}

func closed(t testing.TB, s DurableStore) {
	t.Helper()
	for range 2 {
		noError(t, s.Close(), "close")
	}
}
