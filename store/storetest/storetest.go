package storetest

import (
	"testing"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
)

// AccountStore keeps accounts, finds them by what a user proves, and remembers which it deleted: three roles of one
// store.
type AccountStore interface {
	auth.Accounts
	auth.Identities
	auth.Deletions
}

// SessionStore keeps which sessions ended, which of their tokens were exchanged, and the keys that sign them.
type SessionStore interface {
	auth.Revocations
	auth.Rotations
	auth.Keys
}

// LeaderboardStore keeps boards and their records: four roles of one store, for a deleted board takes its records along.
type LeaderboardStore = leaderboard.Store

// Store keeps all there is to keep.
type Store interface {
	AccountStore
	SessionStore
	LeaderboardStore
	storage.Store
	notification.Store
	match.Snapshots
}

// All runs the contracts of all ports. Open returns an empty store each time it is called and closes it, if it must be,
// with t.Cleanup.
func All[S Store](t *testing.T, open func(t *testing.T) S) {
	t.Run("Accounts", func(t *testing.T) { Accounts(t, open) })
	t.Run("Identities", func(t *testing.T) { Identities(t, open) })
	t.Run("Deletions", func(t *testing.T) { Deletions(t, open) })
	t.Run("Revocations", func(t *testing.T) { Revocations(t, open) })
	t.Run("Rotations", func(t *testing.T) { Rotations(t, open) })
	t.Run("Keys", func(t *testing.T) { Keys(t, open) })
	t.Run("Definitions", func(t *testing.T) { Definitions(t, open) })
	t.Run("Records", func(t *testing.T) { Records(t, open) })
	t.Run("Rankings", func(t *testing.T) { Rankings(t, open) })
	t.Run("Periods", func(t *testing.T) { Periods(t, open) })
	t.Run("Objects", func(t *testing.T) { Objects(t, open) })
	t.Run("Notifications", func(t *testing.T) { Notifications(t, open) })
	t.Run("Snapshots", func(t *testing.T) { Snapshots(t, open) })
}

// Accounts runs the contract of [auth.Accounts]. Open is as in [All].
func Accounts[S AccountStore](t *testing.T, open func(t *testing.T) S) {
	run(t, accountRules(), func(t *testing.T) AccountStore { return open(t) })
}

// Identities runs the contract of [auth.Identities]. Open is as in [All].
func Identities[S AccountStore](t *testing.T, open func(t *testing.T) S) {
	run(t, identityRules(), func(t *testing.T) AccountStore { return open(t) })
}

// Deletions runs the contract of [auth.Deletions]. Open is as in [All].
func Deletions[S AccountStore](t *testing.T, open func(t *testing.T) S) {
	run(t, deletionRules(), func(t *testing.T) AccountStore { return open(t) })
}

// Revocations runs the contract of [auth.Revocations]. Open is as in [All].
func Revocations[S auth.Revocations](t *testing.T, open func(t *testing.T) S) {
	run(t, revocationRules(), func(t *testing.T) auth.Revocations { return open(t) })
}

// Rotations runs the contract of [auth.Rotations]. Open is as in [All].
func Rotations[S auth.Rotations](t *testing.T, open func(t *testing.T) S) {
	run(t, rotationRules(), func(t *testing.T) auth.Rotations { return open(t) })
}

// Keys runs the contract of [auth.Keys]. Open is as in [All].
func Keys[S auth.Keys](t *testing.T, open func(t *testing.T) S) {
	run(t, keyRules(), func(t *testing.T) auth.Keys { return open(t) })
}

// Definitions runs the contract of [leaderboard.Definitions]. Open is as in [All].
func Definitions[S LeaderboardStore](t *testing.T, open func(t *testing.T) S) {
	run(t, definitionRules(), func(t *testing.T) LeaderboardStore { return open(t) })
}

// Records runs the contract of [leaderboard.Records]. Open is as in [All].
func Records[S LeaderboardStore](t *testing.T, open func(t *testing.T) S) {
	run(t, recordRules(), func(t *testing.T) LeaderboardStore { return open(t) })
}

// Rankings runs the contract of [leaderboard.Rankings]. Open is as in [All].
func Rankings[S LeaderboardStore](t *testing.T, open func(t *testing.T) S) {
	run(t, rankingRules(), func(t *testing.T) LeaderboardStore { return open(t) })
}

// Periods runs the contract of [leaderboard.Periods]. Open is as in [All].
func Periods[S LeaderboardStore](t *testing.T, open func(t *testing.T) S) {
	run(t, periodRules(), func(t *testing.T) LeaderboardStore { return open(t) })
}

// Objects runs the contract of [storage.Store]. Open is as in [All].
func Objects[S storage.Store](t *testing.T, open func(t *testing.T) S) {
	run(t, objectRules(), func(t *testing.T) storage.Store { return open(t) })
}

// Notifications runs the contract of [notification.Store]. Open is as in [All].
func Notifications[S notification.Store](t *testing.T, open func(t *testing.T) S) {
	run(t, notificationRules(), func(t *testing.T) notification.Store { return open(t) })
}

// Snapshots runs the contract of [match.Snapshots]. Open is as in [All].
func Snapshots[S match.Snapshots](t *testing.T, open func(t *testing.T) S) {
	run(t, snapshotRules(), func(t *testing.T) match.Snapshots { return open(t) })
}

// rule is one thing a port promises. Check sees a [testing.TB], so that our own tests can watch it fail.
type rule[S any] struct {
	name  string
	why   string
	check func(t testing.TB, s S)
}

func run[S any](t *testing.T, rules []rule[S], open func(t *testing.T) S) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("why: %s", r.why)
				}
			})
			r.check(t, open(t))
		})
	}
}
