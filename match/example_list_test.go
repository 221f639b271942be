package match_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// arena is a match whose creator chooses the label.
type arena struct{ match.NopHandler[struct{}] }

func (arena) Init(_ context.Context, p match.Params) (s struct{}, set match.Settings, err error) {
	label, _ := p.Value.(string)
	return s, match.Settings{Every: match.PerSecond(30), Capacity: 8, Label: label}, nil
}

func (arena) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, _ *struct{}, _ []match.Message) error {
	return d.Broadcast(match.Outgoing{Op: 1, Data: fmt.Append(nil, "state of tick ", t.N)})
}

// A list may be asked for by what labels say, in the order of a number in them, and page by page.
func ExampleRegistry_List() {
	ctx := context.Background()
	matches, _ := match.New(match.Config{Source: tick.NewManual(time.Now())})
	match.Register(matches, "arena", arena{})
	for _, label := range []string{
		`{"map":"reef","rank":12}`, `{"map":"wreck","rank":30}`, `{"map":"reef","rank":48}`, `{"map":"reef","rank":31}`,
	} {
		_, _ = matches.Create(ctx, "arena", label)
	}
	q := match.ListRequest{Query: "+label.map:reef +label.rank:>=10", OrderBy: "label.rank", Open: 2, Limit: 2}
	for {
		page, err := matches.List(q)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, info := range page.Matches {
			fmt.Println(info.Label)
		}
		if q.Cursor = page.Next; page.Next == "" {
			return
		}
		fmt.Println("next page")
	}
	// Output:
	// {"map":"reef","rank":12}
	// {"map":"reef","rank":31}
	// next page
	// {"map":"reef","rank":48}
}

// A spectator sees what all players get, here ten seconds later, and takes no seat.
func ExampleRegistry_Watch() {
	ctx := context.Background()
	clock := tick.NewManual(time.Now())
	matches, _ := match.New(match.Config{Source: clock})
	match.Register(matches, "arena", arena{})
	id, _ := matches.Create(ctx, "arena", nil)

	var sink match.Sink // a spectator with a socket needs none
	fan := presence.Presence{User: "fan", Session: "fan", Username: "fan"}
	q := match.JoinRequest{ID: id, Who: match.Joiner{Presence: fan}, Sink: &sink}
	if err := matches.Watch(ctx, q, 10*time.Second); err != nil {
		fmt.Println(err)
	}
	clock.Advance(11 * time.Second)
	event, err := sink.Next(ctx)
	fmt.Printf("%s %v\n", event.Data.Data, err)
	info, _ := matches.Get(id)
	fmt.Println(info.Size, "players")
	// Output:
	// state of tick 0 <nil>
	// 0 players
}
