package main

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
)

const turn = 10 * time.Second

// table is a duel of two, with known cards.
type table struct {
	*matchtest.Harness[state]
	t        *testing.T
	ann, bob presence.Presence
}

func deal(t *testing.T) *table {
	h := matchtest.New(t, duel{turn: turn}, matchtest.Config{})
	tb := &table{Harness: h, t: t, ann: h.Join("ann"), bob: h.Join("bob")}
	for _, f := range h.State().fighters {
		f.hand = []int{1, 3, 6}
	}
	h.Step(1)
	h.Sent(tb.ann)
	h.Sent(tb.bob)
	return tb
}

// play makes a move, and returns why it was refused.
func (tb *table) play(p presence.Presence, card string) string {
	tb.t.Helper()
	tb.Send(p, opPlay, []byte(card))
	tb.Step(1)
	for _, m := range tb.Sent(p) {
		if m.Op == opRefused {
			return string(m.Data)
		}
	}
	return ""
}

// sees is the last state that a player got.
func (tb *table) sees(p presence.Presence) (v view) {
	tb.t.Helper()
	sent := tb.Sent(p)
	require.NotEmpty(tb.t, sent)
	require.NoError(tb.t, json.Unmarshal(sent[len(sent)-1].Data, &v))
	return v
}

func TestCardsAndTurns(t *testing.T) {
	tb := deal(t)
	require.Equal(t, "it is not your turn", tb.play(tb.bob, "3"))
	require.Equal(t, "you have no such card", tb.play(tb.ann, "5"))
	require.Equal(t, "that is no move", tb.play(tb.ann, "x"))
	require.Empty(t, tb.play(tb.ann, "3"))
	v := tb.sees(tb.bob)
	require.Equal(t, health-3, v.Health)
	require.True(t, v.Yours)
	require.Equal(t, 3, v.Facing)
	require.Len(t, v.Hand, handSize)
	require.Empty(t, tb.play(tb.bob, "6"))
	require.Equal(t, health-3, tb.sees(tb.ann).Health, "6 against 3")
	require.Empty(t, tb.play(tb.ann, "1"))
	require.Equal(t, health-4, tb.sees(tb.bob).Health, "the weakest card hurts a little")
}

func TestADuelHasAnEnd(t *testing.T) {
	tb := deal(t)
	for i := 0; ; i++ {
		if over, _ := tb.Ended(); over {
			break
		}
		p := []presence.Presence{tb.ann, tb.bob}[i%2]
		require.Empty(t, tb.play(p, strconv.Itoa(tb.State().fighters[i%2].hand[0])))
		require.Less(t, i, 4*health)
	}
	_, err := tb.Ended()
	require.NoError(t, err)
	require.NotEmpty(t, tb.State().winner)
}

func TestWhoDoesNotMoveInTime(t *testing.T) {
	tb := deal(t)
	tb.Advance(turn)
	require.Equal(t, health-1, tb.sees(tb.bob).Health, "the weakest card was played")
	require.Empty(t, tb.play(tb.bob, "3"))
	tb.Advance(turn + time.Second)
	require.Equal(t, "bob", tb.sees(tb.bob).Winner)
	over, err := tb.Ended()
	require.True(t, over)
	require.NoError(t, err)
}

func TestWhoLosesTheConnectionMayReturn(t *testing.T) {
	tb := deal(t)
	tb.Disconnect(tb.ann)
	back := tb.Join("ann")
	require.True(t, tb.sees(back).Yours)
	require.Empty(t, tb.play(back, "6"))

	tb.Leave(tb.bob)
	require.Equal(t, "ann", tb.sees(back).Winner)
	over, _ := tb.Ended()
	require.True(t, over)
}

func TestNobodyToFight(t *testing.T) {
	h := matchtest.New(t, duel{turn: turn}, matchtest.Config{})
	ann := h.Join("ann")
	h.Advance(time.Hour)
	h.Leave(ann)
	over, _ := h.Ended()
	require.True(t, over)
}
