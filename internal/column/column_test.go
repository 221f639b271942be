package column_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/internal/column"
)

// doc is a document as the model knows it.
type doc struct {
	words  []string
	number float64 // -1 for none
}

// pool is some documents in columns, and as they are.
type pool struct {
	docs   map[int]doc
	live   column.Set
	words  column.Texts
	number column.Numbers
}

func newPool() *pool { return &pool{docs: map[int]doc{}} }

func (p *pool) put(slot int, d doc) {
	p.remove(slot)
	p.docs[slot] = d
	p.live.Add(slot)
	for _, w := range d.words {
		p.words.Add(slot, w)
	}
	if d.number >= 0 {
		p.number.Put(slot, d.number)
	}
}

func (p *pool) remove(slot int) {
	for _, w := range p.docs[slot].words {
		p.words.Remove(slot, w)
	}
	p.number.Remove(slot)
	p.live.Remove(slot)
	delete(p.docs, slot)
}

// search is some conditions: at least one of some words, none of others, and a number in a range.
type search struct {
	any, none  []string
	low, high  float64
	ranged, or bool // or: no number will do, too
}

func (p *pool) scan(s *column.Scan, q search) []int {
	s.Reset()
	if q.any != nil {
		s.Any(p.sets(q.any)...)
	}
	s.None(p.sets(q.none)...)
	switch {
	case q.ranged && q.or:
		s.WithinOrNone(&p.number, q.low, q.high)
	case q.ranged:
		s.Within(&p.number, q.low, q.high)
	}
	s.All(&p.live)
	return slices.Collect(s.Slots)
}

func (p *pool) sets(words []string) (sets []*column.Set) {
	for _, w := range words {
		sets = append(sets, p.words.Set(w))
	}
	return sets
}

func (q search) matches(d doc) bool {
	has := func(word string) bool { return slices.Contains(d.words, word) }
	if q.any != nil && !slices.ContainsFunc(q.any, has) || slices.ContainsFunc(q.none, has) {
		return false
	}
	if !q.ranged || q.or && d.number < 0 {
		return true
	}
	return d.number >= 0 && d.number >= q.low && d.number <= q.high
}

func (p *pool) naive(q search) (found []int) {
	for slot, d := range p.docs {
		if q.matches(d) {
			found = append(found, slot)
		}
	}
	slices.Sort(found)
	return found
}

// script makes choices from bytes, so that the fuzzer can steer it.
type script struct {
	bytes []byte
	rand  *rand.Rand // when the bytes are used up
}

func (s *script) intn(n int) int {
	if len(s.bytes) == 0 {
		return s.rand.IntN(n)
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b) % n
}

// word is one of few that many documents have, or of many that few have.
func (s *script) word() string {
	if s.intn(3) > 0 {
		return fmt.Sprint("common", s.intn(3))
	}
	return fmt.Sprint("rare", s.intn(200))
}

func (s *script) wordList(n int) (list []string) {
	for range s.intn(n + 1) {
		list = append(list, s.word())
	}
	return list
}

func (s *script) number() float64 {
	switch s.intn(8) {
	case 0:
		return 100 // many are equal
	case 1:
		return math.Inf(1)
	default:
		return float64(s.intn(250)) + float64(s.intn(8))/8
	}
}

func (s *script) doc() doc {
	d := doc{words: s.wordList(2), number: -1}
	if s.intn(4) > 0 {
		d.number = s.number()
	}
	slices.Sort(d.words)
	d.words = slices.Compact(d.words)
	return d
}

func (s *script) search() search {
	q := search{none: s.wordList(2), low: s.number(), ranged: s.intn(3) > 0, or: s.intn(2) == 0}
	q.high = q.low + float64(s.intn(100))
	if s.intn(2) == 0 {
		q.any = append(s.wordList(2), s.word())
	}
	return q
}

// play changes a pool at random, and compares what it finds with what a look at every document finds.
func (s *script) play(t testing.TB, slots, changes, searches int) {
	p := newPool()
	var scan column.Scan
	for range searches {
		for range changes {
			slot := s.intn(256)*(slots/256+1) + s.intn(slots/256+1)
			if s.intn(3) == 0 {
				p.remove(slot)
			} else {
				p.put(slot, s.doc())
			}
		}
		q := s.search()
		require.Equal(t, p.naive(q), p.scan(&scan, q), "%+v", q)
		require.Equal(t, len(p.docs), p.live.Len())
	}
	for slot, d := range p.docs {
		v, ok := p.number.At(slot)
		require.Equal(t, d.number >= 0, ok)
		require.True(t, !ok || v == d.number)
	}
	for word, set := range p.words.All() {
		require.NotZero(t, set.Len(), "a word that nobody has is forgotten")
		require.Equal(t, p.naive(search{any: []string{word}}), slices.Collect(set.All()))
	}
}

