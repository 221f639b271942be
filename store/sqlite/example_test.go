package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/sqlite"
)

// A server that is started three times counts on where it stopped.
func Example() {
	dir, err := os.MkdirTemp("", "shoal")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for range 3 {
		if err := serve(context.Background(), filepath.Join(dir, "game.db")); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// ann 1 new: true
	// ann 2 new: false
	// ann 3 new: false
}

func serve(ctx context.Context, path string) error {
	st, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	defer st.Close()
	accounts, err := auth.Open(ctx, auth.Config{Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st})
	if err != nil {
		return err
	}
	boards, err := leaderboard.Open(ctx, leaderboard.Config{Store: st})
	if err != nil {
		return err
	}
	if err := boards.Create(ctx, leaderboard.Board{ID: "wins", Operator: leaderboard.Increment}); err != nil {
		return err
	}

	ann, err := accounts.SignInDevice(ctx, "phone-of-ann", auth.SignIn{Username: "ann", Create: true})
	if err != nil {
		return err
	}
	r, err := boards.Write(ctx, leaderboard.Submission{Board: "wins", Owner: ann.User, Username: ann.Username, Score: 1})
	if err != nil {
		return err
	}
	fmt.Println(r.Username, r.Score, "new:", ann.Created)
	return nil
}
