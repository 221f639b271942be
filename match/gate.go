package match

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// JoinOrCreateRequest asks for a seat in a match that fits, or in a new one.
type JoinOrCreateRequest struct {
	Handler string // the kind of match
	Query   string // selects matches as ListRequest.Query does; "" means all of the kind
	Params  any    // the Value for the Init of a new match
	Who     Joiner
	// Accepted and Sink, if not nil, are those of the JoinRequest that succeeds.
	Accepted func(Joined)
	Sink     *Sink
}

// JoinOrCreate asks the matches that fit for a seat, the best first, until one takes the player, and creates one if
// none does. It returns the match in which the player is.
//
// For each handler and query one match is created at a time, by one of the callers and on its goroutine. Those who
// come meanwhile wait, and ask that match first when it is there, whatever its label: no more matches are created
// than the callers fill. The creator's seat in it is reserved.
//
// The errors are ErrNoSession, those of List and Create, and what the new match answered to the join of its creator; a failure is its
// caller's alone. ErrOwnTurn if the match that is being created waits for the one whose callback asks. ctx bounds the
// whole call, as it does in Join.
func (r *Registry) JoinOrCreate(ctx context.Context, q JoinOrCreateRequest) (ID, error) {
	if q.Who.Session == "" {
		return "", ErrNoSession // before a match is made for nobody
	}
	ctx, cancel := r.bounded(ctx, 0)
	defer cancel()
	g := r.enterGate(gateKey{q.Handler, q.Query})
	defer r.leaveGate(g)
	s := seeker{r: r, g: g, q: &q}
	for _, limit := range [...]int{8, math.MaxInt} { // nearly always one of the first takes the player
		if id, err := s.search(ctx, limit); id != "" || err != nil {
			return id, err
		}
	}
	for {
		id, created, err := s.next(ctx)
		if err != nil {
			return "", err
		}
		err = s.ask(ctx, id)
		switch {
		case err == nil:
			return id, nil
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case !created:
			continue
		}
		if created {
			who := []presence.Presence{q.Who.Presence}
			_ = r.tell(r.find(id), call{kind: callReserve, users: who}) // the seat is for others now
		}
		return "", err
	}
}

// gateKey is what callers of JoinOrCreate must have in common to wait for each other.
type gateKey struct{ handler, query string }

// gate lets one caller at a time create a match.
type gate struct {
	key     gateKey
	callers int           // guarded by Registry.gatesMu
	open    chan struct{} // holds a token while nobody is creating
	last    ID            // the last match that was created; belongs to who has the token
	creator *match        // in whose turn who has it asks, if in any; guarded by Registry.waits
	asking  chan struct{} // holds a token for each join that may go on, so that they never make a match busy
}

// enterGate finds or makes a gate, for one caller.
func (r *Registry) enterGate(key gateKey) *gate {
	r.gatesMu.Lock()
	defer r.gatesMu.Unlock()
	g := r.gates[key]
	if g == nil {
		g = &gate{key: key, open: make(chan struct{}, 1), asking: make(chan struct{}, maxWaiting/2)}
		g.open <- struct{}{}
		for range cap(g.asking) {
			g.asking <- struct{}{}
		}
		r.gates[key] = g
	}
	g.callers++
	return g
}

func (r *Registry) leaveGate(g *gate) {
	r.gatesMu.Lock()
	defer r.gatesMu.Unlock()
	if g.callers--; g.callers == 0 {
		delete(r.gates, g.key)
	}
}

// seeker is one call of JoinOrCreate.
type seeker struct {
	r       *Registry
	g       *gate
	q       *JoinOrCreateRequest
	refused []ID
}

// search asks those of the first matches that fit that have not refused yet.
func (s *seeker) search(ctx context.Context, limit int) (ID, error) {
	found, err := s.r.List(ListRequest{Handler: s.q.Handler, Query: s.q.Query, Open: 1, Limit: limit})
	if err != nil {
		return "", err
	}
	for _, info := range found.Matches {
		if slices.Contains(s.refused, info.ID) {
			continue
		}
		if s.ask(ctx, info.ID) == nil {
			return info.ID, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
	}
	return "", nil
}

// ask asks one match for a seat. A caller in the turn of a match needs no token: those who have one may wait for that turn.
func (s *seeker) ask(ctx context.Context, id ID) error {
	if callerIn(ctx, s.r) == nil {
		if err := acquire(ctx, s.g.asking); err != nil {
			return err
		}
		defer func() { s.g.asking <- struct{}{} }()
	}
	err := s.r.Join(ctx, JoinRequest{ID: id, Who: s.q.Who, Accepted: s.q.Accepted, Sink: s.q.Sink})
	if err != nil {
		s.refused = append(s.refused, id)
	}
	return err
}

// acquire takes a token.
func acquire(ctx context.Context, tokens chan struct{}) error {
	select {
	case <-tokens:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// turn waits until it is the caller's turn to create a match.
func (s *seeker) turn(ctx context.Context) error {
	free, err := s.r.waitFor(ctx, s.g)
	if err != nil {
		return err
	}
	defer free()
	if err := acquire(ctx, s.g.open); err != nil {
		return err
	}
	s.g.setCreator(s.r, callerIn(ctx, s.r))
	return nil
}

// over lets the next one create.
func (s *seeker) over() {
	s.g.setCreator(s.r, nil)
	s.g.open <- struct{}{}
}

func (g *gate) setCreator(r *Registry, m *match) {
	r.waits.Lock()
	defer r.waits.Unlock()
	g.creator = m
}

// holder implements [blocker].
func (g *gate) holder() *match { return g.creator }

// next returns the last match that was created, or creates one if that has refused.
func (s *seeker) next(ctx context.Context) (id ID, created bool, err error) {
	if err := s.turn(ctx); err != nil {
		return "", false, err
	}
	defer s.over()
	if s.g.last != "" && !slices.Contains(s.refused, s.g.last) {
		return s.g.last, false, nil
	}
	deadline, _ := ctx.Deadline()
	seat := absence{who: s.q.Who.Presence, until: s.r.source.Now().Add(time.Until(deadline))}
	id, err = s.r.create(ctx, s.q.Handler, s.q.Params, []absence{seat})
	if err == nil {
		s.g.last = id
	}
	return id, true, err
}
