//go:build unix && !linux

package ws

import "syscall"

// writeFD and readFD are the system calls on a socket that does not block.
func writeFD(fd uintptr, b []byte) (int, error) { return syscall.Write(int(fd), b) }

func readFD(fd uintptr, b []byte) (int, error) { return syscall.Read(int(fd), b) }
