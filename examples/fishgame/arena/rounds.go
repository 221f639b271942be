package arena

import "slices"

// start begins a match when enough players are there and all are ready. Who wants to play again and is alone goes back to
// the lobby, where others may come.
func (w *World) start() {
	there := 0
	for _, p := range w.seats {
		if p == nil {
			continue
		}
		if there++; !p.Ready {
			return
		}
	}
	if there < MinPlayers {
		if w.phase == MatchOver && there > 0 {
			w.enter(Lobby)
		}
		return
	}
	players, _ := w.Count()
	w.round, w.ranked = 0, players >= MinPlayers
	for _, p := range w.seats {
		if p != nil {
			p.Wins = 0
		}
	}
	w.startRound()
}

// startRound puts everybody in place.
func (w *World) startRound() {
	w.enter(Fight)
	w.roundSince = w.tick
	w.round++
	w.shots, w.items, w.winner = nil, nil, -1
	for seat, p := range w.seats {
		if p == nil {
			continue
		}
		at := w.r.Spawns[seat]
		face := 1
		if at.X > w.r.Width/2 {
			face = -1
		}
		p.fish = Fish{X: at.X, Y: at.Y, Face: face, Freeze: w.c.Freeze, Seq: p.fish.Seq}
		p.alive, p.credit, p.idle, p.bumped = true, allowance, 0, 0 // what waits is played while the fish waits
		p.view = w.tick
	}
	w.remember()
}

// decide ends the round when at most one fish is left.
func (w *World) decide() {
	alive, last := 0, -1
	for i, p := range w.seats {
		if p != nil && p.alive {
			alive, last = alive+1, i
		}
	}
	if alive > 1 {
		return
	}
	w.winner = last
	w.enter(RoundOver)
	if last < 0 {
		return
	}
	p := w.seats[last]
	if p.Wins++; p.Wins >= w.c.Wins {
		w.finish()
	}
}

// finish ends the match; the last winner has won it.
func (w *World) finish() {
	w.enter(MatchOver)
	for _, p := range w.seats {
		if p != nil {
			p.Ready = p.Bot
		}
	}
}

func (w *World) enter(p Phase) {
	w.phase, w.since = p, w.tick
}

// Abandon ends a match in which too few are left to go on: who stays has won it, whatever the rounds won. It reports whether
// that was so.
func (w *World) Abandon() bool {
	players, bots := w.Count()
	if players+bots >= MinPlayers || w.phase == Lobby || w.phase == MatchOver {
		return false
	}
	w.winner = slices.IndexFunc(w.seats[:], func(p *Player) bool { return p != nil })
	if w.winner < 0 {
		w.enter(Lobby)
	} else {
		w.finish()
	}
	return true
}
