package tick

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// alarm makes the timers of Go punctual. An idle process waits for them in whole milliseconds (epoll_wait), so a tick would
// begin up to one late. An event of a file ends that wait, and then the runtime looks at its timers: a timerfd(2)
// is a file that has one in time. Nobody reads it.
type alarm struct {
	file *os.File
	fd   uintptr
}

// newAlarm returns nil if there is none to be had.
func newAlarm() *alarm {
	const monotonic = 1
	fd, _, errno := syscall.RawSyscall(syscall.SYS_TIMERFD_CREATE, monotonic, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return nil
	}
	return &alarm{os.NewFile(fd, "timerfd"), fd}
}

// set has the alarm ring after d, and not at the time set before.
func (a *alarm) set(d time.Duration) {
	if a == nil || d == never {
		return
	}
	spec := struct{ interval, value syscall.Timespec }{value: syscall.NsecToTimespec(max(1, int64(d)))}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, a.fd, 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

func (a *alarm) close() {
	if a != nil {
		_ = a.file.Close()
	}
}
