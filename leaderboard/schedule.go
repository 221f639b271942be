package leaderboard

import "time"

// schedule says which moment lies in which period of a board.
type schedule struct {
	def   *Board
	reset *cron // nil: never
}

// phase is the period a moment lies in.
type phase struct {
	period time.Time // what records are kept under: when the period ends; zero: never
	from   time.Time // this is the phase of every moment from here
	until  time.Time // to before here; zero: for ever

	// Of a tournament: scores are accepted from open to before closed. Began is the reset before the present period,
	// zero in the first one.
	open, closed, began time.Time
}

// holds tells whether a moment lies in the phase.
func (p *phase) holds(t time.Time) bool {
	return !t.Before(p.from) && (p.until.IsZero() || t.Before(p.until))
}

// active tells whether scores are accepted at a moment.
func (p *phase) active(t time.Time) bool { return !t.Before(p.open) && t.Before(p.closed) }

// at returns the phase of a moment, which must be a whole second.
func (s *schedule) at(t time.Time) phase {
	if !s.def.IsTournament() {
		p := phase{from: t}
		if s.reset != nil {
			p.period = s.reset.next(t)
			p.until = p.period
		}
		return p
	}
	return s.tournamentAt(t)
}

// tournamentAt is at for a tournament. What is before its start belongs to the first period, what is after its end to
// the last one: there is always a period to look at.
func (s *schedule) tournamentAt(t time.Time) phase {
	def, p := s.def, phase{from: t}
	inside := t
	if inside.Before(def.Start) {
		inside = def.Start
	}
	over := !def.End.IsZero() && !inside.Before(def.End)
	if over {
		inside = def.End.Add(-time.Second)
	}
	p.open, p.period = def.Start, def.End
	if s.reset != nil {
		if last := s.reset.last(inside); last.After(def.Start) {
			p.open, p.began = last, last
		}
		if next := s.reset.next(inside); p.period.IsZero() || !next.IsZero() && next.Before(p.period) {
			p.period = next
		}
	}
	p.closed = p.open.Add(def.Duration)
	if !p.period.IsZero() && p.period.Before(p.closed) {
		p.closed = p.period
	}
	if !over {
		p.until = p.period
	}
	return p
}

// event is something that happens to a board by itself.
type event struct {
	at     time.Time
	closed bool // the tournament takes no more scores in this period
	ended  bool // the period is over
	phase  phase
}

// after returns the first event after a moment; ok is false if there is none.
func (s *schedule) after(t time.Time) (e event, ok bool) {
	p := s.at(t)
	e.phase = p
	if p.period.After(t) {
		e.at, e.ended = p.period, true
	}
	if p.closed.After(t) && (e.at.IsZero() || !p.closed.After(e.at)) {
		e.ended = p.closed.Equal(e.at)
		e.at, e.closed = p.closed, true
	}
	return e, !e.at.IsZero()
}
