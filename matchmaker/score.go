package matchmaker

import "github.com/shoal-go/shoal/matchmaker/skill"

// BySkill returns a function for Config.Score: how even a match of two tickets is, from 0 to 1. Rating and uncertainty
// are the names of numeric properties, the mean and the standard deviation of a skill.Rating; a ticket without
// uncertainty is taken to be as uncertain as a new player, and one without rating scores 0 with everybody. Clients name
// their properties themselves: a host that wants its own ratings puts them into the Request, or edits the ticket.
func BySkill(rating, uncertainty string) func(a, b *Ticket) float64 {
	of := func(t *Ticket) (r skill.Rating, ok bool) {
		r = skill.New()
		if v, ok := t.Number(uncertainty); ok {
			r.Sigma = v
		}
		r.Mu, ok = t.Number(rating)
		return r, ok
	}
	return func(a, b *Ticket) float64 {
		one, ok := of(a)
		two, also := of(b)
		if !ok || !also {
			return 0
		}
		return skill.Evenness(one, two)
	}
}
