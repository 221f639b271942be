//go:build !linux

package tick

import "time"

// alarm is not needed where Go waits for its timers exactly.
type alarm struct{}

func newAlarm() *alarm { return nil }

func (*alarm) set(time.Duration) {}

func (*alarm) close() {}
