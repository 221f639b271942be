package ws

import (
	"syscall"
	"unsafe"
)

// sysWrite and sysRead are the system calls on a socket that does not block. They do not tell the scheduler: a send
// over loopback takes long enough for it to give the processor to another thread, to no end, and to pay for that on
// the way back. On a busy server that is most of its time. b is not empty.
func sysWrite(fd int, b []byte) (int, error) { return rawCall(syscall.SYS_WRITE, uintptr(fd), b) }

func sysRead(fd int, b []byte) (int, error) { return rawCall(syscall.SYS_READ, uintptr(fd), b) }

func rawCall(trap, fd uintptr, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
