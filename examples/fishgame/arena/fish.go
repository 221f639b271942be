package arena

// Keys are what a player holds down.
type Keys int

// The keys of a player. Down drops through wood, or falls faster; Use throws or shoots what the fish holds.
const (
	Left Keys = 1 << iota
	Right
	Jump
	Down
	Dash
	Use
	allKeys = 1<<iota - 1
)

// Item is what a fish holds or what lies about.
type Item uint8

// Items. An urchin is thrown in an arc, bounces, and can be thrown again; a blaster shoots straight.
const (
	Nothing Item = iota
	Urchin
	Blaster
)

// Push is a knock that a fish takes with the first input of a player who has seen it, but with the input At at the latest.
type Push struct {
	At   int `json:"at"`
	Tick int `json:"tick,omitempty"` // of the world in which it happened
	VX   int `json:"vx"`
	VY   int `json:"vy"`
}

// Fish is all that decides how a fish moves on. X and Y are its middle.
type Fish struct {
	X      int    `json:"x"`
	Y      int    `json:"y"`
	VX     int    `json:"vx,omitempty"`
	VY     int    `json:"vy,omitempty"`
	Face   int    `json:"face"` // 1 looks right, -1 left
	Ground bool   `json:"ground,omitempty"`
	Coyote int    `json:"coyote,omitempty"` // ticks in which it may still jump as from the ground
	Buffer int    `json:"buffer,omitempty"` // ticks in which it still wants to jump
	Flops  int    `json:"flops,omitempty"`  // jumps in the air since it stood
	Drop   int    `json:"drop,omitempty"`   // ticks for which wood lets it through
	Dash   int    `json:"dash,omitempty"`   // ticks for which it dashes on
	Cool   int    `json:"cool,omitempty"`   // ticks until it may dash again
	Stun   int    `json:"stun,omitempty"`   // ticks for which it does not obey
	Freeze int    `json:"freeze,omitempty"` // ticks until the round begins for it
	Reload int    `json:"reload,omitempty"` // ticks until it may shoot again
	Item   Item   `json:"item,omitempty"`
	Ammo   int    `json:"ammo,omitempty"`
	Held   Keys   `json:"held,omitempty"` // keys in the step before
	Seq    int    `json:"seq,omitempty"`  // the last input of its player
	Pushes []Push `json:"pushes,omitempty"`
}

// Step moves a fish by one tick with an input of its player. It returns what the fish has thrown or shot, nil if
// nothing. The input after this one has the number seq+1.
func (r *Rules) Step(f *Fish, seq int, keys Keys) *Shot {
	f.Seq = seq
	r.takePushes(f)
	for _, t := range []*int{&f.Coyote, &f.Buffer, &f.Drop, &f.Cool, &f.Reload} {
		*t = max(0, *t-1)
	}
	if f.Freeze > 0 || f.Stun > 0 {
		keys = 0
	}
	f.Freeze, f.Stun = max(0, f.Freeze-1), max(0, f.Stun-1)
	pressed := keys &^ f.Held
	f.Held = keys
	r.steer(f, keys, pressed)
	r.leap(f, keys, pressed)
	r.move(f)
	if pressed&Use != 0 {
		return r.use(f)
	}
	return nil
}

// Sees has the fish take the pushes of ticks up to view with the input seq, if they have not been due before.
func (f *Fish) Sees(view, seq int) {
	for i := range f.Pushes {
		if p := &f.Pushes[i]; p.Tick <= view {
			p.At = min(p.At, seq)
		}
	}
}

// takePushes gives the fish the pushes that are due.
func (r *Rules) takePushes(f *Fish) {
	var later []Push
	for _, p := range f.Pushes {
		if p.At > f.Seq {
			later = append(later, p)
			continue
		}
		f.VX, f.VY, f.Stun, f.Dash, f.Ground = p.VX, p.VY, r.Stun, 0, false
	}
	f.Pushes = later
}

// steer runs, dashes and slows down.
func (r *Rules) steer(f *Fish, keys, pressed Keys) {
	dir := 0
	if keys&Left != 0 {
		dir--
	}
	if keys&Right != 0 {
		dir++
	}
	if dir != 0 && f.Dash == 0 {
		f.Face = dir
	}
	if pressed&Dash != 0 && f.Cool == 0 {
		f.Dash, f.Cool = r.DashTicks, r.DashCool
	}
	accel, friction := r.GroundAccel, r.Friction
	if !f.Ground {
		accel, friction = r.AirAccel, r.AirFriction
	}
	switch {
	case f.Dash > 0:
		f.Dash--
		f.VX, f.VY = f.Face*r.Dash, 0
	case dir == 0 || f.VX*dir > r.Run: // slows down, also when it is faster than it could run
		f.VX = towards(f.VX, dir*r.Run, friction)
	default:
		f.VX = towards(f.VX, dir*r.Run, accel)
	}
}

// leap jumps, flops, drops and falls.
func (r *Rules) leap(f *Fish, keys, pressed Keys) {
	if pressed&Jump != 0 {
		f.Buffer = r.Buffer
	}
	if pressed&Down != 0 && f.Ground {
		f.Drop = r.Drop
	}
	switch {
	case f.Buffer == 0:
	case f.Ground || f.Coyote > 0:
		f.VY, f.Buffer, f.Coyote, f.Ground = -r.Jump, 0, 0, false
	case pressed&Jump != 0 && f.Flops < r.Flops:
		f.VY, f.Buffer = -r.Flop, 0
		f.Flops++
	}
	if f.Dash > 0 {
		return
	}
	f.VY += r.Gravity
	if keys&Down != 0 || f.VY < 0 && f.Stun == 0 && keys&Jump == 0 {
		f.VY += r.Heavy
	}
	f.VY = min(f.VY, r.Fall)
}

// move applies the speed, and stops at what is in the way.
func (r *Rules) move(f *Fish) {
	f.X += f.VX
	if left, right := r.HalfWidth, r.Width-r.HalfWidth; f.X < left || f.X > right {
		f.X = min(max(f.X, left), right)
		f.VX = -f.VX / 2
	}
	was := f.Ground
	feet := f.Y + r.HalfHeight
	f.Y += f.VY
	f.Ground = false
	p := r.landing(f.X, feet, feet+f.VY, f.Drop > 0)
	switch {
	case p == nil:
		if was && f.VY >= 0 {
			f.Coyote = r.Coyote
		}
	case p.Kind == Jelly:
		f.Y, f.VY, f.Flops = p.Y-r.HalfHeight, -r.Jelly, 0
	default:
		f.Y, f.VY, f.Flops, f.Ground = p.Y-r.HalfHeight, 0, 0, true
	}
}

// landing is the highest platform that something falls on between two heights, nil if there is none. With through, wood
// does not hold it.
func (r *Rules) landing(x, from, to int, through bool) *Platform {
	var found *Platform
	for i := range r.Platforms {
		p := &r.Platforms[i]
		switch {
		case to < from || from > p.Y || to < p.Y, x < p.X || x > p.X+p.W, through && p.Kind == Wood:
		case found == nil || p.Y < found.Y:
			found = p
		}
	}
	return found
}

// towards is v, changed by at most step in the direction of the goal.
func towards(v, goal, step int) int {
	if v < goal {
		return min(v+step, goal)
	}
	return max(v-step, goal)
}
