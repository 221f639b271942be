package query_test

import (
	"strings"
	"testing"

	"github.com/shoal-go/shoal/query"
)

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"plain":    `+label.mode:ffa +label.skill:>=50 -label.full:T label.region:eu`,
		"ranges":   `+mode:mode3 +region:region5 +skill:>=1234.5 +skill:<=1634.5`,
		"wildcard": `+label.map:de_* label.region:us-*`,
		"regexp":   `+label.map:/de_[a-z]+/`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := query.Parse(text, query.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	d := query.Doc{}
	d.AddJSON("label", []byte(`{"mode":"ffa","skill":60,"full":false,"region":"us-east","map":"de_dust","tags":["a","b","c"]}`))
	for name, text := range map[string]string{
		"all":      `*`,
		"plain":    `+label.mode:ffa +label.skill:>=50 -label.full:T label.region:eu`,
		"miss":     `label.region:eu label.tags:x +label.mode:tdm`,
		"wildcard": `+label.map:de_*`,
		"regexp":   `+label.map:/de_[a-z]+/`,
	} {
		q := parse(b, text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q.Match(d)
			}
		})
	}
}

// The worst that a player can send: it must stay a matter of milliseconds.
func BenchmarkMatchHostile(b *testing.B) {
	text := strings.Repeat("a", 2048)
	for name, q := range map[string]string{
		"wildcard": `f:*` + strings.Repeat("a", 1000) + `b`,
		"stars":    `f:` + strings.Repeat("*a", 1000) + `b`,
		"regexp":   `f:/(a?){150}b/`,
	} {
		compiled := parse(b, q)
		d := texts(text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				compiled.Match(d)
			}
		})
	}
}
