package match_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// lobby is the LobbyMatch of the specification: it remembers who is there, and ends when it has been empty for more
// than 100 ticks.
type lobby struct {
	match.NopHandler[lobbyState]
}

type lobbyState struct {
	presences  map[string]presence.Presence // by session
	emptyTicks int
}

func (lobby) Init(context.Context, match.Params) (lobbyState, match.Settings, error) {
	s := lobbyState{presences: make(map[string]presence.Presence)}
	return s, match.Settings{Every: match.PerSecond(1)}, nil
}

func (lobby) Join(
	_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *lobbyState, who []presence.Presence,
) error {
	for _, p := range who {
		s.presences[p.Session] = p
	}
	return nil
}

func (lobby) Leave(
	_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *lobbyState, gone []match.Departure,
) error {
	for _, d := range gone {
		delete(s.presences, d.Session)
	}
	return nil
}

func (lobby) Loop(_ context.Context, _ *match.Dispatcher, t tick.Tick, s *lobbyState, _ []match.Message) error {
	if len(s.presences) == 0 {
		s.emptyTicks++
	}
	if s.emptyTicks > 100 {
		fmt.Println("empty for too long at tick", t.N)
		return match.ErrEnd
	}
	return nil
}

func Example_lobbyMatch() {
	clock := tick.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	matches, err := match.New(match.Config{Source: clock})
	if err != nil {
		panic(err)
	}
	match.Register(matches, "lobby", lobby{})

	ctx := context.Background()
	id, err := matches.Create(ctx, "lobby", nil)
	if err != nil {
		panic(err)
	}
	ann := presence.Presence{User: "u1", Session: "s1", Username: "ann"}
	if err := matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: ann}}); err != nil {
		panic(err)
	}
	clock.Advance(time.Hour)
	info, err := matches.Get(id)
	fmt.Println("after an hour:", info.Size, "member,", err)

	if err := matches.Leave(id, ann.Session, match.Left); err != nil {
		panic(err)
	}
	clock.Advance(2 * time.Minute)
	_, err = matches.Get(id)
	fmt.Println(err)
	// Output:
	// after an hour: 1 member, <nil>
	// empty for too long at tick 3700
	// match: not found
}

// echo sends everything back to everybody.
type echo struct{ match.NopHandler[struct{}] }

func (echo) Init(context.Context, match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: match.PerSecond(10), Label: `{"mode":"echo"}`, Capacity: 4}, nil
}

func (echo) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, in []match.Message) error {
	for _, m := range in {
		if err := d.Broadcast(match.Outgoing{Op: m.Op, Data: m.Data, From: m.From}); err != nil {
			return err
		}
	}
	return nil
}

// printer is an Outbox: a host's own writes to sockets.
type printer struct{}

func (printer) MatchData(_ match.ID, to []presence.Presence, m match.Outgoing) {
	fmt.Printf("%s says %q to %d players\n", m.From.Username, m.Data, len(to))
}

func (printer) MatchPresence(_ match.ID, to, joined, left []presence.Presence) {
	fmt.Printf("%d joined, %d left, %d told\n", len(joined), len(left), len(to))
}

func (printer) MatchEnded(_ match.ID, to []presence.Presence, err error) {
	fmt.Printf("ended, %d told: %v\n", len(to), err)
}

func (printer) Flush(match.ID, []presence.Presence) {}

func ExampleDispatcher_Broadcast() {
	clock := tick.NewManual(time.Now())
	matches, err := match.New(match.Config{Source: clock, Outbox: printer{}})
	if err != nil {
		panic(err)
	}
	match.Register(matches, "echo", echo{})
	ctx := context.Background()
	id, err := matches.Create(ctx, "echo", nil)
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"ann", "bob"} {
		who := match.Joiner{Presence: presence.Presence{User: name, Session: name, Username: name}}
		if err := matches.Join(ctx, match.JoinRequest{ID: id, Who: who}); err != nil {
			panic(err)
		}
	}
	if err := matches.Send(id, "ann", match.Message{Op: 1, Data: []byte("hello")}); err != nil {
		panic(err)
	}
	clock.Advance(100 * time.Millisecond) // one tick
	if err := matches.End(ctx, id, 0); err != nil {
		panic(err)
	}
	// Output:
	// 1 joined, 0 left, 1 told
	// 1 joined, 0 left, 2 told
	// ann says "hello" to 2 players
	// ended, 2 told: match: stopped
}

func ExampleRegister() {
	matches, err := match.New(match.Config{})
	if err != nil {
		panic(err)
	}
	match.Register(matches, "lobby", lobby{})
	match.Register(matches, "echo", echo{})

	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- matches.Run(ctx) }()

	_, err = matches.Create(ctx, "echo", nil)
	fmt.Println(err)
	_, err = matches.Create(ctx, "chess", nil)
	fmt.Println(errors.Is(err, match.ErrNoHandler))

	found, err := matches.List(match.ListRequest{Query: "+label.mode:echo"})
	fmt.Println(len(found.Matches), found.Matches[0].Handler, err)

	stop()
	fmt.Println(<-done)
	// Output:
	// <nil>
	// true
	// 1 echo <nil>
	// <nil>
}

