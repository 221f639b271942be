package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/shoal-go/shoal/match"
)

const (
	// streamFor is how long a stream lasts; the browser asks for the next one by itself, with its cookie.
	streamFor = 10 * time.Minute
	// writeWait is how long a browser may take to read what it is sent each second.
	writeWait = 10 * time.Second
)

// viewer is one who watches.
type viewer struct {
	page  *page
	query url.Values
	seen  map[match.ID]bool // matches whose past has been sent
	begun bool
	noted uint64 // events that have been sent, see events.since
}

// frame is what a list's viewer is told each second.
type frame struct {
	At       int64       `json:"at"`   // ms
	Tabs     []string    `json:"tabs"` // what there is to see
	Totals   *totalsView `json:"totals,omitempty"`
	Sessions *int        `json:"open_sessions,omitempty"`
	List     any         `json:"list,omitempty"`
	Events   []event     `json:"events,omitempty"`
}

// tabs are the lists there are.
func (d *Domains) tabs() []string {
	var tabs []string
	for _, t := range []struct {
		name string
		have bool
	}{
		{"matches", d.Matches != nil || d.Relays != nil},
		{"sessions", d.Sessions != nil},
		{"queue", d.Matchmaker != nil},
		{"boards", d.Boards != nil},
		{"events", d.Matches != nil},
	} {
		if t.have {
			tabs = append(tabs, t.name)
		}
	}
	return tabs
}

// stream tells of all matches, and of the list that is asked for as tab, with sort and filter.
func (p *page) stream(w http.ResponseWriter, r *http.Request) {
	v := &viewer{page: p, query: r.URL.Query()}
	p.send(w, r, func() (any, error) { return v.frame(), nil })
}

func (v *viewer) frame() frame {
	d := &v.page.domains
	f := frame{At: time.Now().UnixMilli(), Tabs: d.tabs()}
	s := &sample{}
	if d.Matches != nil {
		s = v.page.matches.get()
		all := s.sum(!v.begun)
		f.Totals = &all
	}
	v.begun = true
	if d.Sessions != nil {
		n := d.Sessions.Len()
		f.Sessions = &n
	}
	switch v.query.Get("tab") {
	case "matches":
		f.List = v.matches(s)
	case "sessions":
		if d.Sessions != nil {
			f.List = pickSessions(v.page.sessions.get(), v.query)
		}
	case "queue":
		if d.Matchmaker != nil {
			f.List = v.page.queue.get()
		}
	case "boards":
		if d.Boards != nil {
			f.List = pickBoards(d.Boards.All(), v.query)
		}
	case "events":
		f.Events, v.noted = v.page.journal.server.since(v.noted)
	}
	return f
}

// matchFrame is what is told each second of one match.
type matchFrame struct {
	At     int64        `json:"at"` // ms
	Match  *matchView   `json:"match,omitempty"`
	Every  float64      `json:"every,omitempty"` // seconds
	Took   *spread      `json:"took,omitempty"`
	Late   *spread      `json:"late,omitempty"`
	Roster []playerView `json:"roster,omitempty"`
	Events []event      `json:"events,omitempty"`
	Ended  bool         `json:"ended,omitempty"`
}

// spread is a histogram as it is shown: so many up to each bound in microseconds, and above the last.
type spread struct {
	Bounds []int64  `json:"bounds"`
	Counts []uint64 `json:"counts"`
}

func newSpread(h match.Histogram) *spread {
	s := &spread{Counts: h.Counts[:]}
	for _, b := range h.Bounds() {
		s.Bounds = append(s.Bounds, b.Microseconds())
	}
	return s
}

type playerView struct {
	Session string    `json:"session"`
	User    string    `json:"user"`
	Name    string    `json:"name,omitempty"`
	In      [2]uint64 `json:"in"` // messages and bytes
	Out     [2]uint64 `json:"out"`
	Dropped int       `json:"dropped,omitempty"`
	Waiting int       `json:"waiting,omitempty"`
}

var errOver = errors.New("dashboard: the match is over")

// streamMatch tells of one match, until it has ended.
func (p *page) streamMatch(w http.ResponseWriter, r *http.Request) {
	id := match.ID(r.URL.Query().Get("id"))
	if _, err := p.domains.Matches.Figures(id); err != nil && p.journal.match(id) == nil {
		fail(w, err)
		return
	}
	v := &viewer{page: p}
	p.send(w, r, func() (any, error) { return v.match(id) })
}

// match makes a frame; the last one comes with errOver.
func (v *viewer) match(id match.ID) (matchFrame, error) {
	f := matchFrame{At: time.Now().UnixMilli()}
	if of := v.page.journal.match(id); of != nil {
		f.Events, v.noted = of.since(v.noted)
	}
	figures, err := v.page.domains.Matches.Figures(id)
	if err != nil {
		f.Ended = true
		return f, errOver
	}
	s := v.page.matches.get()
	if l := s.find(id); l != nil {
		view := s.view(l, !v.begun)
		v.begun = true
		f.Match = &view
	}
	f.Every = figures.Every.Seconds()
	f.Took, f.Late = newSpread(figures.Took), newSpread(figures.Late)
	f.Roster = make([]playerView, 0, len(figures.Players))
	for _, who := range figures.Players[:min(len(figures.Players), maxRoster)] {
		f.Roster = append(f.Roster, playerView{
			Session: who.Session, User: who.User, Name: who.Username, Dropped: who.Dropped, Waiting: who.Waiting,
			In: [2]uint64{who.In.Messages, who.In.Bytes}, Out: [2]uint64{who.Out.Messages, who.Out.Bytes},
		})
	}
	return f, nil
}

// maxRoster bounds the players that are shown of one match.
const maxRoster = 256

// send writes an event each second, until the browser is gone, the dashboard is closed, or next fails; that error is the
// last event.
func (p *page) send(w http.ResponseWriter, r *http.Request, next func() (any, error)) {
	select {
	case p.room <- struct{}{}:
		defer func() { <-p.room }()
	default:
		http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamFor)
	defer cancel()
	defer context.AfterFunc(p.closing, cancel)()
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the server's are for requests that end soon
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies must pass on what comes
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		what, over := next()
		_ = control.SetWriteDeadline(time.Now().Add(writeWait))
		if err := write(w, what); err != nil || control.Flush() != nil || over != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func write(w http.ResponseWriter, what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	event := make([]byte, 0, len(text)+8)
	event = append(event, "data: "...)
	event = append(event, text...) // JSON has no line breaks in it
	_, err = w.Write(append(event, '\n', '\n'))
	return err
}
