package skill

import (
	"errors"
	"math"
)

const (
	mean  = 25.0
	sigma = mean / 3
	// beta is how much players vary from game to game: a player who is that much better wins about two of three.
	beta = sigma / 2
	// tau is the uncertainty that comes back before each game, so that a rating never stops moving.
	tau = mean / 300
	// leastShare is what is left at least of a variance after one game.
	leastShare = 0.0001
)

// ErrTeams is the error of [Rate] for teams that cannot be rated: fewer than two, an empty one, a place for each of other
// teams, or a rating that is no number or has no uncertainty.
var ErrTeams = errors.New("skill: cannot rate such teams")

// Rating is what is believed of a player: the mean and the standard deviation of the skill.
type Rating struct{ Mu, Sigma float64 }

// New returns the rating of a player nobody knows.
func New() Rating { return Rating{Mu: mean, Sigma: sigma} }

// Ordinal is a skill that the player almost surely has: what to rank players by.
func (r Rating) Ordinal() float64 { return r.Mu - 3*r.Sigma }

// Evenness says how even a game of two is, from 0 to 1: it falls with the distance of the ratings and with their
// uncertainty. It is the same for both. It is 0 where a rating is no number.
func Evenness(a, b Rating) float64 {
	c2 := 2*beta*beta + a.Sigma*a.Sigma + b.Sigma*b.Sigma
	d := a.Mu - b.Mu
	e := math.Sqrt(2*beta*beta/c2) * math.Exp(-d*d/(2*c2))
	if math.IsNaN(e) {
		return 0
	}
	return e
}

// team is a team as one player.
type team struct {
	mu, variance float64
	place        int
	strength     float64 // e to the mu / c
	rivals       float64 // the strengths of all teams whose place is not better
	ties         float64 // teams with its place, itself included
}

// Rate returns the ratings after a game, in the order of teams. Places say how it ended: the lowest number has won, and
// equal numbers are a draw. The skill of a team is the sum of its players'.
func Rate(teams [][]Rating, places []int) ([][]Rating, error) {
	if err := check(teams, places); err != nil {
		return nil, err
	}
	after, sums := make([][]Rating, len(teams)), make([]team, len(teams))
	for i, players := range teams {
		after[i] = append([]Rating(nil), players...)
		sums[i].place = places[i]
		for n := range after[i] {
			r := &after[i][n]
			r.Sigma = math.Hypot(r.Sigma, tau)
			sums[i].mu += r.Mu
			sums[i].variance += r.Sigma * r.Sigma
		}
	}
	c := compare(sums)
	for i, players := range after {
		omega, delta := change(sums, i, c)
		for n := range players {
			share := players[n].Sigma * players[n].Sigma / sums[i].variance
			players[n].Mu += share * omega
			players[n].Sigma *= math.Sqrt(max(1-share*delta, leastShare))
		}
	}
	return after, nil
}

func check(teams [][]Rating, places []int) error {
	if len(teams) < 2 || len(places) != len(teams) {
		return ErrTeams
	}
	for _, players := range teams {
		if len(players) == 0 {
			return ErrTeams
		}
		for _, r := range players {
			if math.IsNaN(r.Mu) || math.IsInf(r.Mu, 0) || !(r.Sigma > 0) || math.IsInf(r.Sigma, 0) {
				return ErrTeams
			}
		}
	}
	return nil
}

// compare finds what the teams are to each other, and returns the scale of the game: the deviation of all of it.
func compare(teams []team) (c float64) {
	highest := math.Inf(-1)
	for i := range teams {
		c += teams[i].variance + beta*beta
		highest = max(highest, teams[i].mu)
	}
	c = math.Sqrt(c)
	for i := range teams {
		teams[i].strength = math.Exp((teams[i].mu - highest) / c)
	}
	for i := range teams {
		t := &teams[i]
		for _, o := range teams {
			if o.place >= t.place {
				t.rivals += o.strength
			}
			if o.place == t.place {
				t.ties++
			}
		}
	}
	return c
}

// change returns by how much the mean of a team moves, and which share of its variance goes.
func change(teams []team, i int, c float64) (omega, delta float64) {
	t := &teams[i]
	for q := range teams {
		o := &teams[q]
		if o.place > t.place {
			continue
		}
		chance := t.strength / o.rivals
		if q == i {
			omega += (1 - chance) / o.ties
		} else {
			omega -= chance / o.ties
		}
		delta += chance * (1 - chance) / o.ties
	}
	gamma := math.Sqrt(t.variance) / c
	return omega * t.variance / c, delta * gamma * t.variance / (c * c)
}
