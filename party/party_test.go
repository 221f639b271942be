package party_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
)

const unknown = party.ID("b84ed8ed-a7b1-502f-83f6-90132e68adef.shoal")

func TestNewRefusesAWrongConfig(t *testing.T) {
	for name, c := range map[string]party.Config{
		"no outbox":        {},
		"negative parties": {Outbox: &recorder{}, MaxParties: -1},
		"negative joined":  {Outbox: &recorder{}, MaxJoined: -1},
		"node with a dot":  {Outbox: &recorder{}, Node: "a.b"},
		"node too long":    {Outbox: &recorder{}, Node: "seventeen-letters"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := party.New(c)
			require.ErrorContains(t, err, "party: ")
		})
	}
}

func TestCreate(t *testing.T) {
	w := newWorld(t, party.Config{Node: "here"})
	var told party.State
	id, err := w.Create(party.CreateRequest{
		Who: ann, MaxSize: 4, Settings: party.Settings{Hidden: true, Label: `{"mode":"ffa"}`},
		Accepted: func(s party.State) {
			told = s
			w.note([]presence.Presence{ann}, "ok")
		},
	})
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(id), ".here"))
	require.Equal(t, "ann leader=ann of ann", state(told))
	require.Equal(t, party.Settings{Hidden: true, Label: `{"mode":"ffa"}`}, told.Settings)
	require.Equal(t, "ok +ann |", w.take(ann), "one reply, one event, and no second message about the party")

	info, err := w.Get(id)
	require.NoError(t, err)
	require.Equal(t, told.Info, info)
	require.Equal(t, 4, info.MaxSize)
	require.Equal(t, 1, info.Size)
	require.WithinDuration(t, time.Now(), info.Created, time.Minute)
}

