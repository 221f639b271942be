package prom

import (
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// matchSeries are those of authoritative matches.
type matchSeries struct {
	running                          *prometheus.GaugeVec
	created, joins, held, missed     *prometheus.CounterVec
	ended, refused, left, slow, lost *prometheus.CounterVec
	took, late                       *prometheus.HistogramVec

	kinds names[*kind]
	seed  maphash.Seed
	of    [64]kindShard // which match is of which kind
}

// kindShard is a part of that, with its lock: ticks of different matches seldom meet.
type kindShard struct {
	sync.RWMutex
	kinds map[match.ID]*kind
}

// kind is the series of one handler, looked up once.
type kind struct {
	handler                      string
	running                      prometheus.Gauge
	created, joins, held, missed prometheus.Counter
	left                         [match.HoldExpired + 1]prometheus.Counter
	lost                         [match.DropLeft + 1]prometheus.Counter
	took, late                   prometheus.Observer
}

func newMatchSeries(s *series, maxNames int) *matchSeries {
	var bounds []float64
	for _, b := range (match.Histogram{}).Bounds() {
		bounds = append(bounds, b.Seconds())
	}
	const handler = "handler"
	m := &matchSeries{
		seed:    maphash.MakeSeed(),
		running: s.gauges("matches", "Authoritative matches that run.", handler),
		created: s.counters("matches_created_total", "Matches that began.", handler),
		ended:   s.counters("matches_ended_total", "Matches that ended, by cause.", handler, "cause"),
		joins:   s.counters("match_joins_total", "Seats taken.", handler),
		refused: s.counters("match_joins_refused_total", "Joins that were not given a seat, by reason.", handler, "reason"),
		left:    s.counters("match_leaves_total", "Members who left a match that went on, by reason.", handler, "reason"),
		held:    s.counters("match_seats_held_total", "Seats kept for players who were disconnected.", handler),
		took: s.histograms("match_tick_duration_seconds", "How long Loops took, with all that they sent.",
			bounds, handler),
		late:   s.histograms("match_tick_lateness_seconds", "How late Loops began.", bounds, handler),
		missed: s.counters("match_ticks_missed_total", "Ticks left out.", handler),
		slow: s.counters("match_slow_callbacks_total", "Callbacks that took longer than the match's SlowAfter.",
			handler, "callback"),
		lost: s.counters("match_messages_dropped_total", "Messages of members that reached no Loop, by reason.",
			handler, "reason"),
	}
	for i := range m.of {
		m.of[i].kinds = make(map[match.ID]*kind)
	}
	m.kinds = newNames(maxNames, m.newKind)
	return m
}

func (s *matchSeries) newKind(handler string) *kind {
	k := &kind{
		handler: handler,
		running: s.running.WithLabelValues(handler),
		created: s.created.WithLabelValues(handler),
		joins:   s.joins.WithLabelValues(handler),
		held:    s.held.WithLabelValues(handler),
		missed:  s.missed.WithLabelValues(handler),
		took:    s.took.WithLabelValues(handler),
		late:    s.late.WithLabelValues(handler),
	}
	for i := range k.left {
		k.left[i] = s.left.WithLabelValues(handler, match.Reason(i).String())
	}
	for i := range k.lost {
		k.lost[i] = s.lost.WithLabelValues(handler, match.Drop(i).String())
	}
	return k
}

func (s *matchSeries) shard(id match.ID) *kindShard {
	return &s.of[maphash.String(s.seed, string(id))%uint64(len(s.of))]
}

// kind is that of a match; of one that has ended it is not known any more.
func (s *matchSeries) kind(id match.ID) *kind {
	sh := s.shard(id)
	sh.RLock()
	k := sh.kinds[id]
	sh.RUnlock()
	if k == nil {
		return s.kinds.of(other)
	}
	return k
}

// Match returns the hooks for [match.Config]. Tick and Dropped allocate nothing.
func (m *Metrics) Match() match.Hooks {
	s := m.match
	return match.Hooks{
		Created: s.begun,
		Ended:   s.over,
		Joined:  func(id match.ID, _ presence.Presence) { s.kind(id).joins.Inc() },
		Refused: func(id match.ID, _ presence.Presence, cause error) {
			s.refused.WithLabelValues(s.kind(id).handler, refusal(cause)).Inc()
		},
		Left: func(id match.ID, gone match.Departure) { s.kind(id).left[gone.Reason].Inc() },
		Held: func(id match.ID, _ presence.Presence, _ time.Duration) { s.kind(id).held.Inc() },
		Tick: s.tick,
		Slow: func(id match.ID, callback string, _ time.Duration) {
			s.slow.WithLabelValues(s.kind(id).handler, callback).Inc()
		},
		Dropped: func(id match.ID, _ presence.Presence, why match.Drop, n int) { s.kind(id).lost[why].Add(float64(n)) },
	}
}

func (s *matchSeries) begun(info match.Info) {
	k := s.kinds.of(info.Handler)
	sh := s.shard(info.ID)
	sh.Lock()
	sh.kinds[info.ID] = k
	sh.Unlock()
	k.created.Inc()
	k.running.Inc()
}

func (s *matchSeries) over(info match.Info, _ []presence.Presence, cause error) {
	k := s.kinds.of(info.Handler)
	sh := s.shard(info.ID)
	sh.Lock()
	_, known := sh.kinds[info.ID]
	delete(sh.kinds, info.ID)
	sh.Unlock()
	s.ended.WithLabelValues(k.handler, ending(cause)).Inc()
	if known { // a match may end before its first turn
		k.running.Dec()
	}
}

func (s *matchSeries) tick(id match.ID, t tick.Tick, took time.Duration) {
	k := s.kind(id)
	k.took.Observe(took.Seconds())
	k.late.Observe(t.At.Sub(t.Scheduled).Seconds())
	if t.Missed > 0 {
		k.missed.Add(float64(t.Missed))
	}
}

// refusal is the reason of a refused join.
func refusal(cause error) string {
	switch {
	case errors.Is(cause, match.ErrFull):
		return "full"
	case errors.Is(cause, match.ErrBusy):
		return "busy"
	}
	return "handler"
}

// ending is the cause of an end.
func ending(cause error) string {
	var panicked *match.PanicError
	switch {
	case cause == nil:
		return "clean"
	case errors.As(cause, &panicked):
		return "panic"
	case errors.Is(cause, match.ErrStopped):
		return "stopped"
	case errors.Is(cause, match.ErrEmpty):
		return "empty"
	case errors.Is(cause, match.ErrBehind):
		return "behind"
	case errors.Is(cause, match.ErrStale):
		return "stale"
	}
	return "failed"
}
