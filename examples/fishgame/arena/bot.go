package arena

import "math/rand/v2"

const (
	near   = 70 * 256 // where dashing makes sense
	level  = 26 * 256 // so much up or down is the same height
	whim   = 18       // ticks for which a bot sticks to what it is up to, about
	astray = 6        // one in so many decisions is a whim
)

// Bot plays a fish: it sees what clients see, and answers with keys. It is meant to be beaten.
type Bot struct {
	r      *Rules
	random *rand.Rand
	until  int // the tick of the next decision
	goal   Point
	foe    *Seen
	held   Keys
}

// NewBot makes a bot with habits of its own.
func NewBot(r *Rules, seed uint64) *Bot {
	return &Bot{r: r, random: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // no secret: how a bot errs
}

// Keys is what the bot holds down in a seat, seeing this.
func (b *Bot) Keys(s *Snapshot, seat int) Keys {
	me := s.fish(seat)
	if me == nil || !me.Alive || me.Freeze > 0 {
		return 0
	}
	if s.Tick >= b.until {
		b.decide(s, me)
	}
	keys := b.walk(me, s.Sea) | b.attack(me)
	keys &^= b.held & (Dash | Use) // let go, to press again
	if me.VY >= 0 {
		keys &^= b.held & Jump
	}
	b.held = keys
	return keys
}

func (s *Snapshot) fish(seat int) *Seen {
	for i := range s.Fish {
		if s.Fish[i].Seat == seat {
			return &s.Fish[i]
		}
	}
	return nil
}

// decide picks something to go for: an item if it has none, else somebody, sometimes just a place.
func (b *Bot) decide(s *Snapshot, me *Seen) {
	b.until = s.Tick + whim/2 + b.random.IntN(whim)
	b.foe = nil
	best := b.r.Width * 4
	for i := range s.Fish {
		f := &s.Fish[i]
		if d := distance(me, Point{X: f.X, Y: f.Y}); f.Seat != me.Seat && f.Alive && d < best {
			best, b.foe, b.goal = d, f, Point{X: f.X, Y: f.Y}
		}
	}
	for _, it := range s.Items {
		if d := distance(me, it.Point); me.Item == Nothing && it.Y < s.Sea-4*level && d < best+near {
			best, b.goal = d, it.Point
		}
	}
	if b.random.IntN(astray) == 0 {
		b.goal = b.r.Spawns[b.random.IntN(len(b.r.Spawns))]
	}
}

// walk goes to the goal over what there is to stand on.
func (b *Bot) walk(me *Seen, sea int) Keys {
	goal := b.goal
	below := b.r.landing(me.X, me.Y, sea, false)
	if below == nil { // nothing but water: back to the nearest place
		goal = b.shore(me, sea)
	}
	var keys Keys
	switch {
	case goal.X > me.X+level/2:
		keys = Right
	case goal.X < me.X-level/2:
		keys = Left
	}
	switch {
	case below == nil:
		if me.VY > 0 {
			keys |= Jump
		}
		if me.VY > 0 && me.Cool == 0 && me.Flops > 0 {
			keys |= Dash
		}
	case me.Ground && goal.Y < me.Y-level:
		keys |= Jump
	case me.Ground && goal.Y > me.Y+2*level && below.Kind == Wood:
		keys |= Down
	case me.Ground && b.edge(me, keys, sea):
		keys |= Jump
	case !me.Ground && me.VY > 0 && goal.Y < me.Y-2*level && me.Flops == 0:
		keys |= Jump
	}
	if !me.Ground && me.VY < 0 && b.held&Jump != 0 {
		keys |= Jump // hold it, to rise higher
	}
	return keys
}

// edge reports whether there is only water a little ahead.
func (b *Bot) edge(me *Seen, keys Keys, sea int) bool {
	ahead := me.X + me.VX*3
	if keys&Right != 0 {
		ahead += level
	} else if keys&Left != 0 {
		ahead -= level
	}
	return b.r.landing(ahead, me.Y, sea, false) == nil
}

// shore is the middle of the platform nearest to a fish that is not far above it.
func (b *Bot) shore(me *Seen, sea int) Point {
	best, at := b.r.Width*4, Point{X: b.r.Width / 2}
	for _, p := range b.r.Platforms {
		mid := Point{X: p.X + p.W/2, Y: p.Y}
		d := max(0, abs(mid.X-me.X)-p.W/2) + max(0, me.Y-p.Y)*2
		if p.Y < sea && d < best {
			best, at = d, mid
		}
	}
	return at
}

// attack dashes into a fish that is near, or shoots at one that is ahead.
func (b *Bot) attack(me *Seen) Keys {
	if b.foe == nil {
		return 0
	}
	dx, dy := b.foe.X-me.X, b.foe.Y-me.Y
	if abs(dy) > level || dx*me.Face <= 0 {
		return 0
	}
	switch {
	case me.Item != Nothing && abs(dx) < 5*near && b.random.IntN(5) == 0:
		return Use
	case abs(dx) < near && me.Cool == 0 && b.random.IntN(6) == 0:
		return Dash
	}
	return 0
}

func distance(me *Seen, to Point) int { return abs(me.X-to.X) + 2*abs(me.Y-to.Y) }
