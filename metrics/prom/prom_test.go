package prom_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/metrics/prom"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/tick"
	"github.com/shoal-go/shoal/transport"
)

// game has room for one, ends cleanly when told, and panics when told something else.
type game struct{ match.NopHandler[struct{}] }

func (game) Init(context.Context, match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: match.PerSecond(10), Capacity: 1, Inbox: 1}, nil
}

func (game) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, in []match.Message) error {
	return d.Broadcast(match.Outgoing{Data: []byte("four")})
}

func (game) Signal(_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, data string) (string, error) {
	if data == "end" {
		return "", match.ErrEnd
	}
	panic(data)
}

// quiet are outboxes of everything.
type quiet struct{}

func (quiet) Matched(matchmaker.Result)                                   {}
func (quiet) Expired(*matchmaker.Ticket)                                  {}
func (quiet) PartyEvent(party.ID, []presence.Presence, party.Event)       {}
func (quiet) Flush(party.ID, []presence.Presence)                         {}
func (quietRelay) RelayData(relay.ID, []presence.Presence, relay.Message) {}
func (quietRelay) RelayPresence(_ relay.ID, _, _, _ []presence.Presence)  {}
func (quietRelay) Flush(relay.ID, []presence.Presence)                    {}

type quietRelay struct{}

func named(name string) presence.Presence {
	return presence.Presence{User: name, Session: name, Username: name}
}

func joiner(name string) match.Joiner { return match.Joiner{Presence: named(name)} }

// scraped is what Prometheus reads.
type scraped struct {
	*testing.T
	families map[string]*dto.MetricFamily
}

func scrape(t *testing.T, m *prom.Metrics, d prom.Domains) scraped {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler(d).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	require.Equal(t, 200, w.Code)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(w.Body)
	require.NoError(t, err)
	return scraped{t, families}
}

// value is that of a counter or gauge, and how many a histogram has counted. Labels are "name=value".
func (s scraped) value(name string, labels ...string) float64 {
	s.Helper()
	require.Contains(s, s.families, name)
	for _, one := range s.families[name].Metric {
		var have []string
		for _, l := range one.Label {
			have = append(have, l.GetName()+"="+l.GetValue())
		}
		if strings.Join(have, ",") == strings.Join(labels, ",") {
			return one.GetCounter().GetValue() + one.GetGauge().GetValue() + float64(one.GetHistogram().GetSampleCount())
		}
	}
	require.Fail(s, "no such labels", "%s%v", name, labels)
	return 0
}

func TestMatches(t *testing.T) {
	m, err := prom.New(prom.Config{})
	require.NoError(t, err)
	clock := tick.NewManual(time.Now())
	matches, err := match.New(match.Config{Source: clock, Hooks: m.Match()})
	require.NoError(t, err)
	match.Register(matches, "game", game{})

	ctx := t.Context()
	create := func() match.ID {
		id, err := matches.Create(ctx, "game", nil)
		require.NoError(t, err)
		return id
	}
	one, two, three := create(), create(), create()
	require.NoError(t, matches.Join(ctx, match.JoinRequest{ID: one, Who: joiner("ann")}))
	require.ErrorIs(t, matches.Join(ctx, match.JoinRequest{ID: one, Who: joiner("bob")}), match.ErrFull)
	require.NoError(t, matches.Join(ctx, match.JoinRequest{ID: two, Who: joiner("cid")}))
	require.NoError(t, matches.Send(one, "ann", match.Message{Data: []byte("five5")}))
	require.ErrorIs(t, matches.Send(one, "ann", match.Message{Data: []byte("more")}), match.ErrDropped)
	clock.Advance(time.Second)
	require.NoError(t, matches.Leave(two, "cid", match.Disconnected))
	_, err = matches.Signal(ctx, two, "end")
	require.NoError(t, err)
	_, err = matches.Signal(ctx, three, "what")
	require.Error(t, err)

	s := scrape(t, m, prom.Domains{Matches: matches})
	const game = "handler=game"
	for _, c := range []struct {
		want   float64
		name   string
		labels []string
	}{
		{3, "shoal_matches_created_total", []string{game}},
		{1, "shoal_matches", []string{game}},
		{1, "shoal_matches_ended_total", []string{"cause=clean", game}},
		{1, "shoal_matches_ended_total", []string{"cause=panic", game}},
		{2, "shoal_match_joins_total", []string{game}},
		{1, "shoal_match_joins_refused_total", []string{game, "reason=full"}},
		{1, "shoal_match_leaves_total", []string{game, "reason=disconnected"}},
		{1, "shoal_match_messages_dropped_total", []string{game, "reason=inbox full"}},
		{30, "shoal_match_tick_duration_seconds", []string{game}},
		{30, "shoal_match_tick_lateness_seconds", []string{game}},
		{0, "shoal_match_ticks_missed_total", []string{game}},
		{1, "shoal_match_members", nil},
		{0, "shoal_match_inbox_messages", nil},
		{1, "shoal_match_messages_received_total", nil},
		{5, "shoal_match_received_bytes_total", nil},
		{20, "shoal_match_messages_sent_total", nil},
		{80, "shoal_match_sent_bytes_total", nil},
	} {
		require.Equal(t, c.want, s.value(c.name, c.labels...), "%s %v", c.name, c.labels)
	}
}

