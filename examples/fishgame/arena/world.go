package arena

import "math/rand/v2"

const (
	// Seats is how many fish there can be.
	Seats = 4
	// MinPlayers is how many it takes.
	MinPlayers = 2

	allowance  = 20 // steps that a fish may save up, inputs that wait, and ticks without any after which it moves by itself
	rewind     = 15 // ticks that hits may lie in the past
	patience   = 15 // inputs more than usual that a push waits until its player has seen it: for a network that stalls
	roundPause = 75
)

// Config says how a [World] plays.
type Config struct {
	Rules *Rules
	Wins  int    // rounds that win the match
	Seed  uint64 // of the items that turn up
	Pause int    // ticks between two rounds; 0 means 2.5 seconds
	// Freeze is how many ticks the fish wait at the start of a round; 0 means what the rules say.
	Freeze int
}

// Phase is where a match is.
type Phase int

// Phases: players get ready, fish fight, the round has a winner (or none), and the match has.
const (
	Lobby Phase = iota
	Fight
	RoundOver
	MatchOver
)

// Player is who plays a fish.
type Player struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Bot   bool   `json:"bot,omitempty"`
	Away  bool   `json:"away,omitempty"` // the seat is kept for a player who lost the connection
	Ready bool   `json:"ready,omitempty"`
	Wins  int    `json:"wins"`

	fish  Fish
	alive bool
	hurt  int // pushes taken, for the eyes and ears of clients

	queue  []Input
	credit int // steps saved up
	idle   int // ticks without input
	view   int // the tick that the player saw last
	bumped int // seats that the present dash has pushed, as bits
}

// Input is what a player holds down in one step.
type Input struct {
	Seq  int  `json:"s"` // counts up by one
	Keys Keys `json:"k"`
	View int  `json:"v"` // the tick of the world that the player saw
}

// Lying is an item to pick up.
type Lying struct {
	ID   int  `json:"id"`
	Kind Item `json:"kind"`
	Point
}

// World is one match. It is used by one goroutine at a time.
type World struct {
	c          Config
	r          *Rules
	random     *rand.Rand
	tick       int
	phase      Phase
	since      int // the tick of the last change of phase
	roundSince int // the tick at which the round began
	round      int
	winner     int // seat of who won the last round, -1 if nobody
	ranked     bool
	seats      [Seats]*Player
	shots      []*Shot
	items      []Lying
	lastID     int
	history    [rewind + 1][Seats]Point
}

// New makes a world without players.
func New(c Config) *World {
	if c.Pause == 0 {
		c.Pause = roundPause
	}
	if c.Freeze == 0 {
		c.Freeze = c.Rules.Freeze
	}
	return &World{c: c, r: c.Rules, random: rand.New(rand.NewPCG(c.Seed, 0)), winner: -1} //nolint:gosec // no secret: where items turn up
}

// Phase is where the match is.
func (w *World) Phase() Phase { return w.phase }

// Champion is who won the match, nil before.
func (w *World) Champion() *Player {
	if w.phase != MatchOver || w.winner < 0 {
		return nil
	}
	return w.seats[w.winner]
}

// Ranked reports whether the match counts: it began with more players than one, bots aside.
func (w *World) Ranked() bool { return w.ranked }

// Add gives a player a seat and reports whether there was one. In a round that has begun, the fish waits for the next.
func (w *World) Add(id, name string, bot bool) bool {
	for i, p := range w.seats {
		if p == nil {
			w.seats[i] = &Player{ID: id, Name: name, Bot: bot, Ready: bot}
			return true
		}
	}
	return false
}

// Remove takes the seat of a player.
func (w *World) Remove(id string) {
	for i, p := range w.seats {
		if p != nil && p.ID == id {
			w.seats[i] = nil
		}
	}
}

// Player is who has this id, nil if nobody has.
func (w *World) Player(id string) *Player {
	for _, p := range w.seats {
		if p != nil && p.ID == id {
			return p
		}
	}
	return nil
}

