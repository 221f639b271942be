// Matchsim plays arrivals from a scenario against the matchmaker and its policy, faster than real time, and prints how long
// players waited, how even their matches were, and how fair that was.
//
//	go run ./examples/matchsim examples/matchsim/evening.json
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "matchsim:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("want one argument, the file of a scenario")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var s scenario
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	r, err := s.play(ctx)
	if err != nil {
		return err
	}
	r.print(os.Stdout)
	return nil
}
