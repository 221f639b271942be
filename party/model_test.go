package party_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
)

// views is an Outbox that does what a client does: it keeps each session's picture of its parties by the events alone.
type views struct {
	mu  sync.Mutex
	all map[string]map[party.ID]*view
}

type view struct {
	members []string
	leader  string
}

func (v *views) set(id party.ID, s party.State) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.setLocked(id, s)
}

func (v *views) setLocked(id party.ID, s party.State) {
	if v.all[s.Self.Session] == nil {
		v.all[s.Self.Session] = map[party.ID]*view{}
	}
	seen := &view{leader: s.Leader.Session}
	for _, m := range s.Members {
		seen.members = append(seen.members, m.Session)
	}
	v.all[s.Self.Session][id] = seen
}

func (v *views) PartyEvent(id party.ID, to []presence.Presence, e party.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if e, ok := e.(party.Welcome); ok {
		v.setLocked(id, e.State)
		return
	}
	for _, p := range to {
		seen := v.all[p.Session][id]
		if seen == nil {
			panic(fmt.Sprintf("%s is told of a party that it is not in: %s", p.Session, text(e)))
		}
		switch e := e.(type) {
		case party.Members:
			for _, who := range e.Joined {
				if !slices.Contains(seen.members, who.Session) {
					seen.members = append(seen.members, who.Session)
				}
			}
			for _, who := range e.Left {
				seen.members = slices.DeleteFunc(seen.members, func(s string) bool { return s == who.Session })
			}
		case party.Leader:
			seen.leader = e.Who.Session
		case party.Closed:
			delete(v.all[p.Session], id)
		}
	}
}

func (v *views) Flush(party.ID, []presence.Presence) {}

// left is for a session that left by itself, which no event tells.
func (v *views) left(session string, id party.ID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.all[session], id)
}

// truth is one party, done again in the plainest way.
type truth struct {
	id      party.ID
	open    bool
	max     int
	members []string
	leader  string
	pending []string
}

// oracle says what every call must answer.
type oracle struct {
	*party.Parties
	*views
	parties []*truth
}

var players = []string{"ann", "bob", "cid", "dan", "eve"}

func (o *oracle) pick(t *rapid.T) *truth {
	if len(o.parties) == 0 {
		t.Skip("no party")
	}
	return rapid.SampledFrom(o.parties).Draw(t, "party")
}

func player(t *rapid.T, what string) presence.Presence {
	return who(rapid.SampledFrom(players).Draw(t, what))
}

func (o *oracle) create(t *rapid.T) {
	p := player(t, "who")
	x := &truth{
		open: rapid.Bool().Draw(t, "open"), max: rapid.IntRange(1, 4).Draw(t, "max"),
		members: []string{p.Session}, leader: p.Session,
	}
	var err error
	x.id, err = o.Create(party.CreateRequest{
		Who: p, MaxSize: x.max, Settings: party.Settings{Open: x.open},
		Accepted: func(s party.State) { o.set(s.ID, s) },
	})
	require.NoError(t, err)
	o.parties = append(o.parties, x)
}

func (o *oracle) join(t *rapid.T) {
	x, p := o.pick(t), player(t, "who")
	member, asked := slices.Contains(x.members, p.Session), slices.Contains(x.pending, p.Session)
	in, err := o.Join(party.JoinRequest{ID: x.id, Who: p})
	switch {
	case member && x.open:
		require.NoError(t, err)
	case member:
		require.ErrorIs(t, err, party.ErrAlreadyMember)
	case len(x.members) == x.max:
		require.ErrorIs(t, err, party.ErrFull)
	case x.open:
		require.NoError(t, err)
		require.True(t, in)
		x.pending = without(x.pending, p.Session)
		x.members = append(x.members, p.Session)
	case asked:
		require.ErrorIs(t, err, party.ErrAlreadyAsked)
	case len(x.pending) == x.max:
		require.ErrorIs(t, err, party.ErrTooManyRequests)
	default:
		require.NoError(t, err)
		require.False(t, in)
		x.pending = append(x.pending, p.Session)
	}
}

func (o *oracle) accept(t *rapid.T) {
	x, by, p := o.pick(t), player(t, "by"), player(t, "who")
	err := o.Accept(party.Call{ID: x.id, Session: by.Session}, p)
	switch {
	case by.Session != x.leader:
		require.ErrorIs(t, err, party.ErrNotLeader)
	case !slices.Contains(x.pending, p.Session):
		require.ErrorIs(t, err, party.ErrRequestNotFound)
	case len(x.members) == x.max:
		require.ErrorIs(t, err, party.ErrFull)
	default:
		require.NoError(t, err)
		x.pending = without(x.pending, p.Session)
		x.members = append(x.members, p.Session)
	}
}

