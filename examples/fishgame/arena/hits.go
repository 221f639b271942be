package arena

// remember keeps where the fish are, for hits that are judged later.
func (w *World) remember() {
	now := &w.history[w.tick%len(w.history)]
	for i, p := range w.seats {
		now[i] = Point{X: -w.r.Width, Y: -w.r.Width} // out of everybody's reach
		if p != nil && p.alive {
			now[i] = Point{X: p.fish.X, Y: p.fish.Y}
		}
	}
}

// past is where the fish were at a tick at most rewind ago; the present tick is not over yet.
func (w *World) past(tick int) *[Seats]Point {
	tick = min(max(tick, w.tick-rewind), w.tick-1)
	return &w.history[max(tick, 0)%len(w.history)]
}

// bump lets a dashing fish push those that it touches, where its player saw them.
func (w *World) bump(seat int, p *Player) {
	if p.fish.Dash == 0 {
		p.bumped = 0
		return
	}
	for other, at := range w.past(p.view) {
		q := w.seats[other]
		if other == seat || q == nil || !q.alive || p.bumped&(1<<other) != 0 || !w.r.Bumps(p.fish.X-at.X, p.fish.Y-at.Y) {
			continue
		}
		p.bumped |= 1 << other
		w.push(q, p.fish.Face)
	}
}

// push knocks a fish away, from the first input on that its player sends having seen it, so that prediction and server
// agree however uneven the network is. Usually as many inputs are on their way as ticks have passed since the one that the
// player saw last; who sends many more, and claims to have seen nothing, is pushed all the same.
func (w *World) push(q *Player, dir int) {
	const most = 4
	if len(q.fish.Pushes) == most {
		return
	}
	q.hurt++
	q.fish.Pushes = append(q.fish.Pushes, Push{
		At: q.fish.Seq + 1 + min(w.tick-q.view, rewind) + patience, Tick: w.tick, VX: dir * w.r.Push, VY: -w.r.PushUp,
	})
}

// shoot starts a shot at the tick that its player saw and lets it catch up with the present.
func (w *World) shoot(seat int, s *Shot, view int) {
	w.lastID++
	s.ID, s.Owner = w.lastID, seat
	for tick := view; tick < w.tick; tick++ {
		if w.strike(s, w.past(tick)) || !w.r.Fly(s) {
			w.land(s)
			return
		}
	}
	w.shots = append(w.shots, s)
}

// fly moves all shots.
func (w *World) fly() {
	var now [Seats]Point
	for i, p := range w.seats {
		if p != nil {
			now[i] = Point{X: p.fish.X, Y: p.fish.Y}
		}
	}
	flying := w.shots[:0]
	for _, s := range w.shots {
		if w.r.Fly(s) && !w.strike(s, &now) {
			flying = append(flying, s)
		} else {
			w.land(s)
		}
	}
	clear(w.shots[len(flying):])
	w.shots = flying
}

// strike kills the first fish that the shot touches, and reports whether there was one.
func (w *World) strike(s *Shot, at *[Seats]Point) bool {
	for i, p := range w.seats {
		if i != s.Owner && p != nil && p.alive && w.r.Strikes(s, at[i].X, at[i].Y) {
			w.kill(p)
			return true
		}
	}
	return false
}

// land is the end of a shot: an urchin that has not sunk can be picked up again.
func (w *World) land(s *Shot) {
	if s.Kind == Urchin && s.Y < w.sea() {
		if p := w.r.landing(s.X, s.Y, w.sea(), false); p != nil {
			w.lay(Urchin, Point{X: s.X, Y: p.Y - w.r.UrchinRadius})
		}
	}
}

// drown kills what is under water.
func (w *World) drown() {
	for _, p := range w.seats {
		if p != nil && p.alive && p.fish.Y > w.sea() {
			w.kill(p)
		}
	}
	dry := w.items[:0]
	for _, it := range w.items {
		if it.Y < w.sea() {
			dry = append(dry, it)
		}
	}
	w.items = dry
}

// sea is the height of the water.
func (w *World) sea() int {
	if w.phase != Fight && w.phase != RoundOver {
		return w.r.Water
	}
	return w.r.Sea(w.tick - w.roundSince)
}

func (w *World) kill(p *Player) {
	if w.phase == Fight {
		p.alive = false
	}
}
