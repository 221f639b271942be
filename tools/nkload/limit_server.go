package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
	"unsafe"

	"github.com/heroiclabs/nakama-common/rtapi"
	"golang.org/x/sys/unix"
)

// limitMatch is as long as an id of Nakama.
const limitMatch = "01234567-89ab-cdef-0123-456789abcdef.nakama"

// limitFrame returns a WebSocket frame with match_data as Nakama sends it, and
// where the data begin in it.
func limitFrame(payload int, relay bool) (frame []byte, at int) {
	m := &rtapi.MatchData{MatchId: limitMatch, OpCode: opBroadcast, Data: bytes.Repeat([]byte{0xa5}, payload), Reliable: true}
	if relay {
		m.OpCode = opInput
		m.Presence = &rtapi.UserPresence{UserId: limitMatch[:36], SessionId: limitMatch[:36], Username: limitMatch[:10]}
	}
	b, _ := codec{}.encode(&rtapi.Envelope{Message: &rtapi.Envelope_MatchData{MatchData: m}})
	frame = []byte{0x82, byte(len(b))}
	if len(b) > 125 {
		frame = binary.BigEndian.AppendUint16([]byte{0x82, 126}, uint16(len(b)))
	}
	frame = append(frame, b...)
	return frame, bytes.Index(frame, m.Data)
}

// limitServer is the process. It ends with an error as soon as a socket does,
// or when it was not wanted within a minute.
func limitServer(arg string) error {
	var c limitConfig
	if err := json.Unmarshal([]byte(arg), &c); err != nil {
		return err
	}
	debug.SetGCPercent(-1)
	giveUp := time.AfterFunc(time.Minute, func() { os.Exit(1) })
	fds, err := limitAccept(c.Conns)
	if err != nil {
		return err
	}
	giveUp.Stop()
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1000, 0, 0, 0)
	one, at := limitFrame(c.Payload, c.Relay)
	if c.Relay {
		return limitRelay(c, fds, one, at)
	}
	return limitTick(c, fds, bytes.Repeat(one, c.Frames), len(one), at)
}

// limitAccept prints the address, accepts n WebSocket upgrades and returns the
// sockets in the order of the clients' indices.
func limitAccept(n int) ([]int, error) {
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, err
	}
	if err := unix.Listen(l, 1024); err != nil {
		return nil, err
	}
	sa, err := unix.Getsockname(l)
	if err != nil {
		return nil, err
	}
	fmt.Printf("127.0.0.1:%d\n", sa.(*unix.SockaddrInet4).Port)
	fds := make([]int, n)
	buf := make([]byte, 8192)
	for range n {
		fd, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		if err != nil {
			return nil, err
		}
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		got := 0
		for !bytes.HasSuffix(buf[:got], []byte("\r\n\r\n")) {
			k, err := unix.Read(fd, buf[got:])
			if k <= 0 {
				return nil, fmt.Errorf("upgrade: %d bytes, %v", k, err)
			}
			got += k
		}
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(buf[:got])))
		if err != nil {
			return nil, err
		}
		i, err := strconv.Atoi(req.FormValue("token"))
		if err != nil || i < 0 || i >= n || fds[i] != 0 {
			return nil, fmt.Errorf("bad index %q", req.FormValue("token"))
		}
		fds[i] = fd
		sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, _ = unix.Write(fd, []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
			base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n"))
	}
	return fds, nil
}

// The loops below use raw system calls, which cost what they cost in C.

func rawWrite(fd int, b []byte) error {
	n, _, err := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if err != 0 || int(n) != len(b) {
		return fmt.Errorf("wrote %d of %d bytes: %w", int(n), len(b), err)
	}
	return nil
}

// rawRecv returns 0 if there is nothing to read and an error at the end.
func rawRecv(fd int, b []byte, flags int) (int, error) {
	n, _, err := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), uintptr(flags), 0, 0)
	switch {
	case err == unix.EAGAIN:
		return 0, nil
	case err != 0:
		return 0, err
	case n == 0:
		return 0, errors.New("closed by the client")
	}
	return int(n), nil
}

// limitTick writes b, frames of size bytes with the data at a place in each, to
// every player of a group at its ticks.
func limitTick(c limitConfig, fds []int, b []byte, size, at int) error {
	period, groups := time.Second/time.Duration(c.Rate), len(fds)/c.Players
	in := make([]byte, 65536)
	start := time.Now().Add(period)
	for k := 0; ; k++ {
		due := start.Add(period * time.Duration(k/groups))
		if c.Spread {
			due = due.Add(period * time.Duration(k%groups) / time.Duration(groups))
		}
		for d := time.Until(due); d > 0; d = time.Until(due) {
			ts := unix.NsecToTimespec(int64(d))
			_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
		}
		group := fds[k%groups*c.Players:][:c.Players]
		if c.Read {
			for _, fd := range group {
				if _, err := rawRecv(fd, in, unix.MSG_DONTWAIT); err != nil {
					return err
				}
			}
		}
		now := uint64(time.Now().UnixNano())
		for f := at; f < len(b); f += size {
			binary.LittleEndian.PutUint64(b[f:], uint64(k/groups))
			binary.LittleEndian.PutUint64(b[f+8:], now)
		}
		for _, fd := range group {
			if err := rawWrite(fd, b); err != nil {
				return err
			}
		}
	}
}

// limitRelay writes a frame to the others of a group for each message that it
// reads, with the first 16 bytes of its data.
func limitRelay(c limitConfig, fds []int, frame []byte, at int) error {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	for i, fd := range fds {
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
			return err
		}
	}
	in := make([]byte, 65536)
	events := make([]unix.EpollEvent, 64)
	for {
		ready, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(ep), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), ^uintptr(0), 0, 0)
		if errno == unix.EINTR {
			continue
		} else if errno != 0 {
			return errno
		}
		for _, ev := range events[:ready] {
			from := int(ev.Fd)
			n, err := rawRecv(fds[from], in, 0)
			if err != nil {
				return err
			}
			group := from / c.Players * c.Players
			for b := in[:n]; len(b) > 0; {
				head, size := 2, int(b[1]&0x7f)
				if size == 126 {
					head, size = 4, int(binary.BigEndian.Uint16(b[2:]))
				}
				mask, body := b[head:head+4], b[head+4:][:size]
				data := size - c.Payload // the data are last
				for j := range 16 {
					frame[at+j] = body[data+j] ^ mask[(data+j)&3]
				}
				for i := group; i < group+c.Players; i++ {
					if i != from {
						if err := rawWrite(fds[i], frame); err != nil {
							return err
						}
					}
				}
				b = b[head+4+size:]
			}
		}
	}
}