// everything makes each series appear.
func everything(t *testing.T) scraped {
	t.Helper()
	m, err := prom.New(prom.Config{})
	require.NoError(t, err)
	sessions := transport.NewSessions(transport.Config{Hooks: m.Transport()})
	server, client := transport.Pipe(transport.PipeConfig{})
	go func() { _, _, _ = client.Receive() }() // it hears the goodbye, and answers
	gone, err := sessions.Open(named("ann"), transport.Text, server)
	require.NoError(t, err)
	gone.Close(transport.CloseNormal, "bye")
	<-gone.Done()
	m.Transport().Dropped(gone, transport.DropUnsent, 2)

	relays, err := relay.New(relay.Config{Outbox: quietRelay{}, Hooks: m.Relay()})
	require.NoError(t, err)
	_, err = relays.Create(relay.CreateRequest{Who: named("ann")})
	require.NoError(t, err)
	relays.LeaveAll("ann")
	parties, err := party.New(party.Config{Outbox: quiet{}, Hooks: m.Party()})
	require.NoError(t, err)
	_, err = parties.Create(party.CreateRequest{Who: named("ann"), MaxSize: 2})
	require.NoError(t, err)

	queue, err := matchmaker.New(matchmaker.Config{Outbox: quiet{}, Hooks: m.Matchmaker()})
	require.NoError(t, err)
	for _, name := range []string{"ann", "bob", "cid", "dan"} {
		_, err = queue.Add(matchmaker.Request{Presences: []presence.Presence{named(name)}, MinCount: 2, MaxCount: 2, Query: "*"})
		require.NoError(t, err)
		if name == "cid" {
			queue.RemoveSession(name)
		}
	}

	hooks := m.Leaderboard()
	require.NoError(t, hooks.Reset(t.Context(), leaderboard.Ended{}))
	require.NoError(t, hooks.TournamentEnd(t.Context(), leaderboard.Ended{}))
	signIns := m.Auth()
	for _, o := range []auth.Outcome{
		{Kind: auth.Email},
		{Kind: auth.Email, Created: true},
		{Kind: auth.Device, Err: &auth.Error{Code: auth.CodeResourceExhausted, Err: auth.ErrThrottled}},
		{Kind: auth.Email, Err: &auth.Error{Code: auth.CodeUnauthenticated, Err: auth.ErrCredentials}},
		{Kind: auth.Email, Err: &auth.Error{Code: auth.CodeInternal}},
		{Kind: auth.Email, Err: context.Canceled},
	} {
		signIns.SignIn(t.Context(), o)
	}
	signIns.Reused(t.Context(), "ann", "family")
	m.Request("match_join", nil)
	m.Request("match_join", errors.New("no"))
	of := m.Match()
	of.Created(match.Info{ID: "a.n", Handler: "game"})
	of.Held("a.n", named("ann"), time.Second)
	of.Slow("a.n", "Loop", time.Second)
	of.Refused("a.n", named("ann"), match.Reject("no"))
	of.Ended(match.Info{ID: "a.n", Handler: "game"}, nil, match.ErrStopped)

	matches, err := match.New(match.Config{})
	require.NoError(t, err)
	return scrape(t, m, prom.Domains{Matches: matches, Matchmaker: queue})
}

func TestOtherDomains(t *testing.T) {
	s := everything(t)
	for _, c := range []struct {
		want   float64
		name   string
		labels []string
	}{
		{0, "shoal_sessions", nil},
		{1, "shoal_sessions_opened_total", nil},
		{1, "shoal_sessions_closed_total", []string{"code=1000"}},
		{2, "shoal_session_frames_dropped_total", []string{"reason=unsent"}},
		{0, "shoal_relayed_matches", nil},
		{1, "shoal_relayed_matches_created_total", nil},
		{1, "shoal_relayed_matches_ended_total", nil},
		{1, "shoal_relayed_match_leaves_total", nil},
		{1, "shoal_parties", nil},
		{1, "shoal_party_joins_total", nil},
		{4, "shoal_matchmaker_tickets_added_total", nil},
		{1, "shoal_matchmaker_tickets_removed_total", []string{"reason=disconnected"}},
		{1, "shoal_matchmaker_groups_total", nil},
		{2, "shoal_matchmaker_players_matched_total", nil},
		{2, "shoal_matchmaker_wait_seconds", nil},
		{1, "shoal_matchmaker_tickets", []string{"pool="}},
		{1, "shoal_leaderboard_resets_total", nil},
		{1, "shoal_leaderboard_tournament_ends_total", nil},
		{1, "shoal_sign_ins_total", []string{"kind=email", "result=ok"}},
		{1, "shoal_sign_ins_total", []string{"kind=email", "result=created"}},
		{1, "shoal_sign_ins_total", []string{"kind=device", "result=throttled"}},
		{1, "shoal_sign_ins_total", []string{"kind=email", "result=refused"}},
		{2, "shoal_sign_ins_total", []string{"kind=email", "result=error"}},
		{1, "shoal_refresh_tokens_reused_total", nil},
		{1, "shoal_requests_total", []string{"name=match_join", "result=ok"}},
		{1, "shoal_requests_total", []string{"name=match_join", "result=error"}},
		{1, "shoal_match_joins_refused_total", []string{"handler=game", "reason=handler"}},
		{1, "shoal_match_slow_callbacks_total", []string{"callback=Loop", "handler=game"}},
	} {
		require.Equal(t, c.want, s.value(c.name, c.labels...), "%s %v", c.name, c.labels)
	}
	require.Contains(t, s.families, "go_goroutines")
}

