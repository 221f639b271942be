package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// process is a game that runs.
type process struct{ stdin io.Writer }

// launch starts a game and reports each line that it writes and, last, "exit" and why. It is killed when ctx is done, which
// for the ctx of a callback is the end of the match.
func launch(ctx context.Context, program []string, report func(line string)) (*process, error) {
	cmd := exec.CommandContext(ctx, program[0], program[1:]...)
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			report(lines.Text())
		}
		report(fmt.Sprint("exit ", cmd.Wait()))
	}()
	return &process{stdin}, nil
}

// admit lets a user in who shows the ticket.
func (p *process) admit(ticket, user string) error {
	_, err := fmt.Fprintf(p.stdin, "admit %s %s\n", ticket, user)
	return err
}
