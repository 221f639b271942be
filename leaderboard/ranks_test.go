package leaderboard

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// oracle is the obvious implementation of ranks: a slice that is sorted again after each change.
type oracle struct {
	descending bool
	all        []Standing
}

func (o *oracle) compare(a, b Standing) int {
	c := cmp.Or(cmp.Compare(a.Score, b.Score), cmp.Compare(a.Subscore, b.Subscore), strings.Compare(a.Owner, b.Owner))
	if o.descending {
		return -c
	}
	return c
}

func (o *oracle) set(s Standing) {
	o.remove(s.Owner)
	o.all = append(o.all, s)
	slices.SortFunc(o.all, o.compare)
}

func (o *oracle) remove(owner string) {
	o.all = slices.DeleteFunc(o.all, func(s Standing) bool { return s.Owner == owner })
}

// uuidOf makes a UUID whose order among others is not the order of n.
func uuidOf(n int) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(b[8:], uint64(n))
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// ownerGen draws owners of all kinds: UUIDs, UUIDs that are not packed, other text.
var ownerGen = rapid.OneOf(
	rapid.Map(rapid.IntRange(0, 40), uuidOf),
	rapid.Map(rapid.IntRange(0, 9), func(n int) string { return fmt.Sprintf("ffffffff-ffff-ffff-0000-00000000000%d", n) }),
	rapid.StringMatching(`[a-f0-9A-]{1,3}`),
)

func TestRanksAgreeWithASortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sort := rapid.SampledFrom([]Sort{Descending, Ascending}).Draw(t, "sort")
		r, want := newRanks(sort), &oracle{descending: sort == Descending}
		few := rapid.Int64Range(0, 3) // many ties
		drawn := func(t *rapid.T) Standing {
			return Standing{ownerGen.Draw(t, "owner"), few.Draw(t, "score"), few.Draw(t, "subscore")}
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				s := drawn(t)
				r.set(s)
				want.set(s)
			},
			"remove": func(t *rapid.T) {
				owner := ownerGen.Draw(t, "owner")
				r.remove(owner)
				want.remove(owner)
			},
			"gap": func(t *rapid.T) {
				s := drawn(t)
				place, found := r.gap(s)
				wantPlace, wantFound := slices.BinarySearchFunc(want.all, s, want.compare)
				require.Equal(t, wantPlace, place)
				require.Equal(t, wantFound, found)
			},
			"": func(t *rapid.T) { requireSame(t, want, r) },
		})
	})
}

// The same with enough entries for many blocks, so that they split, thin out, merge and vanish.
func TestRanksAgreeWithASortedSliceInManyBlocks(t *testing.T) {
	for _, sort := range []Sort{Descending, Ascending} {
		rnd := rand.New(rand.NewPCG(1, uint64(sort)))
		r, want := newRanks(sort), &oracle{descending: sort == Descending}
		for n := range 3000 {
			s := Standing{uuidOf(n), rnd.Int64N(500), rnd.Int64N(3)}
			r.set(s)
			want.all = append(want.all, s)
		}
		slices.SortFunc(want.all, want.compare)
		requireSame(t, want, r)
		require.Greater(t, len(r.order), 3000/blockSize)

		moved := rnd.Perm(3000)[:800]
		for _, n := range moved {
			s := Standing{uuidOf(n), 1000 + rnd.Int64N(500), 0} // all to one end
			r.set(s)
			want.set(s)
		}
		requireSame(t, want, r)

		for i, n := range rnd.Perm(3000) {
			r.remove(uuidOf(n))
			want.remove(uuidOf(n))
			if i%500 == 499 {
				requireSame(t, want, r)
			}
		}
		require.Zero(t, r.len())
		require.Empty(t, r.order, "an empty board keeps no blocks")
	}
}

func requireSame(t require.TestingT, want *oracle, r *ranks) {
	require.Equal(t, len(want.all), r.len())
	for i, s := range want.all {
		if got := r.at(i); got != s {
			require.Equal(t, s, got, "at place %d", i)
		}
		place, got, ok := r.of(s.Owner)
		if !ok || place != i || got != s {
			require.Fail(t, "wrong place", "%v is at %d, not %d", s, place, i)
		}
	}
	entries := 0
	for i := range r.order {
		b := r.ordered(i)
		require.NotZero(t, b.size)
		require.Equal(t, entries, r.before(i))
		require.Equal(t, b.scores[b.order[0]], r.firsts[i])
		require.Equal(t, i, int(b.place))
		entries += int(b.size)
	}
	require.Equal(t, len(want.all), entries)
	require.Len(t, r.firsts, len(r.order))
}

func TestRanksOfNobody(t *testing.T) {
	r := newRanks(Descending)
	_, _, ok := r.of(uuidOf(1))
	require.False(t, ok, "a UUID without an entry")
	_, _, ok = r.of("ann")
	require.False(t, ok, "a text without an entry")
	r.remove(uuidOf(1))
	r.remove("ann")
	place, found := r.gap(Standing{Owner: "ann"})
	require.Zero(t, place)
	require.False(t, found)
}

func TestRanksSplitABlockAnywhere(t *testing.T) {
	for at := range int64(blockSize + 1) {
		r, want := newRanks(Ascending), &oracle{}
		for n := range int64(blockSize) {
			s := Standing{fmt.Sprint(n), 2 * n, 0}
			r.set(s)
			want.all = append(want.all, s)
		}
		s := Standing{"new", 2*at - 1, 0}
		r.set(s)
		want.set(s)
		require.Len(t, r.order, 2)
		requireSame(t, want, r)
	}
}

