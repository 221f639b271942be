package memory_test

import (
	"context"
	"fmt"
	"log"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/memory"
)

// One store is all that the domains ask for.
func Example() {
	ctx, st := context.Background(), memory.New()
	accounts, err := auth.Open(ctx, auth.Config{Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st})
	if err != nil {
		log.Fatal(err)
	}
	boards, err := leaderboard.Open(ctx, leaderboard.Config{Store: st})
	if err != nil {
		log.Fatal(err)
	}
	if err := boards.Create(ctx, leaderboard.Board{ID: "wins", Operator: leaderboard.Increment}); err != nil {
		log.Fatal(err)
	}

	ann, err := accounts.SignInDevice(ctx, "phone-of-ann", auth.SignIn{Username: "ann", Create: true})
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		r, err := boards.Write(ctx, leaderboard.Submission{Board: "wins", Owner: ann.User, Username: ann.Username, Score: 1})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Username, r.Score)
	}
	// Output:
	// ann 1
	// ann 2
	// ann 3
}
