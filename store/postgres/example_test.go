package postgres_test

import (
	"context"
	"log"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/postgres"
)

// It is compiled and not run: it needs a server.
func ExampleOpen() {
	ctx := context.Background()
	st, err := postgres.Open(ctx, postgres.Config{URL: "postgres://shoal@localhost/shoal"})
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()
	accounts, err := auth.Open(ctx, auth.Config{Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st})
	if err != nil {
		log.Fatal(err)
	}
	boards, err := leaderboard.Open(ctx, leaderboard.Config{Store: st})
	if err != nil {
		log.Fatal(err)
	}
	_, _ = accounts, boards // for the gateway
}
