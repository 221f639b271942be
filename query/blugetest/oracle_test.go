package blugetest

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/blugelabs/bluge"
	"github.com/blugelabs/bluge/analysis"
	"github.com/blugelabs/bluge/analysis/tokenizer"
	"github.com/blugelabs/bluge/search"
	"github.com/blugelabs/bluge/search/similarity"
	segment "github.com/blugelabs/bluge_segment_api"
	querystring "github.com/blugelabs/query_string"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/query"
)

// result is the score of each document that a query matches, by its place.
type result map[int]float64

// corpus is a list of labels, indexed by Bluge as the reference server does it, and as documents of ours.
type corpus struct {
	bluge *bluge.Reader
	docs  []query.Doc
}

// constant makes each term that matches score what its boost is.
type constant struct{}

func (constant) ComputeNorm(int) float32 { return 0 }

func (constant) Scorer(boost float64, _ segment.CollectionStats, _ segment.TermStats) search.Scorer {
	return similarity.ConstantScorer(boost)
}

func newCorpus(tb testing.TB, labels ...string) *corpus {
	tb.Helper()
	cfg := bluge.InMemoryOnlyConfig()
	cfg.DefaultSimilarity = constant{}
	w, err := bluge.OpenWriter(cfg)
	require.NoError(tb, err)
	c := &corpus{}
	batch := bluge.NewBatch()
	for i, label := range labels {
		d := query.Doc{}
		require.True(tb, d.AddJSON("label", []byte(label)), label)
		c.docs = append(c.docs, d)
		batch.Insert(blugeDocument(tb, i, label))
	}
	require.NoError(tb, w.Batch(batch))
	c.bluge, err = w.Reader()
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = c.bluge.Close(); _ = w.Close() })
	return c
}

func blugeDocument(tb testing.TB, id int, label string) *bluge.Document {
	doc := bluge.NewDocument(strconv.Itoa(id))
	var members map[string]any
	require.NoError(tb, json.Unmarshal([]byte(label), &members))
	addFields(doc, "label", members)
	return doc
}

// addFields indexes a value as the reference server does.
func addFields(doc *bluge.Document, path string, v any) {
	switch v := v.(type) {
	case string:
		if t, ok := asDate(v); ok {
			doc.AddField(bluge.NewDateTimeField(path, t))
		} else {
			doc.AddField(bluge.NewKeywordField(path, v))
		}
	case float64:
		doc.AddField(bluge.NewNumericField(path, v))
	case bool:
		doc.AddField(bluge.NewKeywordField(path, map[bool]string{true: "T", false: "F"}[v]))
	case []any:
		for _, element := range v {
			addFields(doc, path, element)
		}
	case map[string]any:
		for name, member := range v {
			addFields(doc, path+"."+name, member)
		}
	}
}

func asDate(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// theirs is what Bluge finds; the error is that of the parser or of the search.
func (c *corpus) theirs(text string) (result, error) {
	var q bluge.Query = bluge.NewMatchAllQuery()
	if text != "*" && text != "" {
		var err error
		keyword := &analysis.Analyzer{Tokenizer: tokenizer.NewSingleTokenTokenizer()}
		q, err = querystring.ParseQueryString(text, querystring.DefaultOptions().WithDefaultAnalyzer(keyword))
		if err != nil {
			return nil, err
		}
	}
	found, err := c.bluge.Search(context.Background(), bluge.NewTopNSearch(len(c.docs), q))
	if err != nil {
		return nil, err
	}
	hits := result{}
	for {
		m, err := found.Next()
		if err != nil || m == nil {
			return hits, err
		}
		var id string
		err = m.VisitStoredFields(func(field string, value []byte) bool {
			if field == "_id" {
				id = string(value)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
		i, err := strconv.Atoi(id)
		if err != nil {
			return nil, err
		}
		hits[i] = m.Score
	}
}

// ours is what package query finds.
func (c *corpus) ours(text string) (result, error) {
	q, err := query.Parse(text, query.Options{})
	if err != nil {
		return nil, err
	}
	hits := result{}
	for i, d := range c.docs {
		if score, ok := q.Match(d); ok {
			hits[i] = score
		}
	}
	return hits, nil
}