func TestScansFindWhatALookAtEveryDocumentFinds(t *testing.T) {
	for _, size := range []struct{ slots, changes, searches int }{
		{20, 5, 300}, {300, 50, 200}, {5000, 300, 50}, {20_000, 5000, 10},
	} {
		t.Run(fmt.Sprint(size.slots), func(t *testing.T) {
			for seed := range 3 {
				s := &script{rand: rand.New(rand.NewPCG(uint64(seed), 0))}
				s.play(t, size.slots, size.changes, size.searches)
			}
		})
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("documents come and go"), uint64(1))
	f.Add([]byte{0, 255, 3, 7, 128, 9, 200, 13, 1, 2, 3, 4}, uint64(2))
	f.Fuzz(func(t *testing.T, bytes []byte, seed uint64) {
		s := &script{bytes: bytes, rand: rand.New(rand.NewPCG(seed, 0))}
		s.play(t, 10_000, 20+len(bytes)%200, 10)
	})
}

func TestAScanStopsWhenItsCallerHasEnough(t *testing.T) {
	p := newPool()
	for slot := range 10_000 {
		p.put(slot, doc{words: []string{"all"}, number: float64(slot % 100)})
	}
	var scan column.Scan
	for _, q := range []search{{any: []string{"all"}}, {any: []string{"all"}, low: 7, high: 7, ranged: true}} {
		p.scan(&scan, q)
		var first []int
		for slot := range scan.Slots {
			if first = append(first, slot); len(first) == 3 {
				break
			}
		}
		require.Equal(t, p.naive(q)[:3], first)
	}
}

func TestAScanWithoutASetFindsNothing(t *testing.T) {
	var scan column.Scan
	require.Empty(t, slices.Collect(scan.Slots))
	p := newPool()
	p.put(1, doc{number: 5})
	scan.Within(&p.number, 0, 10)
	require.Empty(t, slices.Collect(scan.Slots))
	scan.All(&p.live)
	require.Equal(t, []int{1}, slices.Collect(scan.Slots))
	scan.All(nil)
	require.Empty(t, slices.Collect(scan.Slots))
}

func TestNotANumberIsInNoRange(t *testing.T) {
	var c column.Numbers
	var live column.Set
	for slot := range 1000 {
		live.Add(slot)
		c.Put(slot, math.NaN())
	}
	c.Put(7, 1)
	var scan column.Scan
	scan.All(&live)
	scan.WithinOrNone(&c, math.Inf(-1), math.Inf(1))
	require.Equal(t, []int{7}, slices.Collect(scan.Slots))
}

// A pool of 100,000 with 4 modes, 6 regions and a normal skill, of which a search admits 2 in 100.
func benchmarkPool() (live *column.Set, words *column.Texts, skill *column.Numbers) {
	live, words, skill = &column.Set{}, &column.Texts{}, &column.Numbers{}
	r := rand.New(rand.NewPCG(1, 2))
	for slot := range 100_000 {
		live.Add(slot)
		words.Add(slot, fmt.Sprint("mode", r.IntN(4)))
		words.Add(slot, fmt.Sprint("region", r.IntN(6)))
		skill.Put(slot, 1500+300*r.NormFloat64())
	}
	return live, words, skill
}

func BenchmarkScan(b *testing.B) {
	live, words, skill := benchmarkPool()
	for _, limit := range []int{64, 1 << 30} {
		b.Run(strings.ReplaceAll(fmt.Sprint("limit=", limit), "1073741824", "none"), func(b *testing.B) {
			var s column.Scan
			b.ReportAllocs()
			for b.Loop() {
				s.Reset()
				s.All(words.Set("mode1"))
				s.All(words.Set("region3"))
				s.Within(skill, 1400, 1700)
				s.All(live)
				n := 0
				for range s.Slots {
					if n++; n == limit {
						break
					}
				}
			}
		})
	}
}

func BenchmarkNumbers(b *testing.B) {
	_, _, skill := benchmarkPool()
	r := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		slot := r.IntN(100_000)
		v, _ := skill.At(slot)
		skill.Remove(slot)
		skill.Put(slot, v)
	}
}
