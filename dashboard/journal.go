package dashboard

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

const (
	keptEvents  = 50  // of each match
	keptEnded   = 100 // matches that have ended
	keptServers = 100 // events of the server
)

// event is something that happened.
type event struct {
	At   int64  `json:"at"` // ms
	Kind string `json:"kind"`
	Who  string `json:"who,omitempty"`
	What string `json:"what,omitempty"`
	N    int    `json:"n,omitempty"`
	// Match is set in the events of the server.
	Match   match.ID `json:"match,omitempty"`
	Handler string   `json:"handler,omitempty"`
}

// events are the latest of one match, or of the server. They are bounded.
type events struct {
	mu    sync.Mutex
	all   []event
	most  int
	count uint64 // changes so far
}

// add notes an event. One that repeats the one before it is counted there: a flood of drops is one line.
func (e *events) add(one event) {
	one.At = time.Now().UnixMilli()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count++
	if last := len(e.all) - 1; last >= 0 && one.N > 0 {
		if l := &e.all[last]; l.Kind == one.Kind && l.Who == one.Who && l.What == one.What {
			l.N += one.N
			l.At = one.At
			return
		}
	}
	if len(e.all) == e.most {
		e.all = slices.Delete(e.all, 0, 1)
	}
	e.all = append(e.all, one)
}

// since returns the events if there were changes after so many, and how many there are now.
func (e *events) since(count uint64) ([]event, uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.count == count {
		return nil, count
	}
	return slices.Clone(e.all), e.count
}

// journal is what happened in matches, those that run and the last that ended.
type journal struct {
	server events

	mu    sync.RWMutex
	of    map[match.ID]*events
	ended []match.ID // in a circle
	next  int
}

func newJournal() *journal {
	return &journal{server: events{most: keptServers}, of: make(map[match.ID]*events)}
}

// match returns the events of a match, or nil.
func (j *journal) match(id match.ID) *events {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.of[id]
}

func (j *journal) note(id match.ID, e event) {
	if of := j.match(id); of != nil {
		of.add(e)
	}
}

func (j *journal) hooks() match.Hooks {
	return match.Hooks{
		Created: j.created,
		Ended:   j.over,
		Joined:  func(id match.ID, who presence.Presence) { j.note(id, event{Kind: "joined", Who: name(who)}) },
		Refused: func(id match.ID, who presence.Presence, cause error) {
			j.note(id, event{Kind: "refused", Who: name(who), What: cause.Error(), N: 1})
		},
		Left: func(id match.ID, gone match.Departure) {
			j.note(id, event{Kind: "left", Who: name(gone.Presence), What: gone.Reason.String()})
		},
		Held: func(id match.ID, who presence.Presence, keep time.Duration) {
			j.note(id, event{Kind: "held", Who: name(who), What: "seat kept for " + keep.String()})
		},
		Slow: func(id match.ID, callback string, _ time.Duration) {
			j.note(id, event{Kind: "slow", What: callback, N: 1})
		},
		Dropped: func(id match.ID, from presence.Presence, why match.Drop, n int) {
			j.note(id, event{Kind: "dropped", Who: name(from), What: why.String(), N: n})
		},
	}
}

func (j *journal) created(info match.Info) {
	e := event{Kind: "created", What: info.Label}
	of := &events{most: keptEvents}
	of.add(e)
	j.mu.Lock()
	j.of[info.ID] = of
	j.mu.Unlock()
	e.Match, e.Handler = info.ID, info.Handler
	j.server.add(e)
}

// over notes the end of a match, and forgets the one that ended longest ago.
func (j *journal) over(info match.Info, roster []presence.Presence, cause error) {
	e := event{Kind: "ended", What: fmt.Sprintf("with %d members", len(roster))}
	if cause != nil {
		e.What += ": " + cause.Error()
	}
	j.mu.Lock()
	of := j.of[info.ID]
	if of == nil { // it ended before its first turn
		of = &events{most: keptEvents}
		j.of[info.ID] = of
	}
	if len(j.ended) < keptEnded {
		j.ended = append(j.ended, info.ID)
	} else {
		delete(j.of, j.ended[j.next])
		j.ended[j.next] = info.ID
		j.next = (j.next + 1) % keptEnded
	}
	j.mu.Unlock()
	of.add(e)
	e.Match, e.Handler = info.ID, info.Handler
	j.server.add(e)
}

// name is how a player is shown.
func name(who presence.Presence) string {
	if who.Username != "" {
		return who.Username
	}
	return who.User
}
