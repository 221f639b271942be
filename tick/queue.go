package tick

import "slices"

// queue is a first-in, first-out queue of entries.
type queue struct {
	entries []*entry // entries[head:] is live
	head    int
}

func (q *queue) push(e *entry) {
	if q.head > len(q.entries)/2 { // on a busy worker it may never run empty
		q.entries = slices.Delete(q.entries, 0, q.head)
		q.head = 0
	}
	q.entries = append(q.entries, e)
}

// pop returns nil when the queue is empty.
func (q *queue) pop() *entry {
	if q.head == len(q.entries) {
		return nil
	}
	e := q.entries[q.head]
	q.entries[q.head] = nil
	if q.head++; q.head == len(q.entries) {
		q.entries, q.head = q.entries[:0], 0
	}
	return e
}

// keep leaves out the entries that are not wanted.
func (q *queue) keep(want func(*entry) bool) {
	q.entries = slices.DeleteFunc(slices.Delete(q.entries, 0, q.head), func(e *entry) bool { return !want(e) })
	q.head = 0
}

func (q *queue) len() int { return len(q.entries) - q.head }

func (q *queue) empty() bool { return q.head == len(q.entries) }