func (o *oracle) remove(t *rapid.T) {
	x, by, p := o.pick(t), player(t, "by"), player(t, "who")
	err := o.Remove(party.Call{ID: x.id, Session: by.Session}, p)
	switch {
	case by.Session != x.leader:
		require.ErrorIs(t, err, party.ErrNotLeader)
	case slices.Contains(x.pending, p.Session):
		require.NoError(t, err)
		x.pending = without(x.pending, p.Session)
	case p.Session == x.leader:
		require.ErrorIs(t, err, party.ErrRemoveSelf)
	case !slices.Contains(x.members, p.Session):
		require.ErrorIs(t, err, party.ErrNotMember)
	default:
		require.NoError(t, err)
		x.members = without(x.members, p.Session)
	}
}

func (o *oracle) promote(t *rapid.T) {
	x, by, p := o.pick(t), player(t, "by"), player(t, "who")
	err := o.Promote(party.Call{ID: x.id, Session: by.Session}, p)
	switch {
	case by.Session != x.leader:
		require.ErrorIs(t, err, party.ErrNotLeader)
	case !slices.Contains(x.members, p.Session):
		require.ErrorIs(t, err, party.ErrNotMember)
	default:
		require.NoError(t, err)
		x.leader = p.Session
	}
}

func (o *oracle) update(t *rapid.T) {
	x := o.pick(t)
	x.open = rapid.Bool().Draw(t, "open")
	require.NoError(t, o.Update(party.Call{ID: x.id, Session: x.leader}, party.Settings{Open: x.open}))
}

func (o *oracle) close(t *rapid.T) {
	x := o.pick(t)
	require.NoError(t, o.Close(party.Call{ID: x.id, Session: x.leader}))
	x.members = nil
}

func (o *oracle) leave(t *rapid.T) {
	x, p := o.pick(t), player(t, "who")
	_ = o.Leave(x.id, p.Session)
	o.gone(x, p.Session)
}

func (o *oracle) leaveAll(t *rapid.T) {
	p := player(t, "who")
	o.LeaveAll(p.Session)
	for _, x := range o.parties {
		o.gone(x, p.Session)
	}
}

func (o *oracle) gone(x *truth, session string) {
	o.left(session, x.id)
	x.pending = without(x.pending, session)
	x.members = without(x.members, session)
	if x.leader == session && len(x.members) > 0 {
		x.leader = x.members[0]
	}
}

func without(list []string, s string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(other string) bool { return other == s })
}

// check compares everything that can be seen with the truth.
func (o *oracle) check(t *rapid.T) {
	o.parties = slices.DeleteFunc(o.parties, func(x *truth) bool {
		if len(x.members) > 0 {
			return false
		}
		_, err := o.Get(x.id)
		require.ErrorIs(t, err, party.ErrNotFound, "a party without members is over")
		for _, session := range players {
			require.NotContains(t, o.all[session], x.id)
		}
		return true
	})
	for _, x := range o.parties {
		info, err := o.Get(x.id)
		require.NoError(t, err)
		require.Equal(t, len(x.members), info.Size)
		var pending []string
		require.NoError(t, o.Requests(x.id, x.leader, func(all []presence.Presence) {
			for _, p := range all {
				pending = append(pending, p.Session)
			}
		}))
		require.Equal(t, strings.Join(x.pending, " "), strings.Join(pending, " "))
		for _, session := range players {
			seen := o.all[session][x.id]
			require.Equal(t, slices.Contains(x.members, session), seen != nil)
			if seen != nil {
				require.Equal(t, &view{x.members, x.leader}, seen, "as %s sees it", session)
			}
		}
	}
	page, err := o.List(party.ListRequest{Limit: 1000})
	require.NoError(t, err)
	require.Len(t, page.Parties, len(o.parties))
}

// Whatever happens in whatever order, all members see the same list and the same leader, and it is the right one.
func TestMembersAreNeverOutOfStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := &views{all: map[string]map[party.ID]*view{}}
		p, err := party.New(party.Config{Outbox: v})
		require.NoError(t, err)
		o := &oracle{Parties: p, views: v}
		t.Repeat(map[string]func(*rapid.T){
			"create": o.create, "join": o.join, "join again": o.join, "accept": o.accept, "remove": o.remove,
			"promote": o.promote, "update": o.update, "close": o.close, "leave": o.leave, "disconnect": o.leaveAll,
			"": o.check,
		})
	})
}