func TestCreateRefuses(t *testing.T) {
	w := newWorld(t, party.Config{})
	for name, test := range map[string]struct {
		size  int
		label string
		want  error
	}{
		"no room":             {0, "", party.ErrMaxSize},
		"less than none":      {-1, "", party.ErrMaxSize},
		"too large":           {257, "", party.ErrMaxSize},
		"long label":          {4, `{"a":"` + strings.Repeat("x", 2042) + `"}`, party.ErrLabelTooLong},
		"label no object":     {4, `["a"]`, party.ErrLabel},
		"label no JSON":       {4, `{`, party.ErrLabel},
		"label with more":     {4, `{} {}`, party.ErrLabel},
		"largest":             {256, "", nil},
		"smallest":            {1, "{}", nil},
		"longest label":       {4, `{"a":"` + strings.Repeat("x", 2040) + `"}`, nil},
		"label of the others": {4, " {} ", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Create(party.CreateRequest{Who: ann, MaxSize: test.size, Settings: party.Settings{Label: test.label}})
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestLimits(t *testing.T) {
	w := newWorld(t, party.Config{MaxParties: 3, MaxJoined: 2})
	first, second := w.of(ann), w.of(ann)
	_, err := w.Create(party.CreateRequest{Who: ann, MaxSize: 1})
	require.ErrorIs(t, err, party.ErrTooMany, "of one session")
	third := w.of(bob)
	_, err = w.Create(party.CreateRequest{Who: cid, MaxSize: 1})
	require.ErrorIs(t, err, party.ErrTooMany, "of all")

	_, err = w.Join(party.JoinRequest{ID: third, Who: ann})
	require.ErrorIs(t, err, party.ErrTooMany)
	w.closed(third, bob)
	_, err = w.Join(party.JoinRequest{ID: third, Who: ann})
	require.ErrorIs(t, err, party.ErrTooMany, "a request takes a place too")
	require.NoError(t, w.Leave(first, ann.Session))
	_, err = w.Join(party.JoinRequest{ID: third, Who: ann})
	require.NoError(t, err)
	require.NoError(t, w.Accept(w.call(third, bob), ann), "the place of the request becomes that of the member")
	require.NoError(t, w.Leave(second, ann.Session))
	w.LeaveAll(ann.Session)
	w.LeaveAll(bob.Session)
	_, err = w.Get(third)
	require.ErrorIs(t, err, party.ErrNotFound)
}

func TestJoinOpen(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob)
	in, err := w.Join(party.JoinRequest{ID: id, Who: cid, Accepted: w.reply(cid)})
	require.NoError(t, err)
	require.True(t, in)
	require.Equal(t, "ok welcome(cid leader=ann of ann bob cid) +cid |", w.take(cid), "the reply comes first")
	require.Equal(t, "+cid |", w.take(ann))
	require.Equal(t, "+cid |", w.take(bob))

	in, err = w.Join(party.JoinRequest{ID: id, Who: cid, Accepted: w.reply(cid)})
	require.NoError(t, err, "again changes nothing")
	require.True(t, in)
	require.Equal(t, "ok", w.take(cid))
	require.Empty(t, w.take(ann))

	_, err = w.Join(party.JoinRequest{ID: id, Who: dan})
	require.NoError(t, err)
	_, err = w.Join(party.JoinRequest{ID: id, Who: who("eve")})
	require.ErrorIs(t, err, party.ErrFull)
	_, err = w.Join(party.JoinRequest{ID: unknown, Who: ann})
	require.ErrorIs(t, err, party.ErrNotFound)
}

func TestJoinClosed(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob)
	w.closed(id, ann)
	w.silence(ann, bob)
	ask := func(p presence.Presence) error {
		in, err := w.Join(party.JoinRequest{ID: id, Who: p, Accepted: w.reply(p)})
		require.Equal(t, p == bob, in)
		return err
	}
	require.ErrorIs(t, ask(bob), party.ErrAlreadyMember)
	require.NoError(t, ask(cid))
	require.Equal(t, "ok", w.take(cid), "nothing else until the leader decides")
	require.Equal(t, "asked=cid |", w.take(ann))
	require.Empty(t, w.take(bob))
	require.ErrorIs(t, ask(cid), party.ErrAlreadyAsked)
	elsewhere := who("cid's phone")
	elsewhere.User = cid.User
	require.ErrorIs(t, ask(elsewhere), party.ErrAlreadyAsked, "a user asks once")

	for _, name := range []string{"dan", "eve", "fay"} {
		require.NoError(t, ask(who(name)))
	}
	require.ErrorIs(t, ask(who("gus")), party.ErrTooManyRequests)
	w.silence(ann, dan)

	wrong := cid
	wrong.Username = "another"
	require.ErrorIs(t, w.Accept(w.call(id, ann), wrong), party.ErrRequestNotFound)
	require.NoError(t, w.Accept(w.call(id, ann), cid))
	require.Equal(t, "ok +cid |", w.take(ann))
	require.Equal(t, "welcome(cid leader=ann of ann bob cid) +cid |", w.take(cid))
	require.ErrorIs(t, w.Accept(w.call(id, ann), cid), party.ErrRequestNotFound)
	require.NoError(t, w.Accept(w.call(id, ann), dan))
	require.ErrorIs(t, w.Accept(w.call(id, ann), who("eve")), party.ErrFull)
	require.ErrorIs(t, ask(who("gus")), party.ErrFull)
}

func TestRequests(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann)
	w.closed(id, ann)
	list := func() string {
		var got string
		require.NoError(t, w.Requests(id, ann.Session, func(all []presence.Presence) { got = signed("", all) }))
		return got
	}
	require.Empty(t, list())
	for _, p := range []presence.Presence{bob, cid, dan} {
		_, err := w.Join(party.JoinRequest{ID: id, Who: p})
		require.NoError(t, err)
	}
	require.Equal(t, " bob cid dan", list())
	require.NoError(t, w.Remove(w.call(id, ann), cid))
	require.Empty(t, w.take(cid), "nobody is told of a request that is turned down")
	require.Equal(t, " bob dan", list())
	w.LeaveAll(bob.Session)
	require.Equal(t, " dan", list(), "who is gone waits no more")
	require.NoError(t, w.Leave(id, dan.Session))
	require.Empty(t, list(), "a request can be taken back")

	_, err := w.Join(party.JoinRequest{ID: id, Who: bob})
	require.NoError(t, err)
	require.NoError(t, w.Update(w.call(id, ann), party.Settings{Open: true}))
	in, err := w.Join(party.JoinRequest{ID: id, Who: bob})
	require.NoError(t, err)
	require.True(t, in, "the party is open by now")
	require.Empty(t, list())
}

