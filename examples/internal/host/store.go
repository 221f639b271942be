package host

import (
	"context"
	"fmt"
	"strings"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/store/postgres"
	"github.com/shoal-go/shoal/store/sqlite"
)

// store is what the domains keep their things in.
type store interface { //nolint:interfacebloat // it is all ports at once, and nobody implements it for its own sake
	auth.Accounts
	auth.Identities
	auth.Deletions
	auth.Revocations
	auth.Rotations
	auth.Keys
	leaderboard.Store
	storage.Store
	notification.Store
	match.Snapshots
}

// openStore opens the store that db names.
func openStore(ctx context.Context, db string) (store, func() error, error) {
	kind, path, _ := strings.Cut(db, ":")
	switch {
	case kind == "memory" && path == "":
		return memory.New(), func() error { return nil }, nil
	case kind == "postgres" || kind == "postgresql":
		st, err := postgres.Open(ctx, postgres.Config{URL: db})
		if err != nil {
			return nil, nil, err
		}
		return st, st.Close, nil
	case kind == "sqlite" && path != "":
		st, err := sqlite.Open(ctx, sqlite.Config{Path: path})
		if err != nil {
			return nil, nil, err
		}
		return st, st.Close, nil
	}
	return nil, nil, fmt.Errorf("store %q: want sqlite:PATH, postgres://HOST/DATABASE, or memory: for none", db)
}