// Count says how many seats are taken by players and by bots.
func (w *World) Count() (players, bots int) {
	for _, p := range w.seats {
		switch {
		case p == nil:
		case p.Bot:
			bots++
		default:
			players++
		}
	}
	return players, bots
}

// Input queues what a player did. Numbers that do not count up, and keys that do not exist, are left out; of too many
// inputs the oldest is dropped.
func (w *World) Input(id string, in Input) {
	p := w.Player(id)
	if p == nil {
		return
	}
	last := p.fish.Seq
	if len(p.queue) > 0 {
		last = p.queue[len(p.queue)-1].Seq
	}
	if in.Seq <= last {
		return
	}
	in.Keys &= allKeys
	if len(p.queue) == allowance {
		p.queue = p.queue[1:]
	}
	p.queue = append(p.queue, in)
}

// Step moves the world on by one tick and reports whether the phase has changed.
func (w *World) Step() bool {
	w.tick++
	before := w.phase
	switch {
	case w.phase == Lobby || w.phase == MatchOver:
		w.start()
	case w.phase == RoundOver && w.tick-w.since >= w.c.Pause:
		w.startRound()
	}
	if w.phase == Fight || w.phase == RoundOver {
		for seat, p := range w.seats {
			switch {
			case p == nil:
			case p.alive:
				w.play(seat, p)
			case len(p.queue) > 0: // nothing of a dead fish may wait for the next round
				p.fish.Seq, p.queue = p.queue[len(p.queue)-1].Seq, nil
			}
		}
		w.fly()
		w.dropItems()
		w.pickUp()
		w.drown()
		w.remember()
	}
	if w.phase == Fight {
		w.decide()
	}
	return w.phase != before
}

// play moves a fish by the inputs that have come, or by none when they stay away.
func (w *World) play(seat int, p *Player) {
	p.credit = min(p.credit+1, allowance)
	if len(p.queue) > 0 {
		p.idle = 0
	} else if p.idle++; p.idle > allowance {
		p.credit--
		p.bumped = 0
		p.fish.Sees(w.tick, p.fish.Seq) // whose player is away takes pushes at once
		w.r.Step(&p.fish, p.fish.Seq, 0)
	}
	for p.alive && p.credit > 0 && len(p.queue) > 0 {
		in := p.queue[0]
		p.queue = p.queue[1:]
		p.credit--
		p.view = min(max(in.View, w.tick-rewind), w.tick)
		p.fish.Sees(in.View, in.Seq)
		shot := w.r.Step(&p.fish, in.Seq, in.Keys)
		w.bump(seat, p)
		if shot != nil {
			w.shoot(seat, shot, p.view)
		}
	}
}

// dropItems lets an item turn up now and then.
func (w *World) dropItems() {
	if age := w.tick - w.roundSince; w.phase != Fight || age%w.r.ItemEvery != w.c.Freeze%w.r.ItemEvery || len(w.items) >= w.r.Items {
		return
	}
	at := w.r.ItemSpawns[w.random.IntN(len(w.r.ItemSpawns))]
	for _, it := range w.items {
		if it.Point == at {
			return
		}
	}
	w.lay(Urchin+Item(w.random.IntN(2)), at)
}

func (w *World) lay(kind Item, at Point) {
	w.lastID++
	w.items = append(w.items, Lying{ID: w.lastID, Kind: kind, Point: at})
}

// pickUp gives items to fish that touch them with empty fins.
func (w *World) pickUp() {
	for _, p := range w.seats {
		if p == nil || !p.alive || p.fish.Item != Nothing || p.fish.Stun > 0 {
			continue
		}
		for i, it := range w.items {
			if w.r.Reaches(&p.fish, it.Point) {
				p.fish.Item, p.fish.Ammo = it.Kind, 0
				if it.Kind == Blaster {
					p.fish.Ammo = w.r.BlasterAmmo
				}
				w.items = append(w.items[:i:i], w.items[i+1:]...)
				break
			}
		}
	}
}
