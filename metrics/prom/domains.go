package prom

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/transport"
)

// transportSeries are those of sessions.
type transportSeries struct {
	open    prometheus.Gauge
	opened  prometheus.Counter
	closed  names[prometheus.Counter] // by code
	dropped [transport.DropUnsent + 1]prometheus.Counter
}

func newTransportSeries(s *series, maxNames int) *transportSeries {
	closed := s.counters("sessions_closed_total", "Sessions that ended, by the code they were closed with.", "code")
	dropped := s.counters("session_frames_dropped_total", "Frames that did not leave, by reason.", "reason")
	t := &transportSeries{
		open:   s.gauge("sessions", "Sessions that are connected."),
		opened: s.counter("sessions_opened_total", "Sessions that were opened."),
		closed: newNames(maxNames, func(code string) prometheus.Counter { return closed.WithLabelValues(code) }),
	}
	for i := range t.dropped {
		t.dropped[i] = dropped.WithLabelValues(transport.Drop(i).String())
	}
	return t
}

// Transport returns the hooks for [transport.Config]. Dropped allocates nothing.
func (m *Metrics) Transport() transport.Hooks {
	s := m.transport
	return transport.Hooks{
		Opened: func(*transport.Session) {
			s.open.Inc()
			s.opened.Inc()
		},
		Closed: func(gone *transport.Session) {
			code, _ := gone.Reason()
			s.open.Dec()
			s.closed.of(strconv.Itoa(code)).Inc()
		},
		Dropped: func(_ *transport.Session, why transport.Drop, n int) { s.dropped[why].Add(float64(n)) },
	}
}

// matchmakerSeries are those of tickets.
type matchmakerSeries struct {
	added, groups, players, failed prometheus.Counter
	removed                        *prometheus.CounterVec
	waited                         prometheus.Histogram
}

func newMatchmakerSeries(s *series) *matchmakerSeries {
	return &matchmakerSeries{
		added:   s.counter("matchmaker_tickets_added_total", "Tickets that began to wait."),
		removed: s.counters("matchmaker_tickets_removed_total", "Tickets that went without a match, by reason.", "reason"),
		groups:  s.counter("matchmaker_groups_total", "Groups that were told of their match."),
		players: s.counter("matchmaker_players_matched_total", "Players in these groups."),
		failed:  s.counter("matchmaker_failures_total", "Groups for which no match could be made; their tickets wait on."),
		waited: s.histogram("matchmaker_wait_seconds", "How long players waited who were matched.",
			[]float64{0.1, 0.3, 1, 3, 5, 10, 20, 30, 60, 120, 300, 600}),
	}
}

// Matchmaker returns the hooks for [matchmaker.Config].
func (m *Metrics) Matchmaker() matchmaker.Hooks {
	s := m.matchmaker
	return matchmaker.Hooks{
		Added:   func(*matchmaker.Ticket) { s.added.Inc() },
		Removed: func(_ *matchmaker.Ticket, why matchmaker.Reason) { s.removed.WithLabelValues(why.String()).Inc() },
		Failed:  func(matchmaker.Result, error) { s.failed.Inc() },
		Matched: func(r matchmaker.Result) {
			s.groups.Inc()
			s.players.Add(float64(len(r.Entries)))
			for i := range r.Entries {
				s.waited.Observe(time.Since(r.Entries[i].Ticket.Created).Seconds())
			}
		},
	}
}

// groupSeries are those of parties, and of relayed matches.
type groupSeries struct {
	open                         prometheus.Gauge
	created, ended, joined, left prometheus.Counter
}

func newGroupSeries(s *series, plural, singular, title string) *groupSeries {
	return &groupSeries{
		open:    s.gauge(plural, title+" with members."),
		created: s.counter(plural+"_created_total", title+" that began."),
		ended:   s.counter(plural+"_ended_total", title+" that ended."),
		joined:  s.counter(singular+"_joins_total", title+": members who came."),
		left:    s.counter(singular+"_leaves_total", title+": members who went."),
	}
}

