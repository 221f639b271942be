package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Op codes of the match.
const (
	opInput     = 1 // from a player
	opEcho      = 2 // the same back to it, at the next tick
	opBroadcast = 3 // to all, each tick
)

// minPayload holds the tick and the time of a broadcast.
const minPayload = 16

// bench is the match: it echoes and broadcasts.
type bench struct {
	match.NopHandler[benchState]
	late *lateness // of all matches
}

type benchState struct{ payload []byte }

// benchParams are those of the RPC create_bench_match.
type benchParams struct {
	TickRate int `json:"tick_rate"`
	Payload  int `json:"payload"`
}

func (bench) Init(_ context.Context, p match.Params) (benchState, match.Settings, error) {
	params, _ := p.Value.(benchParams)
	return benchState{payload: make([]byte, max(minPayload, params.Payload))}, match.Settings{
		Every:      match.PerSecond(float64(params.TickRate)),
		Label:      fmt.Sprintf(`{"mode":"bench","open":1,"rank":%d}`, rand.IntN(101)),
		EmptyAfter: 30 * time.Second,
	}, nil
}

func (b bench) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, s *benchState, in []match.Message) error {
	b.late.add(t.At.Sub(t.Scheduled))
	for i := range in {
		if in[i].Op != opInput {
			continue
		}
		to := [1]presence.Presence{in[i].From}
		if err := d.Broadcast(match.Outgoing{Op: opEcho, Data: in[i].Data, To: to[:]}); err != nil {
			return err
		}
	}
	if len(d.Members()) == 0 {
		return nil
	}
	binary.LittleEndian.PutUint64(s.payload, uint64(t.N))
	binary.LittleEndian.PutUint64(s.payload[8:], uint64(time.Now().UnixNano()))
	return d.Broadcast(match.Outgoing{Op: opBroadcast, Data: s.payload})
}

func createMatch(matches *match.Registry) nakama.RPC {
	return func(ctx context.Context, _ nakama.Caller, payload string) (string, error) {
		p := benchParams{TickRate: 10, Payload: 200}
		if err := decode(payload, &p); err != nil {
			return "", err
		}
		const most = 1 << 20
		if p.TickRate < 1 || p.Payload < 0 || p.Payload > most {
			return "", &nakama.Error{Code: nakama.InvalidArgument, Message: "tick_rate or payload out of range"}
		}
		id, err := matches.Create(ctx, "bench", p)
		if err != nil {
			return "", err
		}
		return encode(map[string]any{"match_id": id})
	}
}

func listMatches(matches *match.Registry) nakama.RPC {
	return func(_ context.Context, _ nakama.Caller, payload string) (string, error) {
		p := struct {
			Query string `json:"query"`
			Limit int    `json:"limit"`
		}{Limit: 10}
		if err := decode(payload, &p); err != nil {
			return "", err
		}
		found, err := matches.List(match.ListRequest{Query: p.Query, Limit: p.Limit})
		if err != nil {
			return "", &nakama.Error{Code: nakama.InvalidArgument, Message: err.Error()}
		}
		return encode(map[string]any{"count": len(found.Matches)})
	}
}

func decode(payload string, into any) error {
	if err := json.Unmarshal([]byte(payload), into); err != nil {
		return &nakama.Error{Code: nakama.InvalidArgument, Message: "payload: " + err.Error()}
	}
	return nil
}

func encode(v any) (string, error) {
	out, err := json.Marshal(v)
	return string(out), err
}
