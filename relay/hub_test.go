package relay_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
)

func TestNewRefusesAWrongConfig(t *testing.T) {
	for name, c := range map[string]relay.Config{
		"no outbox":           {},
		"negative matches":    {Outbox: &recorder{}, MaxMatches: -1},
		"negative per member": {Outbox: &recorder{}, MaxJoined: -1},
		"negative per user":   {Outbox: &recorder{}, MaxCreated: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := relay.New(c)
			require.ErrorContains(t, err, "relay: Config")
		})
	}
}

func TestUnnamedCreateMakesANewMatch(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	first, err := h.Create(relay.CreateRequest{Who: ann, Accepted: out.accept})
	require.NoError(t, err)
	second, err := h.Create(relay.CreateRequest{Who: bob, Accepted: out.accept})
	require.NoError(t, err)

	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.$`, first)
	require.NotEqual(t, first, second)
	require.Equal(t, "reply 1 +ann |", out.take(ann), "the creator gets its reply, then its own join")
	require.Equal(t, "reply 1 +bob |", out.take(bob))
}

func TestNamedCreateIsCreateOrJoin(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	create := func(p presence.Presence) relay.ID {
		id, err := h.Create(relay.CreateRequest{Name: "foo", Who: p, Accepted: out.accept})
		require.NoError(t, err)
		return id
	}
	require.Equal(t, relay.ID("b84ed8ed-a7b1-502f-83f6-90132e68adef."), create(ann))
	require.Equal(t, relay.NamedID("foo"), create(bob))

	require.Equal(t, "reply 1 +ann | +bob |", out.take(ann))
	require.Equal(t, "reply 2 ann +bob |", out.take(bob), "size with self, presences without")

	create(bob)
	require.Equal(t, "reply 2 ann bob |", out.take(bob), "who is a member already is listed, and there is no event")
	require.Empty(t, out.take(ann))
}

func TestJoin(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	id, err := h.Create(relay.CreateRequest{Who: ann})
	require.NoError(t, err)
	out.take(ann)

	for range 2 {
		require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: bob, Accepted: out.accept}))
	}
	require.Equal(t, "reply 1 ann +bob | reply 2 ann bob |", out.take(bob), "size is the number of presences listed")
	require.Equal(t, "+bob |", out.take(ann))

	require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: cid, Accepted: out.accept}))
	require.Equal(t, "reply 2 ann bob +cid |", out.take(cid), "the oldest member comes first")
}

func TestJoinTellsWhetherItIsRepeated(t *testing.T) {
	h, _ := newHub(t, relay.Config{})
	id := relay.NewID()
	var replies []relay.Joined
	for range 2 {
		require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: ann, Create: true, Accepted: func(j relay.Joined) {
			j.Members = append([]presence.Presence(nil), j.Members...)
			replies = append(replies, j)
		}}))
	}
	require.Equal(t, []relay.Joined{
		{ID: id, Self: ann},
		{ID: id, Self: ann, Members: []presence.Presence{ann}, Size: 1, Again: true},
	}, replies)
}

func TestJoinOfAMatchThatDoesNotExist(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	id := relay.NewID()
	require.ErrorIs(t, h.Join(relay.JoinRequest{ID: id, Who: ann, Accepted: out.accept}), relay.ErrNotFound)
	require.Empty(t, out.take(ann), "a refused join leaves no trace")

	require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: ann, Create: true, Accepted: out.accept}))
	require.Equal(t, "reply 0 +ann |", out.take(ann), "a token may create the match")

	for _, bad := range []relay.ID{"", "x", "foo.", relay.ID(strings.ToUpper(string(id)))} {
		require.ErrorIs(t, h.Join(relay.JoinRequest{ID: bad, Who: ann, Create: true}), relay.ErrInvalidID)
	}
}

func TestLeave(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	id := matchOf(t, h, out, ann, bob, cid)

	require.NoError(t, h.Leave(id, bob.Session))
	require.Equal(t, "-bob |", out.take(ann))
	require.Equal(t, "-bob |", out.take(cid))
	require.Empty(t, out.take(bob), "who left is told nothing")

	require.ErrorIs(t, h.Leave(id, bob.Session), relay.ErrNotMember)
	require.ErrorIs(t, h.Leave(relay.NewID(), ann.Session), relay.ErrNotFound)
	require.Empty(t, out.take(ann), "nothing happens when a session leaves where it is not")

	require.NoError(t, h.Leave(id, ann.Session))
	require.NoError(t, h.Leave(id, cid.Session))
	require.Equal(t, "-ann |", out.take(cid))
	_, err := h.Get(id)
	require.ErrorIs(t, err, relay.ErrNotFound, "the match ended with its last member")
	require.ErrorIs(t, h.Join(relay.JoinRequest{ID: id, Who: ann}), relay.ErrNotFound)
}

func TestLeaveAll(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	shared := matchOf(t, h, out, ann, bob)
	left := matchOf(t, h, out, ann, bob)
	alone := matchOf(t, h, out, ann)
	require.NoError(t, h.Leave(left, ann.Session))
	out.take(bob)

	h.LeaveAll(ann.Session)
	h.LeaveAll(ann.Session)
	require.Equal(t, "-ann |", out.take(bob))
	require.Empty(t, out.take(ann))
	require.ErrorIs(t, h.Send(shared, relay.Message{From: ann}, nil), relay.ErrNotMember)
	_, err := h.Get(alone)
	require.ErrorIs(t, err, relay.ErrNotFound)
}

func TestSend(t *testing.T) {
	for _, test := range []struct {
		name string
		to   []string
		want map[string]string // by session; whoever is not in it gets nothing
	}{
		{"to all others", nil, map[string]string{"ann": "x", "cid": "x"}},
		{"an empty list is no list", []string{}, map[string]string{"ann": "x", "cid": "x"}},
		{"to one", []string{"cid"}, map[string]string{"cid": "x"}},
		{"to the sender too", []string{"bob", "cid"}, map[string]string{"bob": "x", "cid": "x"}},
		{"once each", []string{"cid", "ann", "cid"}, map[string]string{"ann": "x", "cid": "x"}},
		{"to members only", []string{"nobody", "ann"}, map[string]string{"ann": "x"}},
		{"to no member", []string{"nobody"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, out := newHub(t, relay.Config{})
			id := matchOf(t, h, out, ann, bob, cid)
			forged := presence.Presence{Session: bob.Session, User: "somebody else", Username: "not bob"}
			require.NoError(t, h.Send(id, relay.Message{From: forged, Op: 7, Data: []byte("hi"), Unreliable: true}, test.to))
			for _, p := range []presence.Presence{ann, bob, cid} {
				want := ""
				if test.want[p.Session] != "" {
					want = "n-bob: 7 hi unreliable |"
				}
				require.Equal(t, want, out.take(p), p.Session)
			}
		})
	}
}

func TestSendAloneTellsNobody(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	id := matchOf(t, h, out, ann)
	require.NoError(t, h.Send(id, relay.Message{From: ann}, nil))
	require.Empty(t, out.got)
}

func TestSendIsForMembers(t *testing.T) {
	h, out := newHub(t, relay.Config{})
	id := matchOf(t, h, out, ann)
	require.ErrorIs(t, h.Send(id, relay.Message{From: bob}, nil), relay.ErrNotMember)
	require.ErrorIs(t, h.Send(relay.NewID(), relay.Message{From: ann}, nil), relay.ErrNotFound)
	require.Empty(t, out.take(ann))
}

func TestLimits(t *testing.T) {
	t.Run("matches of one session", func(t *testing.T) {
		h, out := newHub(t, relay.Config{MaxJoined: 2})
		first := matchOf(t, h, out, ann)
		matchOf(t, h, out, ann)
		others := matchOf(t, h, out, bob)

		_, err := h.Create(relay.CreateRequest{Who: ann, Accepted: out.accept})
		require.ErrorIs(t, err, relay.ErrTooMany)
		require.ErrorIs(t, h.Join(relay.JoinRequest{ID: others, Who: ann, Accepted: out.accept}), relay.ErrTooMany)
		require.Empty(t, out.got)
		require.Len(t, h.List(relay.ListRequest{}), 3, "nothing of the refused match is left")

		require.NoError(t, h.Join(relay.JoinRequest{ID: first, Who: ann}), "it is there already")
		require.NoError(t, h.Leave(first, ann.Session))
		require.NoError(t, h.Join(relay.JoinRequest{ID: others, Who: ann}))
	})
	t.Run("matches that one user has created", func(t *testing.T) {
		h, _ := newHub(t, relay.Config{MaxCreated: 2})
		first, err := h.Create(relay.CreateRequest{Who: ann})
		require.NoError(t, err)
		_, err = h.Create(relay.CreateRequest{Who: ann})
		require.NoError(t, err)
		require.NoError(t, h.Join(relay.JoinRequest{ID: first, Who: bob}))
		require.NoError(t, h.Leave(first, ann.Session)) // it lives on, and counts
		_, err = h.Create(relay.CreateRequest{Who: ann})
		require.ErrorIs(t, err, relay.ErrTooMany)
		require.NoError(t, h.Join(relay.JoinRequest{ID: relay.NewID(), Who: ann, Create: true}), "a matchmaker's match is not hers")
		_, err = h.Create(relay.CreateRequest{Name: "of bob", Who: bob})
		require.NoError(t, err)
		_, err = h.Create(relay.CreateRequest{Name: "of bob", Who: ann})
		require.NoError(t, err, "nothing is created")
		require.NoError(t, h.Leave(first, bob.Session))
		_, err = h.Create(relay.CreateRequest{Who: ann})
		require.NoError(t, err)
	})
	t.Run("matches at all", func(t *testing.T) {
		h, out := newHub(t, relay.Config{MaxMatches: 1})
		id := matchOf(t, h, out, ann)
		_, err := h.Create(relay.CreateRequest{Who: bob})
		require.ErrorIs(t, err, relay.ErrTooMany)
		require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: bob, Create: true}))
		h.LeaveAll(ann.Session)
		h.LeaveAll(bob.Session)
		_, err = h.Create(relay.CreateRequest{Who: bob})
		require.NoError(t, err)
	})
}

func TestGetAndList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, out := newHub(t, relay.Config{})
		start := time.Now()
		one := matchOf(t, h, out, ann)
		time.Sleep(time.Second)
		three := matchOf(t, h, out, ann, bob, cid)
		time.Sleep(time.Second)
		two := matchOf(t, h, out, ann, bob)

		info, err := h.Get(three)
		require.NoError(t, err)
		require.Equal(t, relay.Info{ID: three, Size: 3, Created: start.Add(time.Second)}, info)
		_, err = h.Get(relay.NewID())
		require.ErrorIs(t, err, relay.ErrNotFound)

		list := func(r relay.ListRequest) (ids []relay.ID) {
			for _, i := range h.List(r) {
				ids = append(ids, i.ID)
			}
			return ids
		}
		require.Equal(t, []relay.ID{two, three, one}, list(relay.ListRequest{}), "the newest first")
		require.Equal(t, []relay.ID{two, three}, list(relay.ListRequest{MinSize: 2}))
		require.Equal(t, []relay.ID{two, one}, list(relay.ListRequest{MaxSize: 2}))
		require.Equal(t, []relay.ID{three}, list(relay.ListRequest{Limit: 1, MinSize: 3}))

		h.LeaveAll(bob.Session)
		require.Equal(t, []relay.ID{two, one}, list(relay.ListRequest{MaxSize: 1}))
		require.NoError(t, h.Leave(three, ann.Session))
		require.NoError(t, h.Leave(three, cid.Session))
		require.Equal(t, []relay.ID{two, one}, list(relay.ListRequest{}), "a match in the middle ended")
		require.NoError(t, h.Leave(two, ann.Session))
		require.NoError(t, h.Leave(one, ann.Session))
		require.Empty(t, list(relay.ListRequest{}))
		require.Equal(t, []relay.ID{matchOf(t, h, out, cid)}, list(relay.ListRequest{}))
	})
}

func TestListShowsAHundredByDefault(t *testing.T) {
	h, out := newHub(t, relay.Config{MaxJoined: 200, MaxCreated: 200})
	for range 102 {
		matchOf(t, h, out, ann)
	}
	require.Len(t, h.List(relay.ListRequest{}), 100)
	require.Len(t, h.List(relay.ListRequest{Limit: 101}), 101)
}

func TestHooks(t *testing.T) {
	var told []string
	hooks := func(name string) relay.Hooks {
		return relay.Hooks{
			Created: func(relay.ID) { told = append(told, name+" created") },
			Joined:  func(_ relay.ID, p presence.Presence) { told = append(told, name+" joined "+p.Session) },
			Left:    func(_ relay.ID, p presence.Presence) { told = append(told, name+" left "+p.Session) },
			Ended:   func(relay.ID) { told = append(told, name+" ended") },
		}
	}
	play := func(with relay.Hooks) []string {
		told = nil
		h, out := newHub(t, relay.Config{Hooks: with})
		id := matchOf(t, h, out, ann, ann, bob)
		require.NoError(t, h.Leave(id, ann.Session))
		require.ErrorIs(t, h.Leave(id, ann.Session), relay.ErrNotMember)
		h.LeaveAll(bob.Session)
		return told
	}
	want := []string{"a created", "a joined ann", "a joined bob", "a left ann", "a left bob", "a ended"}
	a, b := hooks("a"), hooks("b")
	require.Equal(t, want, play(a))
	require.Equal(t, want, play(a.With(relay.Hooks{})))
	require.Equal(t, want, play(relay.Hooks{}.With(a)))
	require.Equal(t, []string{
		"a created", "b created", "a joined ann", "b joined ann", "a joined bob", "b joined bob",
		"a left ann", "b left ann", "a left bob", "b left bob", "a ended", "b ended",
	}, play(a.With(b)))
	require.Empty(t, play(relay.Hooks{}))
}

func TestParseID(t *testing.T) {
	const good = "b84ed8ed-a7b1-502f-83f6-90132e68adef."
	for text, want := range map[string]relay.ID{
		good:                                    good,
		"B84ED8ED-A7B1-502F-83F6-90132E68ADEF.": good,
		"":                                      "",
		".":                                     "",
		"b84ed8ed-a7b1-502f-83f6-90132e68adef":  "",
		"b84ed8eda7b1502f83f690132e68adef.":     "",
		"{b84ed8ed-a7b1-502f-83f6-90132e68adef}.": "",
		"b84ed8ed-a7b1-502f-83f6-90132e68adeg.":   "",
		"b84ed8ed-a7b1-502f-83f6-90132e68adef.n1": "",
	} {
		id, err := relay.ParseID(text)
		require.Equal(t, want, id, text)
		if want == "" {
			require.ErrorIs(t, err, relay.ErrInvalidID, text)
		} else {
			require.NoError(t, err, text)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("b84ed8ed-a7b1-502f-83f6-90132e68adef.")
	f.Add("B84ED8ED-A7B1-502F-83F6-90132E68ADEF.")
	f.Add("urn:uuid:b84ed8ed-a7b1-502f-83f6-90132e68adef.")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := relay.ParseID(text)
		if err != nil {
			require.ErrorIs(t, err, relay.ErrInvalidID)
			return
		}
		require.Equal(t, strings.ToLower(text), string(id))
		again, err := relay.ParseID(string(id))
		require.NoError(t, err)
		require.Equal(t, id, again)
	})
}
