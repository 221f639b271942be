package party_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
)

// Players come, go, ask, are let in and thrown out, all at once: the race detector looks on, no party gets more members
// than it has room for, and in the end nothing is left.
func TestEverythingAtOnce(t *testing.T) {
	v := &views{all: map[string]map[party.ID]*view{}}
	p, err := party.New(party.Config{Outbox: v, Queue: &queue{}})
	require.NoError(t, err)
	var ids []party.ID
	for i := range 3 {
		host := who(fmt.Sprint("host", i))
		id, err := p.Create(party.CreateRequest{
			Who: host, MaxSize: 3, Settings: party.Settings{Open: i > 0}, Accepted: func(s party.State) { v.set(s.ID, s) },
		})
		require.NoError(t, err)
		ids = append(ids, id)
	}
	var wg sync.WaitGroup
	for g := range 6 {
		me := who(fmt.Sprint(g))
		wg.Go(func() {
			for i := range 60 {
				id := ids[(g+i)%len(ids)]
				_, _ = p.Join(party.JoinRequest{ID: id, Who: me})
				host := party.Call{ID: id, Session: fmt.Sprint("host", (g+i)%len(ids))}
				_ = p.Accept(host, who(fmt.Sprint(i%6)))
				_, _ = p.Enqueue(id, host.Session, party.Ticket{})
				if err := p.Send(party.Call{ID: id, Session: me.Session}, 1, nil); err != nil && !errors.Is(err, party.ErrNotMember) {
					t.Error(err)
				}
				info, err := p.Get(id)
				assert.NoError(t, err)
				assert.LessOrEqual(t, info.Size, 3)
				_, _ = p.List(party.ListRequest{Query: "label.a:b"})
				switch i % 4 {
				case 0:
					_ = p.Leave(id, me.Session)
				case 1:
					_ = p.Remove(host, who(fmt.Sprint((i+1)%6)))
				case 2:
					p.LeaveOthers(me.Session, id)
				case 3:
					p.LeaveAll(me.Session)
				}
			}
			p.LeaveAll(me.Session)
		})
	}
	wg.Wait()
	for i, id := range ids {
		info, _ := p.Get(id)
		require.Equal(t, 1, info.Size)
		p.LeaveAll(fmt.Sprint("host", i))
	}
	page, err := p.List(party.ListRequest{Hidden: true})
	require.NoError(t, err)
	require.Empty(t, page.Parties)
}

// An accept that meets the disconnect of the one who asked lets in somebody who is taken out again, or nobody.
func TestNobodyWhoIsGoneGetsIn(t *testing.T) {
	for range 200 {
		p, err := party.New(party.Config{Outbox: &recorder{}})
		require.NoError(t, err)
		id, err := p.Create(party.CreateRequest{Who: ann, MaxSize: 2})
		require.NoError(t, err)
		_, err = p.Join(party.JoinRequest{ID: id, Who: bob})
		require.NoError(t, err)
		var wg sync.WaitGroup
		wg.Go(func() { p.LeaveAll(bob.Session) })
		wg.Go(func() {
			if err := p.Accept(party.Call{ID: id, Session: ann.Session}, bob); err != nil {
				assert.ErrorIs(t, err, party.ErrRequestNotFound)
			}
		})
		wg.Wait()
		info, _ := p.Get(id)
		require.Equal(t, 1, info.Size)
		require.NoError(t, p.Requests(id, ann.Session, func(pending []presence.Presence) { assert.Empty(t, pending) }))
	}
}

// A join that meets the leave of the last member is in the party or told that there is none.
func TestJoinWhileTheLastMemberLeaves(t *testing.T) {
	p, err := party.New(party.Config{Outbox: &recorder{}})
	require.NoError(t, err)
	for range 200 {
		id, err := p.Create(party.CreateRequest{Who: ann, MaxSize: 2, Settings: party.Settings{Open: true}})
		require.NoError(t, err)
		var in bool
		var wg sync.WaitGroup
		wg.Go(func() { p.LeaveAll(ann.Session) })
		wg.Go(func() {
			var err error
			if in, err = p.Join(party.JoinRequest{ID: id, Who: bob}); err != nil {
				assert.ErrorIs(t, err, party.ErrNotFound)
			}
		})
		wg.Wait()
		_, err = p.Get(id)
		require.Equal(t, in, err == nil)
		p.LeaveAll(bob.Session)
	}
}
