package matchmaker

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
)

// formed asks the host's function for the group of the ticket whose candidates f has found, and checks it.
func (f *finder) formed() (group []*ticket, err error) {
	defer func() {
		if p := recover(); p != nil {
			group, err = nil, fmt.Errorf("matchmaker: panic in Form: %v\n%s", p, debug.Stack())
		}
	}()
	chosen := f.form(f.ticket.Ticket, func(yield func(*Ticket) bool) {
		for i := range f.candidates {
			if !yield(f.candidates[i].Ticket) {
				return
			}
		}
	})
	if len(chosen) == 0 {
		return nil, nil
	}
	f.chosen = f.chosen[:0]
	players := f.ticket.size()
	for _, c := range chosen {
		i := slices.IndexFunc(f.candidates, func(o candidate) bool { return o.Ticket == c })
		if i < 0 || slices.Contains(f.chosen, i) {
			return nil, errors.New("matchmaker: Form chose a ticket that is no candidate, or twice")
		}
		f.chosen = append(f.chosen, i)
		players += c.size()
	}
	return f.checked(players)
}

// checked returns the chosen group if it is one, of an allowed size.
func (f *finder) checked(players int) ([]*ticket, error) {
	if !f.ticket.accepts(players) || f.full && players != f.ticket.MaxCount {
		return nil, fmt.Errorf("matchmaker: Form chose %d players, which the ticket does not allow", players)
	}
	for n, i := range f.chosen {
		c := f.candidates[i]
		if !c.accepts(players) {
			return nil, fmt.Errorf("matchmaker: Form chose %d players, which a candidate does not accept", players)
		}
		for _, j := range f.chosen[:n] {
			if !c.mutual(f.candidates[j].ticket, &f.work) {
				return nil, errors.New("matchmaker: Form chose tickets that do not want each other")
			}
		}
	}
	return f.group(), nil
}
