package memory

import (
	"context"
	"sync"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
)

// Store implements all storage ports: [auth.Accounts], [auth.Identities], [auth.Deletions], [auth.Revocations],
// [auth.Rotations], [auth.Keys], [leaderboard.Store], [storage.Store], [notification.Store] and [match.Snapshots]. It is
// safe for concurrent use; what goes in and what comes out are copies.
type Store struct {
	mu          sync.Mutex
	accounts    map[string]*account // by id
	usernames   map[string]*account
	identities  map[identityKey]identity
	deletions   map[string]time.Time // by user
	revocations map[revocationKey]auth.Revocation
	rotations   map[string][]auth.Rotation // by family, in the order of Generation
	keys        map[string][]byte
	boards      map[string]*board
	collections map[string]*collection

	notifications    map[string][]notification.Notification // by user, in the order of Seq
	lastNotification int64                                  // the greatest Seq given
	snapshots        map[match.ID]match.Snapshot
}

var (
	_ auth.Accounts      = (*Store)(nil)
	_ auth.Identities    = (*Store)(nil)
	_ auth.Deletions     = (*Store)(nil)
	_ auth.Revocations   = (*Store)(nil)
	_ auth.Rotations     = (*Store)(nil)
	_ auth.Keys          = (*Store)(nil)
	_ leaderboard.Store  = (*Store)(nil)
	_ storage.Store      = (*Store)(nil)
	_ notification.Store = (*Store)(nil)
	_ match.Snapshots    = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		accounts:    make(map[string]*account),
		usernames:   make(map[string]*account),
		identities:  make(map[identityKey]identity),
		deletions:   make(map[string]time.Time),
		revocations: make(map[revocationKey]auth.Revocation),
		rotations:   make(map[string][]auth.Rotation),
		keys:        make(map[string][]byte),
		boards:      make(map[string]*board),
		collections: make(map[string]*collection),

		notifications: make(map[string][]notification.Notification),
		snapshots:     make(map[match.ID]match.Snapshot),
	}
}

// lock takes the store for one operation, unless the caller has gone away. The caller must unlock s.mu if err is nil.
func (s *Store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	return nil
}

// seconds returns t as stores on disk keep it.
func seconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0).UTC() }
