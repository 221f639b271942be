package arena

// Snapshot is the world as clients get it.
type Snapshot struct {
	Tick   int     `json:"tick"`
	Phase  Phase   `json:"phase"`
	Age    int     `json:"age"` // ticks since the phase began
	Round  int     `json:"round"`
	Winner int     `json:"winner"` // seat of who won the last round, -1 if nobody
	Sea    int     `json:"sea"`
	Fish   []Seen  `json:"fish"`
	Shots  []Shot  `json:"shots"`
	Items  []Lying `json:"items"`
}

// Seen is a fish as clients get it.
type Seen struct {
	Seat  int  `json:"seat"`
	Alive bool `json:"alive,omitempty"`
	Hurt  int  `json:"hurt,omitempty"` // pushes taken so far
	Fish
}

// Snapshot is the world now.
func (w *World) Snapshot() Snapshot {
	s := Snapshot{
		Tick: w.tick, Phase: w.phase, Age: w.tick - w.since, Round: w.round, Winner: w.winner, Sea: w.sea(),
		Fish: []Seen{}, Shots: make([]Shot, 0, len(w.shots)), Items: append([]Lying{}, w.items...),
	}
	for i, p := range w.seats {
		if p != nil && w.phase != Lobby {
			s.Fish = append(s.Fish, Seen{Seat: i, Alive: p.alive, Hurt: p.hurt, Fish: p.fish})
		}
	}
	for _, shot := range w.shots {
		s.Shots = append(s.Shots, *shot)
	}
	return s
}

// Roster is who plays, and what they have won. Seats that nobody has are null.
type Roster struct {
	Phase   Phase          `json:"phase"`
	Round   int            `json:"round"`
	Wins    int            `json:"wins"`   // rounds that win the match
	Winner  int            `json:"winner"` // seat of who won the last round, -1 if nobody
	Ranked  bool           `json:"ranked"` // whether a win counts
	Players [Seats]*Player `json:"players"`
}

// Roster is who plays now. It is valid until the next change of the world.
func (w *World) Roster() Roster {
	return Roster{Phase: w.phase, Round: w.round, Wins: w.c.Wins, Winner: w.winner, Ranked: w.ranked, Players: w.seats}
}
