package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"

	"github.com/shoal-go/shoal/examples/fishgame/arena"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// botUser begins the user ids of bots; those of accounts are plain UUIDs.
const botUser = "bot-"

var botNames = []string{"Barnacle Bob", "Coral Carla", "Finn Diesel", "Gill Bates", "Marlin Monroe", "Salmon Rushdie", "Shelly", "Tuna Turner"}

// bots are players without a socket: each is a member of a match like any other, with a goroutine that reads what the match
// sends and answers with inputs.
type bots struct {
	matches *match.Registry
	rules   *arena.Rules
}

func isBot(user string) bool { return strings.HasPrefix(user, botUser) }

// send lets some bots join a match. It does not wait for them.
func (b *bots) send(id match.ID, count int) {
	first := rand.IntN(len(botNames)) //nolint:gosec // no secret
	for i := range count {
		who := presence.Presence{
			User: botUser + uuid.NewString(), Session: uuid.NewString(), Username: botNames[(first+i)%len(botNames)],
		}
		go b.play(context.Background(), id, who) // until the match has ended
	}
}

// play is the life of a bot.
func (b *bots) play(ctx context.Context, id match.ID, who presence.Presence) {
	var eyes match.Sink
	err := b.matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: who}, Sink: &eyes})
	if err != nil {
		return // somebody else was faster, or the match is over
	}
	brain, seat, seq := arena.NewBot(b.rules, rand.Uint64()), -1, 0 //nolint:gosec // no secret
	for {
		event, err := eyes.Next(ctx)
		if err != nil {
			return
		}
		switch event.Data.Op {
		case opRoster:
			seat = seatOf(who.User, event.Data.Data)
		case opSnapshot:
			var seen arena.Snapshot
			if json.Unmarshal(event.Data.Data, &seen) != nil || seen.Phase != arena.Fight {
				continue
			}
			seq++
			in := fmt.Appendf(nil, `{"s":%d,"k":%d,"v":%d}`, seq, brain.Keys(&seen, seat), seen.Tick)
			if b.matches.Send(id, who.Session, match.Message{Op: opInput, Data: in}) != nil {
				return // kicked, or the match is over
			}
		}
	}
}

// seatOf is the seat of a user in a roster, -1 for none.
func seatOf(user string, data []byte) int {
	var roster arena.Roster
	if json.Unmarshal(data, &roster) == nil {
		for i, p := range roster.Players {
			if p != nil && p.ID == user {
				return i
			}
		}
	}
	return -1
}
