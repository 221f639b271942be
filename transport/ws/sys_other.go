//go:build unix && !linux

package ws

import "syscall"

// sysWrite and sysRead are the system calls on a socket that does not block.
func sysWrite(fd int, b []byte) (int, error) { return syscall.Write(fd, b) }

func sysRead(fd int, b []byte) (int, error) { return syscall.Read(fd, b) }