func (s *groupSeries) begin() {
	s.created.Inc()
	s.open.Inc()
}

func (s *groupSeries) end() {
	s.ended.Inc()
	s.open.Dec()
}

// Party returns the hooks for [party.Config].
func (m *Metrics) Party() party.Hooks {
	s := m.party
	return party.Hooks{
		Created: func(party.ID) { s.begin() },
		Joined:  func(party.ID, presence.Presence) { s.joined.Inc() },
		Left:    func(party.ID, presence.Presence) { s.left.Inc() },
		Ended:   func(party.ID) { s.end() },
	}
}

// Relay returns the hooks for [relay.Config].
func (m *Metrics) Relay() relay.Hooks {
	s := m.relay
	return relay.Hooks{
		Created: func(relay.ID) { s.begin() },
		Joined:  func(relay.ID, presence.Presence) { s.joined.Inc() },
		Left:    func(relay.ID, presence.Presence) { s.left.Inc() },
		Ended:   func(relay.ID) { s.end() },
	}
}

// leaderboardSeries are those of what happens to boards by themselves.
type leaderboardSeries struct{ resets, ends prometheus.Counter }

func newLeaderboardSeries(s *series) *leaderboardSeries {
	return &leaderboardSeries{
		resets: s.counter("leaderboard_resets_total", "Periods of boards that ended."),
		ends:   s.counter("leaderboard_tournament_ends_total", "Tournaments that stopped taking scores, each period once."),
	}
}

// Leaderboard returns the hooks for [leaderboard.Config]. They never fail.
func (m *Metrics) Leaderboard() leaderboard.Hooks {
	count := func(c prometheus.Counter) func(context.Context, leaderboard.Ended) error {
		return func(context.Context, leaderboard.Ended) error {
			c.Inc()
			return nil
		}
	}
	return leaderboard.Hooks{Reset: count(m.leaderboard.resets), TournamentEnd: count(m.leaderboard.ends)}
}

// authSeries are those of sign-ins.
type authSeries struct {
	signIns *prometheus.CounterVec
	reused  prometheus.Counter
}

func newAuthSeries(s *series) *authSeries {
	return &authSeries{
		signIns: s.counters("sign_ins_total", "Sign-ins that were tried, by how and with what result.", "kind", "result"),
		reused:  s.counter("refresh_tokens_reused_total", "Refresh tokens that came back after their exchange: their families ended."),
	}
}

// Auth returns the hooks for [auth.Config].
func (m *Metrics) Auth() auth.Hooks {
	s := m.auth
	return auth.Hooks{
		SignIn: func(_ context.Context, o auth.Outcome) { s.signIns.WithLabelValues(string(o.Kind), result(o)).Inc() },
		Reused: func(context.Context, string, string) { s.reused.Inc() },
	}
}

// result says in a word how a sign-in went.
func result(o auth.Outcome) string {
	told, _ := errors.AsType[*auth.Error](o.Err)
	switch {
	case o.Created:
		return "created"
	case o.Err == nil:
		return "ok"
	case errors.Is(o.Err, auth.ErrThrottled):
		return "throttled"
	case told == nil || told.Code == auth.CodeInternal:
		return "error"
	}
	return "refused"
}

// requestSeries are those of what clients ask for.
type requestSeries struct{ names names[outcomes] }

type outcomes struct{ ok, failed prometheus.Counter }

func newRequestSeries(s *series, maxNames int) *requestSeries {
	all := s.counters("requests_total", "Requests of clients that were answered, by result.", "name", "result")
	return &requestSeries{newNames(maxNames, func(name string) outcomes {
		return outcomes{all.WithLabelValues(name, "ok"), all.WithLabelValues(name, "error")}
	})}
}

// Request counts a request of a client that was answered, and whether it failed. The host calls it where its gateway
// tells of requests; the name must not come from the client.
func (m *Metrics) Request(name string, err error) {
	o := m.requests.names.of(name)
	if err != nil {
		o.failed.Inc()
		return
	}
	o.ok.Inc()
}
