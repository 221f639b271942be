package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// errSharingViolation is the error of a file that somebody has open and does not share.
const errSharingViolation = syscall.Errno(32)

// lockFile makes a file that nobody else can open until unlock is called, or the process ends in any way.
func lockFile(path string) (unlock func() error, err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharingViolation) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return func() error {
		err := syscall.CloseHandle(h)
		_ = os.Remove(path) // fails if somebody else has it already
		return err
	}, nil
}
