package query_test

import (
	"fmt"

	"github.com/shoal-go/shoal/query"
)

func Example() {
	match := query.Doc{}
	match.AddJSON("label", []byte(`{"mode":"ffa","skill":60,"full":false,"region":"us"}`))

	q, err := query.Parse(`+label.mode:ffa +label.skill:>=50 -label.full:T label.region:eu`, query.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	score, ok := q.Match(match)
	fmt.Println(ok, score)
	// Output: true 2
}

func ExampleParse_syntaxError() {
	_, err := query.Parse(`+name:"Ann`, query.Options{})
	fmt.Println(err)
	// Output: query: at 6: unclosed quote
}

// A matchmaker lets its players leave out the prefix of their properties.
func ExampleOptions() {
	ticket := query.Doc{}
	ticket.Add("properties.region", query.Text("europe"))
	ticket.Add("properties.rank", query.Number(8))
	ticket.Add("min_count", query.Number(2))

	o := query.Options{Field: func(name string) string {
		if name == "min_count" {
			return name
		}
		return "properties." + name
	}}
	q, err := query.Parse(`+region:europe +rank:>=7 +rank:<=9 +min_count:2`, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, ok := q.Match(ticket)
	fmt.Println(ok)
	// Output: true
}

// An index looks up the clauses that it has a column for, and leaves the rest to Match.
func ExampleQuery_Clauses() {
	q, err := query.Parse(`label.region:eu +label.mode:ffa +label.skill:>=50`, query.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range q.Clauses() {
		switch {
		case c.Occur == query.Must && c.Test == query.Equal:
			fmt.Println("look up", c.Field, "=", c.Text)
		case c.Occur == query.Must && c.Test == query.AtLeast:
			fmt.Println("scan", c.Field, "from", c.Number)
		}
	}
	// Output:
	// look up label.mode = ffa
	// scan label.skill from 50
}
