package column

import "iter"

// Texts is a column of words: which slots have which. The zero Texts is empty.
type Texts struct {
	sets map[string]*Set
}

// Add notes that a slot has a word.
func (t *Texts) Add(slot int, word string) {
	s := t.sets[word]
	if s == nil {
		if t.sets == nil {
			t.sets = make(map[string]*Set)
		}
		s = &Set{}
		t.sets[word] = s
	}
	s.Add(slot)
}

// Remove notes that a slot no longer has a word. A word that no slot has is forgotten.
func (t *Texts) Remove(slot int, word string) {
	s := t.sets[word]
	if s == nil {
		return
	}
	if s.Remove(slot); s.Len() == 0 {
		delete(t.sets, word)
	}
}

// Set returns the slots that have a word, or nil if there are none. It is read only, and valid until the column changes.
func (t *Texts) Set(word string) *Set { return t.sets[word] }

// Len returns how many different words there are.
func (t *Texts) Len() int { return len(t.sets) }

// All returns the words in no order, each with the slots that have it. To test each word once is how wildcards and
// regular expressions are found.
func (t *Texts) All() iter.Seq2[string, *Set] {
	return func(yield func(string, *Set) bool) {
		for word, s := range t.sets {
			if !yield(word, s) {
				return
			}
		}
	}
}
