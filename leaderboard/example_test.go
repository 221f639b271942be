package leaderboard_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

func Example() {
	ctx := context.Background()
	store := newFakeStore() // in a server: that of store/memory, store/sqlite or your own
	boards, err := leaderboard.Open(ctx, leaderboard.Config{Store: store})
	if err != nil {
		log.Fatal(err)
	}
	if err := boards.Create(ctx, leaderboard.Board{ID: "wins", Operator: leaderboard.Increment}); err != nil {
		log.Fatal(err)
	}
	for _, winner := range []string{"ann", "bob", "ann"} {
		r, err := boards.Write(ctx, leaderboard.Submission{Board: "wins", Owner: winner, Score: 1})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s has %d and is number %d\n", r.Owner, r.Score, r.Rank)
	}
	// Output:
	// ann has 1 and is number 1
	// bob has 1 and is number 1
	// ann has 2 and is number 1
}

// openBoards is what the other examples begin with.
func openBoards(ctx context.Context, defs ...leaderboard.Board) *leaderboard.Boards {
	store := newFakeStore()
	boards, err := leaderboard.Open(ctx, leaderboard.Config{Store: store})
	if err != nil {
		log.Fatal(err)
	}
	for _, def := range defs {
		if err := boards.Create(ctx, def); err != nil {
			log.Fatal(err)
		}
	}
	return boards
}

func ExampleBoards_Submit() {
	ctx := context.Background()
	boards := openBoards(ctx,
		leaderboard.Board{ID: "wins", Operator: leaderboard.Increment, Authoritative: true},
		leaderboard.Board{ID: "laps", Sort: leaderboard.Ascending},
	)

	_, err := boards.Submit(ctx, leaderboard.Submission{Board: "wins", Owner: "ann", Score: 1000})
	fmt.Println(errors.Is(err, leaderboard.ErrAuthoritative))
	lap, err := boards.Submit(ctx, leaderboard.Submission{Board: "laps", Owner: "ann", Score: 61_250})
	fmt.Println(lap.Rank, err)
	// Output:
	// true
	// 1 <nil>
}

func ExampleBoards_List() {
	ctx := context.Background()
	boards := openBoards(ctx, leaderboard.Board{ID: "points"})
	for i, owner := range []string{"ann", "bob", "cid", "dan", "eve"} {
		_, err := boards.Write(ctx, leaderboard.Submission{Board: "points", Owner: owner, Score: int64(50 - 10*i)})
		if err != nil {
			log.Fatal(err)
		}
	}

	q := leaderboard.ListRequest{Board: "points", Limit: 2}
	for {
		page, err := boards.List(ctx, q)
		if err != nil {
			log.Fatal(err)
		}
		for _, r := range page.Records {
			fmt.Println(r.Rank, r.Owner, r.Score)
		}
		if page.Next == "" {
			break
		}
		q.Cursor = page.Next
	}
	// Output:
	// 1 ann 50
	// 2 bob 40
	// 3 cid 30
	// 4 dan 20
	// 5 eve 10
}

func ExampleBoards_Around() {
	ctx := context.Background()
	boards := openBoards(ctx, leaderboard.Board{ID: "points"})
	for i, owner := range []string{"ann", "bob", "cid", "dan", "eve"} {
		_, err := boards.Write(ctx, leaderboard.Submission{Board: "points", Owner: owner, Score: int64(50 - 10*i)})
		if err != nil {
			log.Fatal(err)
		}
	}

	page, err := boards.Around(ctx, leaderboard.AroundRequest{Board: "points", Owner: "dan", Limit: 3})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range page.Records {
		fmt.Println(r.Rank, r.Owner, r.Score)
	}
	// Output:
	// 3 cid 30
	// 4 dan 20
	// 5 eve 10
}

func ExampleApply() {
	stored := leaderboard.Record{Owner: "ann", Score: 10, Subscore: 1, NumScore: 1}
	r, changed, err := leaderboard.Apply(&stored, leaderboard.Write{Owner: "ann", Score: 1, Subscore: 20})
	fmt.Println(r.Score, r.Subscore, r.NumScore, changed, err)
	// Output: 10 20 2 true <nil>
}

// A tournament takes scores each day anew, from those who have joined.
func ExampleBoards_Join() {
	ctx := context.Background()
	boards := openBoards(ctx, leaderboard.Board{
		ID: "daily", Reset: "@daily", Tournament: leaderboard.Tournament{
			Title: "Every day anew", Duration: 24 * time.Hour, JoinRequired: true, MaxNumScore: 1,
		},
	})
	submit := func(score int64) {
		r, err := boards.Submit(ctx, leaderboard.Submission{Board: "daily", Owner: "ann", Score: score})
		fmt.Println(r.Score, r.Rank, err)
	}
	submit(5)
	if err := boards.Join(ctx, "daily", "ann", "ann"); err != nil {
		fmt.Println(err)
	}
	submit(7)
	submit(9)
	// Output:
	// 0 0 leaderboard: owner has not joined
	// 7 1 <nil>
	// 0 0 leaderboard: no attempts left
}