// The seats of a duel are kept for two players, who have 30 seconds to come.
func ExampleRegistry_Reserve() {
	ctx := context.Background()
	matches, _ := match.New(match.Config{Source: tick.NewManual(time.Now())})
	match.Register(matches, "duel", duel{})
	id, _ := matches.Create(ctx, "duel", nil)
	ann, bob, eve := presence.Presence{User: "ann"}, presence.Presence{User: "bob"}, presence.Presence{User: "eve"}

	fmt.Println(matches.Reserve(ctx, id, []presence.Presence{ann, bob}, 30*time.Second))
	for _, p := range []presence.Presence{eve, ann, bob} {
		p.Session = "a session of " + p.User
		err := matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: p}})
		fmt.Println(p.User, err)
	}
	// Output:
	// <nil>
	// eve match: full
	// ann <nil>
	// bob <nil>
}

// duel is a match for two.
type duel struct{ match.NopHandler[struct{}] }

func (duel) Init(context.Context, match.Params) (s struct{}, set match.Settings, err error) {
	return s, match.Settings{Every: match.PerSecond(10), Capacity: 2}, nil
}

func (duel) Loop(context.Context, *match.Dispatcher, tick.Tick, *struct{}, []match.Message) error {
	return nil
}

// The first player makes the match that the second one finds.
func ExampleRegistry_JoinOrCreate() {
	ctx := context.Background()
	matches, _ := match.New(match.Config{Source: tick.NewManual(time.Now())})
	match.Register(matches, "duel", duel{})
	for _, name := range []string{"ann", "bob", "cid"} {
		_, err := matches.JoinOrCreate(ctx, match.JoinOrCreateRequest{
			Handler: "duel", Who: match.Joiner{Presence: presence.Presence{User: name, Session: name, Username: name}},
			Accepted: func(j match.Joined) { fmt.Println(name, "finds", len(j.Members)) },
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(matches.Len(), "matches")
	// Output:
	// ann finds 0
	// bob finds 1
	// cid finds 0
	// 2 matches
}

// A bot needs no socket: it reads from its Sink what a client would be sent.
func ExampleSink() {
	ctx := context.Background()
	clock := tick.NewManual(time.Now())
	matches, _ := match.New(match.Config{Source: clock})
	match.Register(matches, "echo", echo{})
	id, _ := matches.Create(ctx, "echo", nil)

	bot := presence.Presence{User: "bot", Session: "bot", Username: "bot"}
	var sink match.Sink
	if err := matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: bot}, Sink: &sink}); err != nil {
		fmt.Println(err)
	}
	_ = matches.Send(id, bot.Session, match.Message{Op: 1, Data: []byte("hello")})
	clock.Advance(100 * time.Millisecond) // one tick
	_ = matches.End(ctx, id, 0)
	for {
		event, err := sink.Next(ctx)
		if err != nil {
			fmt.Println(err)
			break
		}
		switch event.Kind {
		case match.DataEvent:
			fmt.Printf("%s says %q\n", event.Data.From.Username, event.Data.Data)
		case match.PresenceEvent:
			fmt.Println(event.Joined[0].Username, "has joined")
		case match.EndedEvent:
			fmt.Println("the match is over")
		}
	}
	// Output:
	// bot has joined
	// bot says "hello"
	// the match is over
	// EOF
}

// patient keeps the seats of players who lose their connection for half a minute.
type patient struct{ duel }

func (patient) Hold(context.Context, *match.Dispatcher, tick.Tick, *struct{}, presence.Presence) (time.Duration, error) {
	return 30 * time.Second, nil
}

func (patient) Return(_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, _, now presence.Presence) error {
	fmt.Println(now.Username, "is back")
	return nil
}

func (patient) Leave(_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, gone []match.Departure) error {
	fmt.Println(gone[0].Username, "has left:", gone[0].Reason)
	return nil
}

// Ann comes back with a new session, and does not the second time.
func ExampleHolder() {
	ctx := context.Background()
	clock := tick.NewManual(time.Now())
	matches, _ := match.New(match.Config{Source: clock})
	match.Register(matches, "patient", patient{})
	id, _ := matches.Create(ctx, "patient", nil)
	for _, session := range []string{"one", "two"} {
		ann := presence.Presence{User: "ann", Session: session, Username: "ann"}
		if err := matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: ann}}); err != nil {
			fmt.Println(err)
		}
		_ = matches.Leave(id, session, match.Disconnected)
		clock.Advance(10 * time.Second)
	}
	clock.Advance(time.Minute)
	// Output:
	// ann is back
	// ann has left: hold expired
}
