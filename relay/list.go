package relay

import "time"

// Info is what is known of a match from outside, at one moment.
type Info struct {
	ID      ID
	Size    int // members, at least 1
	Created time.Time
}

// Get returns what is known of a match. The error is ErrNotFound.
func (h *Hub) Get(id ID) (Info, error) {
	if m := h.find(id); m != nil {
		if i, ok := m.info(); ok {
			return i, nil
		}
	}
	return Info{}, ErrNotFound
}

// ListRequest says which matches to list.
type ListRequest struct {
	Limit   int // at most so many; 0 means 100
	MinSize int // those with at least so many members; 0 means no bound
	MaxSize int // those with at most so many members; 0 means no bound
}

// List returns the matches that fit, newest first.
func (h *Hub) List(r ListRequest) []Info {
	if r.Limit <= 0 {
		r.Limit = defaultListed
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	var found []Info
	for m := h.mu.newest; m != nil && len(found) < r.Limit; m = m.older {
		if i, ok := m.info(); ok && i.Size >= r.MinSize && (r.MaxSize <= 0 || i.Size <= r.MaxSize) {
			found = append(found, i)
		}
	}
	return found
}

// info returns false for a match that its first member has not joined yet, or its last one has left.
func (m *room) info() (Info, bool) {
	size := int(m.size.Load())
	return Info{ID: m.id, Size: size, Created: m.created}, size > 0
}
