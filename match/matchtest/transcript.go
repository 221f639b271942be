package matchtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// Transcript is all that has gone into a match and come out of it, in order. Its String can be kept in a file, and is read
// by [ParseTranscript]. Two runs with the same seed and inputs have the same transcript, unless the handler depends on
// something else: the time of day, the order of a map, its own random numbers.
type Transcript []Entry

// Entry is one thing that happened. Sessions stand for players.
type Entry struct {
	At   time.Duration `json:"at"` // nanoseconds since the match was created
	What What          `json:"what"`

	Joiner     *match.Joiner `json:"joiner,omitempty"` // of Join
	From       string        `json:"from,omitempty"`   // who sends or leaves
	Reason     match.Reason  `json:"reason,omitempty"` // of Leave
	Grace      time.Duration `json:"grace,omitempty"`  // of Terminate
	Op         int64         `json:"op,omitempty"`
	Data       []byte        `json:"data,omitempty"` // in base64
	Unreliable bool          `json:"unreliable,omitempty"`
	Replace    uint64        `json:"replace,omitempty"`
	Text       string        `json:"text,omitempty"` // a signal, a reply, or an error
	To         []string      `json:"to,omitempty"`
	Joined     []string      `json:"joined,omitempty"`
	Left       []string      `json:"left,omitempty"`
}

// What is the kind of an Entry.
type What string

// Inputs.
const (
	Join      What = "join"
	Leave     What = "leave"
	Send      What = "send"
	Signal    What = "signal"
	Terminate What = "terminate"
	Restart   What = "restart"
	Kill      What = "kill"
	Until     What = "until" // the last entry: how far the clock has moved
)

// Outputs.
const (
	Answer   What = "answer"   // to the Join, Leave, Send or Signal that could not be done, or the reply to a Signal
	Data     What = "data"     // a message to some
	Presence What = "presence" // who came and who left
	Ended    What = "ended"    // the match is over
)

// String has one entry a line, as JSON.
func (t Transcript) String() string {
	var b strings.Builder
	for i := range t {
		line, err := json.Marshal(&t[i])
		if err != nil {
			line = fmt.Appendf(nil, "%q", err) // cannot be: an Entry has only plain fields
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// ParseTranscript reads what String has written.
func ParseTranscript(text string) (Transcript, error) {
	var t Transcript
	for line := range strings.Lines(text) {
		var e Entry
		d := json.NewDecoder(bytes.NewReader([]byte(line)))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("matchtest: line %d of the transcript: %w", len(t)+1, err)
		}
		t = append(t, e)
	}
	return t, nil
}

// Diff returns where two transcripts begin to differ: the number of the line, and the line of both. It is "" if they are
// equal.
func (t Transcript) Diff(other Transcript) string {
	for i := range max(len(t), len(other)) {
		one, two := "nothing\n", "nothing\n"
		if i < len(t) {
			one = t[i : i+1].String()
		}
		if i < len(other) {
			two = other[i : i+1].String()
		}
		if one != two {
			return fmt.Sprintf("line %d\n  is %s  and %s", i+1, one, two)
		}
	}
	return ""
}

// Transcript returns what has gone in and come out so far. What the test does to the match by other means than the
// Harness and its players, such as the Registry or the State, is not in it.
func (h *Harness[S]) Transcript() Transcript {
	return append(h.out.transcript(), Entry{At: h.since(), What: Until})
}

// Replay plays the inputs of a transcript, at their times, to a new match of the handler. The test fails if the transcript
// of that is another. Config must be that of the recording; players and links play no part any more.
func Replay[S any](t testing.TB, handler match.Handler[S], c Config, recorded Transcript) *Harness[S] {
	t.Helper()
	h := New(t, handler, c)
	for _, e := range recorded {
		h.Advance(e.At - h.since())
		h.input(&e)
	}
	if diff := recorded.Diff(h.Transcript()); diff != "" {
		t.Errorf("matchtest: the replay differs: %s", diff)
	}
	return h
}

// input does again what an entry says was done.
func (h *Harness[S]) input(e *Entry) {
	h.t.Helper()
	switch e.What {
	case Join:
		if e.Joiner != nil {
			_ = h.join(*e.Joiner) // the answer is in the transcript; so in the others
		}
	case Leave:
		_ = h.depart(e.From, e.Reason)
	case Send:
		_ = h.message(e.From, match.Message{Op: e.Op, Data: bytes.Clone(e.Data), Unreliable: e.Unreliable})
	case Signal:
		_, _ = h.Signal(e.Text)
	case Terminate:
		h.Terminate(e.Grace)
	case Restart, Kill:
		h.restart(e.What)
	}
	h.check()
}

// since is how far the clock has moved.
func (h *Harness[S]) since() time.Duration { return h.clock.Now().Sub(h.start) }

// join asks for a seat.
func (h *Harness[S]) join(who match.Joiner) error {
	h.out.record(Entry{What: Join, Joiner: &who})
	err := h.registry.Join(context.Background(), match.JoinRequest{ID: h.id, Who: who})
	return h.answer("", err)
}

func (h *Harness[S]) depart(session string, why match.Reason) error {
	h.out.record(Entry{What: Leave, From: session, Reason: why})
	return h.answer("", h.registry.Leave(h.id, session, why))
}

func (h *Harness[S]) message(session string, m match.Message) error {
	h.out.record(Entry{What: Send, From: session, Op: m.Op, Data: bytes.Clone(m.Data), Unreliable: m.Unreliable})
	return h.answer("", h.registry.Send(h.id, session, m))
}

// answer records what an input was answered, if there is something to tell.
func (h *Harness[S]) answer(reply string, err error) error {
	if err != nil {
		reply = err.Error()
	}
	if reply != "" {
		h.out.record(Entry{What: Answer, Text: reply})
	}
	return err
}

func sessions(of []presence.Presence) (names []string) {
	for _, p := range of {
		names = append(names, p.Session)
	}
	return names
}
