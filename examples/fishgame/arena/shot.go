package arena

// Shot is something deadly that flies: an urchin, or what a blaster shoots.
type Shot struct {
	ID    int  `json:"id"`
	Owner int  `json:"owner"` // the seat of the fish that it spares
	Seq   int  `json:"seq"`   // the input that fired it
	Kind  Item `json:"kind"`
	X     int  `json:"x"`
	Y     int  `json:"y"`
	VX    int  `json:"vx"`
	VY    int  `json:"vy,omitempty"`
	Age   int  `json:"age,omitempty"`
}

// use throws or shoots what the fish holds.
func (r *Rules) use(f *Fish) *Shot {
	s := &Shot{Seq: f.Seq, Kind: f.Item, X: f.X + f.Face*r.HalfWidth, Y: f.Y - r.HalfHeight/2}
	switch {
	case f.Item == Urchin:
		s.VX, s.VY = f.Face*r.UrchinSpeed+f.VX/2, min(f.VY, 0)/2-r.UrchinUp
		if f.Held&Down != 0 {
			s.VX, s.VY = s.VX/2, r.UrchinUp
		}
		f.Item = Nothing
	case f.Item == Blaster && f.Reload == 0:
		s.VX = f.Face * r.BlasterSpeed
		f.VX -= f.Face * r.BlasterRecoil
		f.Reload = r.Reload
		if f.Ammo--; f.Ammo == 0 {
			f.Item = Nothing
		}
	default:
		return nil
	}
	return s
}

// Fly moves a shot by one tick, and reports whether it is still deadly. An urchin that is not lies where it is.
func (r *Rules) Fly(s *Shot) bool {
	s.Age++
	s.X += s.VX
	if s.Kind == Blaster {
		return s.Age < r.BlasterLife && s.X > 0 && s.X < r.Width
	}
	if s.X < r.UrchinRadius || s.X > r.Width-r.UrchinRadius {
		s.X = min(max(s.X, r.UrchinRadius), r.Width-r.UrchinRadius)
		s.VX = -s.VX / 2
	}
	s.VY = min(s.VY+r.UrchinGravity, r.Fall)
	bottom := s.Y + r.UrchinRadius
	s.Y += s.VY
	if p := r.landing(s.X, bottom, bottom+s.VY, false); p != nil {
		s.Y, s.VX, s.VY = p.Y-r.UrchinRadius, s.VX*3/4, -s.VY*5/8
	}
	return s.Age < r.UrchinLife
}

// Strikes reports whether a shot touches a fish at a place.
func (r *Rules) Strikes(s *Shot, x, y int) bool {
	reach := r.UrchinRadius
	if s.Kind == Blaster {
		reach = r.BlasterRadius
	}
	return abs(s.X-x) < r.HalfWidth+reach && abs(s.Y-y) < r.HalfHeight+reach
}

// Bumps reports whether fish at these two places touch.
func (r *Rules) Bumps(dx, dy int) bool {
	return abs(dx) < 2*r.HalfWidth+r.HalfWidth/2 && abs(dy) < 2*r.HalfHeight
}

// Reaches reports whether a fish touches an item at a place.
func (r *Rules) Reaches(f *Fish, at Point) bool {
	return abs(f.X-at.X) < r.HalfWidth+r.ItemRadius && abs(f.Y-at.Y) < r.HalfHeight+r.ItemRadius
}

func abs(v int) int { return max(v, -v) }
