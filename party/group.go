package party

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/internal/roster"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/query"
)

// group is one party. Its methods are called with its lock held, but for those that say otherwise.
type group struct {
	id      ID
	serial  uint64 // parties are numbered as they begin
	created time.Time
	maxSize int

	newer, older *group // the list of all parties, guarded by the lock of the Parties

	size  atomic.Int64          // of members, to be read without the lock
	shown atomic.Pointer[shown] // the same

	mu      sync.Mutex
	members roster.Roster
	leader  presence.Presence
	pending []presence.Presence // who has asked to join, oldest first
	queued  bool                // it may have tickets
	ended   bool                // the Parties has forgotten it
}

// shown are the settings with what a query sees of the party. It never changes.
type shown struct {
	Settings
	doc query.Doc
}

// show checks settings and makes them those of the party.
func (g *group) show(s Settings, node string) error {
	if len(s.Label) > MaxLabel {
		return ErrLabelTooLong
	}
	if s.Label == "" {
		s.Label = "{}"
	}
	doc := query.Doc{}
	if !doc.AddJSON("label", []byte(s.Label)) {
		return ErrLabel
	}
	doc.Add("open", query.Bool(s.Open))
	doc.Add("hidden", query.Bool(s.Hidden))
	doc.Add("max_size", query.Number(float64(g.maxSize)))
	doc.Add("create_time", query.Number(float64(g.created.UnixMilli())), query.Time(g.created))
	doc.Add("node", query.Text(node))
	g.shown.Store(&shown{s, doc})
	return nil
}

// info needs no lock.
func (g *group) info() Info {
	return Info{
		ID: g.id, Settings: g.shown.Load().Settings, Size: int(g.size.Load()), MaxSize: g.maxSize, Created: g.created,
	}
}

func (g *group) state(self presence.Presence) State {
	return State{Info: g.info(), Self: self, Leader: g.leader, Members: g.members.All()}
}

func (g *group) full() bool { return g.members.Len() >= g.maxSize }

func (g *group) member(session string) (presence.Presence, bool) {
	i, ok := g.members.Index(session)
	if !ok {
		return presence.Presence{}, false
	}
	return g.members.All()[i], true
}

// request returns the place of a session's request to join, or -1.
func (g *group) request(session string) int {
	return slices.IndexFunc(g.pending, func(p presence.Presence) bool { return p.Session == session })
}

// same reports whether a client means p by who: clients do not know of nodes.
func same(p, who presence.Presence) bool {
	return p.User == who.User && p.Session == who.Session && p.Username == who.Username
}