var row = regexp.MustCompile("(?m)^\\| `(shoal_[a-z_]+)` \\| (\\w+) \\| ([^|]*) \\| (.*) \\|$")

// The series that are documented are those that there are, with their types, labels and help.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	documented := make(map[string]string)
	for _, found := range row.FindAllStringSubmatch(string(page), -1) {
		documented[found[1]] = found[0]
	}
	for name, family := range everything(t).families {
		if !strings.HasPrefix(name, "shoal_") {
			continue
		}
		var labels []string
		for _, l := range family.Metric[0].Label {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		want := fmt.Sprintf("| `%s` | %s | %s | %s |", name, strings.ToLower(family.GetType().String()),
			strings.Join(labels, ", "), family.GetHelp())
		require.Equal(t, want, documented[name])
		delete(documented, name)
	}
	require.Empty(t, documented, "documented, but not there")
}

func TestLabelsAreBounded(t *testing.T) {
	m, err := prom.New(prom.Config{MaxNames: 2})
	require.NoError(t, err)
	for i := range 5 {
		m.Request(fmt.Sprint("name ", i), nil)
		m.Match().Created(match.Info{ID: match.ID(fmt.Sprint(i)), Handler: fmt.Sprint("game ", i)})
	}
	m.Match().Tick("nobody knows it", tick.Tick{}, time.Second)
	pools := pools{"a": {Waiting: 1}, "b": {Waiting: 2}, "c": {Waiting: 3, Oldest: time.Now()}, "d": {Waiting: 4}}
	s := scrape(t, m, prom.Domains{Matchmaker: pools})
	require.Equal(t, 1.0, s.value("shoal_requests_total", "name=name 1", "result=ok"))
	require.Equal(t, 3.0, s.value("shoal_requests_total", "name=other", "result=ok"))
	require.Equal(t, 3.0, s.value("shoal_matches", "handler=other"))
	require.Len(t, s.families["shoal_matches"].Metric, 3)
	require.Equal(t, 1.0, s.value("shoal_match_tick_duration_seconds", "handler=other"))
	require.Equal(t, 2.0, s.value("shoal_matchmaker_tickets", "pool=b"))
	require.Equal(t, 7.0, s.value("shoal_matchmaker_tickets", "pool=other"))
	require.Len(t, s.families["shoal_matchmaker_tickets"].Metric, 3)
}

type pools map[string]matchmaker.PoolStats

func (p pools) Stats() matchmaker.Stats { return matchmaker.Stats{Pools: p} }

func TestHotHooksAllocateNothing(t *testing.T) {
	m, err := prom.New(prom.Config{})
	require.NoError(t, err)
	of := m.Match()
	of.Created(match.Info{ID: "a.n", Handler: "game"})
	at := time.Now()
	now := tick.Tick{N: 1, Scheduled: at, At: at.Add(time.Millisecond), Missed: 1}
	who := named("ann")
	dropped := m.Transport().Dropped
	require.Zero(t, testing.AllocsPerRun(100, func() {
		of.Tick("a.n", now, time.Millisecond)
		of.Dropped("a.n", who, match.DropRate, 1)
		of.Joined("a.n", who)
		of.Left("a.n", match.Departure{Presence: who, Reason: match.Kicked})
		dropped(nil, transport.DropSuperseded, 1)
		m.Request("ping", nil)
	}))
}

func TestConfig(t *testing.T) {
	_, err := prom.New(prom.Config{MaxNames: -1})
	require.Error(t, err)
	shared := prometheus.NewRegistry()
	m, err := prom.New(prom.Config{Registry: shared})
	require.NoError(t, err)
	require.NotContains(t, scrape(t, m, prom.Domains{}).families, "go_goroutines", "the host's registry is the host's")
	_, err = prom.New(prom.Config{Registry: shared})
	require.ErrorAs(t, err, new(prometheus.AlreadyRegisteredError))
}

func BenchmarkTick(b *testing.B) {
	m, err := prom.New(prom.Config{})
	require.NoError(b, err)
	of := m.Match()
	of.Created(match.Info{ID: "0e9f0c0a-0d3c-4b7e-8c0e-000000000000.shoal", Handler: "game"})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			of.Tick("0e9f0c0a-0d3c-4b7e-8c0e-000000000000.shoal", tick.Tick{}, time.Millisecond)
		}
	})
}
