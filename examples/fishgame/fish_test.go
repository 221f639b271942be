package main

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/examples/fishgame/arena"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
)

// board remembers what is written.
type board struct{ written []leaderboard.Submission }

func (b *board) Write(_ context.Context, s leaderboard.Submission) (leaderboard.Ranked, error) {
	b.written = append(b.written, s)
	return leaderboard.Ranked{}, nil
}

// table is a match to be stepped by hand.
type table struct {
	*matchtest.Harness[fishState]
	board
	asked int // bots
}

func newTable(t *testing.T, how opening) *table {
	t.Helper()
	rules, err := arena.Load()
	require.NoError(t, err)
	tb := &table{}
	f := fish{rules: rules, wins: 1, countdown: 100 * time.Millisecond, boards: &tb.board, fill: func(_ match.ID, n int) { tb.asked += n }}
	tb.Harness = matchtest.New(t, f, matchtest.Config{Params: how})
	return tb
}

// roster is the last one that a player got.
func (tb *table) roster(t *testing.T, p presence.Presence) (r arena.Roster) {
	t.Helper()
	for _, m := range tb.Sent(p) {
		if m.Op == opRoster {
			r = arena.Roster{}
			require.NoError(t, json.Unmarshal(m.Data, &r))
		}
	}
	return r
}

// begin seats two players and lets them fight.
func (tb *table) begin(t *testing.T) (ann, bob presence.Presence) {
	t.Helper()
	ann, bob = tb.Join("ann"), tb.Join("bob")
	tb.Send(ann, opReady, nil)
	tb.Send(bob, opReady, nil)
	tb.Step(2)
	require.Equal(t, arena.Fight, tb.roster(t, ann).Phase)
	return ann, bob
}

func TestWhoWinsHasARowOnTheBoard(t *testing.T) {
	tb := newTable(t, opening{})
	ann, bob := tb.begin(t)
	for seq := range 300 { // Bob runs to the right, over the edge
		in, err := json.Marshal(arena.Input{Seq: seq + 1, Keys: arena.Right})
		require.NoError(t, err)
		tb.Send(bob, opInput, in)
		tb.Step(1)
		if len(tb.written) > 0 {
			break
		}
	}
	require.Equal(t, []leaderboard.Submission{{Board: wins, Owner: ann.User, Username: ann.Username, Score: 1}}, tb.written)
	r := tb.roster(t, ann)
	require.Equal(t, arena.MatchOver, r.Phase)
	require.Equal(t, ann.User, r.Players[r.Winner].ID)
}

func TestWhoStaysHasWonToo(t *testing.T) {
	tb := newTable(t, opening{fill: time.Second})
	ann, bob := tb.begin(t)
	tb.Leave(bob)
	tb.Step(1)
	require.Equal(t, []leaderboard.Submission{{Board: wins, Owner: ann.User, Username: ann.Username, Score: 1}}, tb.written)
	require.Equal(t, arena.MatchOver, tb.roster(t, ann).Phase)
	require.Zero(t, tb.asked)

	tb.Send(ann, opReady, nil)
	tb.Advance(2 * time.Second)
	require.Equal(t, 3, tb.asked, "who plays again gets bots if nobody else comes")
}

func TestAWinAgainstBotsHasNoRow(t *testing.T) {
	tb := newTable(t, opening{})
	ann := tb.Join("ann")
	bot := tb.Join(botUser + "1")
	tb.Send(ann, opReady, nil)
	tb.Step(2)
	require.Equal(t, arena.Fight, tb.roster(t, ann).Phase)
	tb.Leave(bot)
	tb.Step(1)
	r := tb.roster(t, ann)
	require.Equal(t, arena.MatchOver, r.Phase)
	require.False(t, r.Ranked)
	require.Empty(t, tb.written)
}

func TestNobodyJoinsAFight(t *testing.T) {
	tb := newTable(t, opening{})
	tb.begin(t)
	require.EqualError(t, tb.Reject("cid"), "match: join rejected: The fight has begun")
	require.JSONEq(t, `{"mode":"fish","open":false,"players":2}`, tb.Label())
}