func TestLeave(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob, cid)
	require.ErrorIs(t, w.Leave(id, dan.Session), party.ErrNotMember)
	require.ErrorIs(t, w.Leave(unknown, ann.Session), party.ErrNotFound)
	require.NoError(t, w.Leave(id, bob.Session))
	require.Empty(t, w.take(bob))
	require.Equal(t, "-bob |", w.take(ann))
	w.silence(cid)
	_, err := w.Join(party.JoinRequest{ID: id, Who: bob})
	require.NoError(t, err)
	w.silence(ann, bob, cid)

	w.LeaveAll(ann.Session)
	require.Empty(t, w.take(ann))
	require.Equal(t, "leader=cid -ann |", w.take(cid), "the oldest of the others leads")
	require.Equal(t, "leader=cid -ann |", w.take(bob))
	require.NoError(t, w.Leave(id, cid.Session))
	require.Equal(t, "leader=bob -cid |", w.take(bob))
	require.NoError(t, w.Leave(id, bob.Session))
	require.Empty(t, w.take(bob))
	_, err = w.Get(id)
	require.ErrorIs(t, err, party.ErrNotFound, "the last one out ends it")
}

func TestPromote(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob, cid)
	require.ErrorIs(t, w.Promote(w.call(id, ann), dan), party.ErrNotMember)
	require.NoError(t, w.Promote(w.call(id, ann), cid))
	require.Equal(t, "ok leader=cid |", w.take(ann))
	require.Equal(t, "leader=cid |", w.take(bob))
	require.Equal(t, "leader=cid |", w.take(cid))
	require.ErrorIs(t, w.Promote(w.call(id, ann), bob), party.ErrNotLeader)
	require.NoError(t, w.Leave(id, bob.Session))
	require.Equal(t, "-bob |", w.take(cid))
}

func TestRemove(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob, cid)
	require.ErrorIs(t, w.Remove(w.call(id, ann), dan), party.ErrNotMember)
	require.ErrorIs(t, w.Remove(w.call(id, ann), ann), party.ErrRemoveSelf)
	wrong := bob
	wrong.User = cid.User
	require.ErrorIs(t, w.Remove(w.call(id, ann), wrong), party.ErrNotMember)
	require.NoError(t, w.Remove(w.call(id, ann), bob))
	require.Equal(t, "closed |", w.take(bob))
	require.Equal(t, "ok -bob |", w.take(ann))
	require.Equal(t, "-bob |", w.take(cid))
	require.ErrorIs(t, w.Send(w.call(id, bob), 1, nil), party.ErrNotMember)
}

func TestSend(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob, cid)
	require.NoError(t, w.Send(w.call(id, bob), 7, []byte("hi")))
	require.Equal(t, "ok", w.take(bob))
	require.Equal(t, "bob:7:hi |", w.take(ann))
	require.Equal(t, "bob:7:hi |", w.take(cid))
	require.ErrorIs(t, w.Send(w.call(id, dan), 7, nil), party.ErrNotMember)
	require.ErrorIs(t, w.Send(w.call(unknown, ann), 7, nil), party.ErrNotFound)
	alone := w.of(dan)
	require.NoError(t, w.Send(w.call(alone, dan), 7, nil))
	require.Equal(t, "ok", w.take(dan))
}

func TestUpdate(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob)
	require.NoError(t, w.Update(w.call(id, ann), party.Settings{Label: `{"a":1}`}))
	require.Equal(t, `ok updated(false false {"a":1}) |`, w.take(ann))
	require.Equal(t, `updated(false false {"a":1}) |`, w.take(bob))
	for _, test := range []struct {
		set  party.Settings
		want error
	}{
		{party.Settings{Hidden: true, Label: "{}"}, party.ErrHiddenLabel},
		{party.Settings{Label: "x"}, party.ErrLabel},
		{party.Settings{Label: strings.Repeat(" ", 2049)}, party.ErrLabelTooLong},
	} {
		require.ErrorIs(t, w.Update(w.call(id, ann), test.set), test.want)
	}
	info, _ := w.Get(id)
	require.Equal(t, `{"a":1}`, info.Label, "what is refused changes nothing")
	require.NoError(t, w.Update(w.call(id, ann), party.Settings{Hidden: true}))
	require.Equal(t, `updated(false true {}) |`, w.take(bob))
}

func TestClose(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob)
	require.NoError(t, w.Close(w.call(id, ann)))
	require.Equal(t, "ok closed |", w.take(ann))
	require.Equal(t, "closed |", w.take(bob))
	require.ErrorIs(t, w.Close(w.call(id, ann)), party.ErrNotFound)
	w.LeaveAll(bob.Session)
	require.Empty(t, w.take(bob))
}

