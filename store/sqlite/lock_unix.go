//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// lockFile makes a file that belongs to this caller until it calls unlock, or its process ends in any way. A file that is
// left behind by a process that was killed is nobody's. It is not the store's own file: SQLite has locks on that, which it
// would lose whenever a process closes it.
func lockFile(path string) (unlock func() error, err error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, pathless(err)
		}
		if err := flock(f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if sameFile(f, path) {
			return func() error { return errors.Join(os.Remove(path), f.Close()) }, nil
		}
		_ = f.Close() // the one who had it before has removed it
	}
}

func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // it fits
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		case !errors.Is(err, syscall.EINTR):
			return err
		}
	}
}

// sameFile tells whether f is still the one that path names.
func sameFile(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(mine, there)
}
