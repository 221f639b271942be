package arena

// start begins a match when enough players are there and all are ready.
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
		return
	}
	w.round = 0
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
	if p := w.seats[last]; p.Wins+1 < w.c.Wins {
		p.Wins++
		return
	}
	w.seats[last].Wins++
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

// Abandon goes back to the lobby: too few are left to go on. It reports whether that was so.
func (w *World) Abandon() bool {
	players, bots := w.Count()
	if players+bots >= MinPlayers || w.phase == Lobby || w.phase == MatchOver {
		return false
	}
	w.enter(Lobby)
	for _, p := range w.seats {
		if p != nil {
			p.Ready, p.Wins = p.Bot, 0
		}
	}
	return true
}
