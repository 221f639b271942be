package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/store/memory"
)

const day = 24 * time.Hour

type table struct {
	*matchtest.Harness[game]
	ann, bob presence.Presence
}

func deal(t *testing.T, length int) *table {
	h := matchtest.New(t, words{turn: 3 * day, length: length}, matchtest.Config{})
	tb := &table{Harness: h, ann: h.Join("ann"), bob: h.Join("bob")}
	h.Step(1)
	h.Sent(tb.ann)
	h.Sent(tb.bob)
	return tb
}

// say makes a move, and returns why it was refused.
func (tb *table) say(p presence.Presence, word string) string {
	tb.Send(p, opPlay, []byte(word))
	tb.Advance(time.Second)
	for _, m := range tb.Sent(p) {
		if m.Op == opRefused {
			return string(m.Data)
		}
	}
	return ""
}

func TestTheRules(t *testing.T) {
	tb := deal(t, 4)
	require.Equal(t, "it is not your turn", tb.say(tb.bob, "apple"))
	require.Empty(t, tb.say(tb.ann, "apple"))
	require.Equal(t, `the word must begin with 'e'`, tb.say(tb.bob, "banana"))
	require.Equal(t, "a word has 2 to 32 letters from a to z", tb.say(tb.bob, "Eel"))
	require.Empty(t, tb.say(tb.bob, "elle"))
	require.Empty(t, tb.say(tb.ann, "ease"))
	require.Equal(t, "that has been said", tb.say(tb.bob, "elle"))
	require.Empty(t, tb.say(tb.bob, "elephant"))
	require.True(t, tb.State().Over)
	require.Equal(t, "bob", tb.State().Winner, "12 letters to 9")
	require.Equal(t, "the game is over", tb.say(tb.ann, "tea"))
	require.JSONEq(t, `{"game":"words","open":false,"players":["ann","bob"]}`, tb.Label())

	tb.Advance(shown)
	ended, err := tb.Ended()
	require.True(t, ended)
	require.NoError(t, err)
}

func TestWhoLetsTheTimePassLoses(t *testing.T) {
	tb := deal(t, 20)
	require.Empty(t, tb.say(tb.ann, "apple"))
	tb.Advance(3*day - 2*time.Second)
	require.False(t, tb.State().Over)
	tb.Advance(3 * time.Second)
	require.Equal(t, "ann", tb.State().Winner)
}

func TestASeatIsKeptAndGivenUp(t *testing.T) {
	tb := deal(t, 20)
	tb.Disconnect(tb.ann)
	require.ErrorContains(t, tb.Reject("cid"), "full")
	back := tb.Join("ann")
	var g game
	sent := tb.Sent(back)
	require.NoError(t, json.Unmarshal(sent[len(sent)-1].Data, &g))
	require.Equal(t, *tb.State(), g, "and sees the game")
	tb.Leave(tb.bob)
	require.Equal(t, "ann", tb.State().Winner)
	require.ErrorContains(t, tb.Reject("cid"), "the game has begun")
}

func TestAGameGoesOnAfterACrash(t *testing.T) {
	h := matchtest.New(t, words{turn: 3 * day, length: 20}, matchtest.Config{Snapshots: memory.New()})
	tb := &table{Harness: h, ann: h.Join("ann"), bob: h.Join("bob")}
	h.Step(1)
	require.Empty(t, tb.say(tb.ann, "apple"))
	h.Kill()
	tb.bob = h.Join("bob")
	require.Empty(t, tb.say(tb.bob, "elle"))
	h.Advance(day)
	h.Restart()
	tb.ann = h.Join("ann")
	require.Empty(t, tb.say(tb.ann, "ease"))
	require.Len(t, h.State().Words, 3)
	h.Advance(4 * day)
	require.Equal(t, "ann", h.State().Winner, "bob let the time pass")
}

func TestAGameThatNobodyComesToEnds(t *testing.T) {
	h := matchtest.New(t, words{turn: day, length: 20}, matchtest.Config{})
	h.Leave(h.Join("ann"))
	ended, _ := h.Ended()
	require.True(t, ended)
}