func TestRanksForgetNames(t *testing.T) {
	r := newRanks(Descending)
	r.set(Standing{"ann", 1, 0})
	r.set(Standing{"ann", 2, 0})
	require.Len(t, r.names.places, 1)
	r.remove("ann")
	require.Empty(t, r.names.places)
}

func TestRanksStayCompact(t *testing.T) {
	r := newRanks(Ascending)
	for n := range 20 * blockSize {
		r.set(Standing{uuidOf(n), int64(n), 0})
	}
	for n := range 20 * blockSize {
		if n%16 != 0 {
			r.remove(uuidOf(n))
		}
	}
	require.LessOrEqual(t, len(r.order), 2*r.len()/blockThin, "thin blocks merge")
}

func TestNamesComeBackUnchanged(t *testing.T) {
	for text, packed := range map[string]bool{
		"8f4a3b52-17c0-4d3e-9a6b-0c1d2e3f4a5b":  true,
		"00000000-0000-0000-0000-000000000000":  true,
		"8F4A3B52-17C0-4D3E-9A6B-0C1D2E3F4A5B":  false, // would come back in lower case
		"8f4a3b5217c04d3e9a6b0c1d2e3f4a5b":      false,
		"8f4a3b52-17c0-4d3e-9a6b-0c1d2e3f4a5g":  false,
		"8f4a3b52-17c0-4d3e-9a6b00c1d2e3f4a5b":  false,
		"ffffffff-ffff-ffff-9a6b-0c1d2e3f4a5b":  false, // the mark of text
		"ffffffff-ffff-fffe-ffff-ffffffffffff":  true,
		"ann":                                   false,
		" f4a3b52-17c0-4d3e-9a6b-0c1d2e3f4a5b":  false,
		"8f4a3b52-17c0-4d3e-9a6b-0c1d2e3f4a5bc": false,
	} {
		_, ok := pack(text)
		require.Equal(t, packed, ok, text)
		var table names
		require.Equal(t, text, table.text(table.add(text)))
	}
}

func TestNamesAreReused(t *testing.T) {
	var table names
	ann := table.add("ann")
	require.Equal(t, ann, table.add("ann"))
	bob := table.add("bob")
	require.NotEqual(t, ann, bob)
	table.drop(ann)
	_, ok := table.find("ann")
	require.False(t, ok)
	require.Equal(t, ann, table.add("carol"), "the place of a dropped text is given again")
	require.Equal(t, "carol", table.text(ann))
	require.Equal(t, "bob", table.text(bob))
}

func FuzzPack(f *testing.F) {
	f.Add(uuidOf(7))
	f.Add("ann")
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := pack(text); ok {
			require.Equal(t, text, unpack(n))
		}
	})
}

func benchmarkRanks(b *testing.B, f func(b *testing.B, r *ranks, all []Standing)) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(1, 2))
			r, all := newRanks(Descending), make([]Standing, n)
			for i := range all {
				all[i] = Standing{uuidOf(i), rnd.Int64N(1 << 40), 0}
				r.set(all[i])
			}
			rnd.Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
			b.ReportAllocs()
			f(b, r, all)
		})
	}
}

func BenchmarkRanksSet(b *testing.B) {
	benchmarkRanks(b, func(b *testing.B, r *ranks, all []Standing) {
		rnd := rand.New(rand.NewPCG(3, 4))
		for i := 0; b.Loop(); i++ {
			s := all[i%len(all)]
			s.Score = rnd.Int64N(1 << 40)
			r.set(s) // an update: take and insert
		}
	})
}

func BenchmarkRanksInsert(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(1, 2))
			all := make([]Standing, n)
			for i := range all {
				all[i] = Standing{uuidOf(i), rnd.Int64N(1 << 40), 0}
			}
			b.ReportAllocs()
			r := newRanks(Descending)
			for i := 0; b.Loop(); i++ {
				if i%n == 0 {
					r = newRanks(Descending)
				}
				r.set(all[i%n])
			}
		})
	}
}

func BenchmarkRanksPlace(b *testing.B) {
	benchmarkRanks(b, func(b *testing.B, r *ranks, all []Standing) {
		for i := 0; b.Loop(); i++ {
			r.of(all[i%len(all)].Owner)
		}
	})
}

func BenchmarkRanksAt(b *testing.B) {
	benchmarkRanks(b, func(b *testing.B, r *ranks, all []Standing) {
		for i := 0; b.Loop(); i++ {
			r.at(i % len(all))
		}
	})
}

// BenchmarkRanksLoad is what a start costs: standings in the order in which stores give them, and the memory they take.
func BenchmarkRanksLoad(b *testing.B) {
	for _, n := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				r := newRanks(Descending)
				for i := range n {
					var owner [36]byte
					r.set(Standing{string(appendUUID(owner[:0], i)), int64(i / 3), 0})
				}
				b.ReportMetric(float64(heap()-before)/float64(n), "B/entry")
				runtime.KeepAlive(r)
			}
		})
	}
}

// appendUUID is uuidOf for many, quickly: ascending every three.
func appendUUID(to []byte, n int) []byte {
	x := uint64(n/3)*0x9E3779B97F4A7C15&^3 | uint64(n%3)
	return append(to, unpack(name{x >> 1, x})...)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