func TestNonsenseIsIgnored(t *testing.T) {
	tb := newTable(t, opening{})
	ann, _ := tb.begin(t)
	for _, data := range []string{"", "null", "[]", `{"s":"x"}`, `{"s":1e99}`, "\xff"} {
		tb.Send(ann, opInput, []byte(data))
	}
	tb.Send(ann, 12345, []byte("?"))
	tb.Step(1)
	ended, err := tb.Ended()
	require.False(t, ended, "%v", err)
}

func TestASeatIsHeldAndTakenBack(t *testing.T) {
	tb := newTable(t, opening{})
	ann, bob := tb.begin(t)
	tb.Disconnect(bob)
	tb.Step(1)
	require.True(t, tb.roster(t, ann).Players[1].Away)
	bob = tb.Join("bob")
	tb.Step(1)
	r := tb.roster(t, ann)
	require.False(t, r.Players[1].Away)
	require.Equal(t, bob.User, r.Players[1].ID)

	tb.Disconnect(bob)
	tb.Advance(holdFor + time.Second)
	require.Nil(t, tb.roster(t, ann).Players[1], "after a while it is free")
}

func TestWhenBotsAreSentFor(t *testing.T) {
	t.Run("after a while", func(t *testing.T) {
		tb := newTable(t, opening{fill: time.Second})
		tb.Join("ann")
		tb.Advance(900 * time.Millisecond)
		require.Zero(t, tb.asked)
		tb.Advance(200 * time.Millisecond)
		require.Equal(t, 3, tb.asked)
	})
	t.Run("to a private match when asked for", func(t *testing.T) {
		tb := newTable(t, opening{private: true})
		ann := tb.Join("ann")
		tb.Advance(time.Minute)
		require.Zero(t, tb.asked)
		require.Contains(t, tb.Label(), `"private"`)
		tb.Send(ann, opFill, nil)
		tb.Step(1)
		require.Equal(t, 3, tb.asked)
	})
}

func TestBotsPlayAndLeaveWithTheLastPlayer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules, err := arena.Load()
		require.NoError(t, err)
		matches, err := match.New(match.Config{})
		require.NoError(t, err)
		crew := &bots{matches: matches, rules: rules}
		match.Register(matches, "fish", fish{rules: rules, wins: 1, boards: &board{}, fill: crew.send})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- matches.Run(ctx) }()

		id, err := matches.Create(ctx, "fish", opening{fill: time.Second})
		require.NoError(t, err)
		ann := presence.Presence{User: "ann", Session: "a", Username: "Ann"}
		require.NoError(t, matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: ann}}))
		time.Sleep(2 * time.Second)
		info, err := matches.Get(id)
		require.NoError(t, err)
		require.Equal(t, arena.Seats, info.Size)
		require.NoError(t, matches.Send(id, ann.Session, match.Message{Op: opReady}))
		time.Sleep(3 * time.Second)

		require.NoError(t, matches.Leave(id, ann.Session, match.Left))
		synctest.Wait()
		_, err = matches.Get(id)
		require.ErrorIs(t, err, match.ErrNotFound, "bots do not play on for ever")
		stop()
		require.NoError(t, <-done)
	})
}

func TestCodes(t *testing.T) {
	now := time.Now()
	c := newCodes(func() time.Time { return now })
	code := c.code("one")
	require.Len(t, code, codeLength)
	require.NotEqual(t, code, c.code("two"))
	require.Equal(t, code, c.code("one"), "a match has one code")
	id, ok := c.match(" " + code + "\n")
	require.True(t, ok)
	require.Equal(t, "one", id)
	_, ok = c.match("AAAA1")
	require.False(t, ok)
	now = now.Add(codeFor)
	_, ok = c.match(code)
	require.False(t, ok, "codes do not last")
	for i := range maxCodes + 10 {
		c.code(strconv.Itoa(i))
	}
	require.LessOrEqual(t, len(c.known), maxCodes)
}

func TestAFloodIsDropped(t *testing.T) {
	tb := newTable(t, opening{})
	ann, bob := tb.begin(t)
	heard := func(p presence.Presence) (echoes int) {
		for _, m := range tb.Sent(p) {
			if m.Op == opEcho {
				echoes++
			}
		}
		return echoes
	}
	for range 1000 {
		tb.Send(ann, opSay, []byte("?"))
	}
	tb.Send(bob, opSay, []byte("hello"))
	tb.Step(1)
	require.LessOrEqual(t, heard(ann), 60)
	require.Equal(t, 1, heard(bob))
}
