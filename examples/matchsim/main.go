// Matchsim plays arrivals from a scenario against the matchmaker and its policy, faster than real time, and prints how long
// players waited, how even their matches were, and how fair that was.
//
//	go run ./examples/matchsim examples/matchsim/evening.json
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "matchsim:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("matchsim", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: matchsim SCENARIO.json\n\nREADME.md says what is in a scenario; evening.json is one.")
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return errors.New("want one argument, the file of a scenario")
	}
	file := flags.Arg(0)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var s scenario
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	r, err := s.play(ctx)
	if err != nil {
		return err
	}
	r.print(os.Stdout)
	return nil
}
