package ws

import (
	"syscall"
	"time"
	"unsafe"
)

const (
	edge    = 1 << 31 // EPOLLET
	oneShot = 1 << 30 // EPOLLONESHOT
)

// epollControl changes what epoll tells about fd.
func epollControl(epoll, op, fd int, events uint32, place int32) error {
	return syscall.EpollCtl(epoll, op, fd, &syscall.EpollEvent{Events: events, Fd: place})
}

// epollWait returns how many events there are, and does not wait for any.
func epollWait(epoll int, events []syscall.EpollEvent) int {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if errno != 0 { // EINTR: the next time
		return 0
	}
	return int(n)
}

// timerSpec is struct itimerspec.
type timerSpec struct{ interval, value syscall.Timespec }

func newTimer() (int, error) {
	const monotonic = 1
	fd, _, errno := syscall.RawSyscall(syscall.SYS_TIMERFD_CREATE, monotonic, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// setTimer makes the timer ready after d, once.
func setTimer(fd int, d time.Duration) {
	spec := timerSpec{value: syscall.NsecToTimespec(int64(d))}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, uintptr(fd), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}