func TestOnlyTheLeaderMay(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob)
	for name, try := range map[string]func(c party.Call) error{
		"accept":  func(c party.Call) error { return w.Accept(c, cid) },
		"remove":  func(c party.Call) error { return w.Remove(c, ann) },
		"promote": func(c party.Call) error { return w.Promote(c, bob) },
		"update":  func(c party.Call) error { return w.Update(c, party.Settings{}) },
		"close":   w.Close,
		"list":    func(c party.Call) error { return w.Requests(c.ID, c.Session, nil) },
		"queue": func(c party.Call) error {
			_, err := w.Enqueue(c.ID, c.Session, party.Ticket{})
			return err
		},
		"take back": func(c party.Call) error { return w.Dequeue(c, "t1") },
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range []presence.Presence{bob, cid} {
				require.ErrorIs(t, try(w.call(id, p)), party.ErrNotLeader)
				require.Empty(t, w.take(p))
			}
			require.ErrorIs(t, try(w.call(unknown, ann)), party.ErrNotFound)
		})
	}
	require.Empty(t, w.take(ann))
}

func TestLeaveOthers(t *testing.T) {
	w := newWorld(t, party.Config{})
	first, second, third, asked := w.of(ann, bob), w.of(bob), w.of(bob), w.of(cid)
	w.closed(asked, cid)
	_, err := w.Join(party.JoinRequest{ID: asked, Who: bob})
	require.NoError(t, err)
	w.silence(ann, bob, cid)

	w.LeaveOthers(bob.Session, asked)
	w.LeaveOthers(bob.Session, first)
	require.Empty(t, w.take(ann), "only those before, and only for one that it is in")
	w.LeaveOthers(bob.Session, second)
	require.Equal(t, "-bob |", w.take(ann))
	_, err = w.Get(third)
	require.NoError(t, err, "it was joined later")

	require.NoError(t, w.Accept(w.call(asked, cid), bob))
	w.LeaveOthers(bob.Session, asked)
	_, err = w.Get(third)
	require.ErrorIs(t, err, party.ErrNotFound, "a party is joined when the request is accepted")
	require.NoError(t, w.Send(w.call(asked, bob), 1, nil))
}

func TestHooks(t *testing.T) {
	var got []string
	hooks := func(name string) party.Hooks {
		say := func(what string) func(party.ID) { return func(party.ID) { got = append(got, name+what) } }
		sayWho := func(what string) func(party.ID, presence.Presence) {
			return func(_ party.ID, p presence.Presence) { got = append(got, name+what+p.Session) }
		}
		return party.Hooks{
			Created: say("new"), Joined: sayWho("+"), Left: sayWho("-"), Led: sayWho("!"), Ended: say("end"),
		}
	}
	w := newWorld(t, party.Config{Hooks: hooks("").With(party.Hooks{}).With(hooks("2"))})
	take := func() string {
		defer func() { got = nil }()
		return strings.Join(got, " ")
	}
	id := w.of(ann, bob, cid)
	require.Equal(t, "new 2new +ann 2+ann +bob 2+bob +cid 2+cid", take())
	require.NoError(t, w.Leave(id, ann.Session))
	require.Equal(t, "-ann 2-ann !bob 2!bob", take())
	require.NoError(t, w.Remove(w.call(id, bob), cid))
	require.NoError(t, w.Close(w.call(id, bob)))
	require.Equal(t, "-cid 2-cid -bob 2-bob end 2end", take())
	require.NoError(t, w.Leave(w.of(ann), ann.Session))
	require.Equal(t, "new 2new +ann 2+ann -ann 2-ann end 2end", take())
}

func TestParseID(t *testing.T) {
	id, err := party.ParseID("B84ED8ED-a7b1-502f-83f6-90132e68adef.Node-1")
	require.NoError(t, err)
	require.Equal(t, party.ID("b84ed8ed-a7b1-502f-83f6-90132e68adef.Node-1"), id)
	const uuid = "b84ed8ed-a7b1-502f-83f6-90132e68adef"
	for _, bad := range []string{"", ".", uuid, uuid + ".", uuid + ".a.b", "{" + uuid + "}.n", "zzz.n", uuid[1:] + "g.n"} {
		_, err := party.ParseID(bad)
		require.ErrorIs(t, err, party.ErrInvalidID, bad)
	}
}
