package storage

import "time"

// Write is a [Put] as a store sees it. Hosts and gateways make a Put.
type Write struct {
	Put
	Client bool // a client writes, and may not change what only the host may
	At     time.Time
}

// Deletion is a [Removal] as a store sees it. Hosts and gateways make a Removal.
type Deletion struct {
	Removal
	Client bool // a client deletes: what the host may only change stays, and the object must be there
}

// Apply computes what a write makes of the object that is stored under its ID. It is the one place where the rules of
// versions and writers are; every [Store] calls it inside its transaction. A nil stored means that there is no object
// yet. Apply keeps no state and does not change stored. [Objects] has checked the fields of w.
//
// A write that changes neither value nor access changes nothing at all; o is then the stored object and changed is
// false. The errors are [ErrProtected] and [ErrVersion]; with an error o is the zero Object.
func Apply(stored *Object, w Write) (o Object, changed bool, err error) {
	switch {
	case stored != nil && w.Client && stored.Writers == HostOnly:
		return Object{}, false, ErrProtected
	case !fits(stored, w.Version):
		return Object{}, false, ErrVersion
	}
	o = Object{ID: w.ID, Created: w.At}
	if stored != nil {
		o = *stored
		if o.Value == w.Value && o.Readers == w.Readers && o.Writers == w.Writers {
			return o, false, nil
		}
	}
	o.Value, o.Version, o.Readers, o.Writers, o.Updated = w.Value, Version(w.Value), w.Readers, w.Writers, w.At
	return o, true, nil
}

// CheckDelete tells whether a deletion may remove the object that is stored under its ID; nil if there is none, and then
// there is nothing to do. Every [Store] calls it inside its transaction. The errors are [ErrVersion] and, for clients
// only, [ErrProtected] and [ErrNotFound].
func CheckDelete(stored *Object, d Deletion) error {
	switch {
	case stored == nil && d.Client:
		return ErrNotFound
	case stored == nil:
		return nil
	case d.Client && stored.Writers == HostOnly:
		return ErrProtected
	case !fits(stored, d.Version):
		return ErrVersion
	}
	return nil
}

// fits tells whether the stored object is one that is asked for by its version.
func fits(stored *Object, version string) bool {
	switch version {
	case "":
		return true
	case Absent:
		return stored == nil
	}
	return stored != nil && stored.Version == version
}
