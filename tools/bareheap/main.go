// Command bareheap is the control for schedulers: per core one goroutine with a slice heap and one timer, which calls
// an empty function for each task that is due; with -sockets, one raw write(2) for each socket of the task. No server
// that ticks and writes can cost less. It prints CPU, and how late the calls were.
//
//	go run . -tasks 10000 -rate 10
//	go run . -tasks 2000 -rate 20 -busy 400 -sockets 4 -bytes 230
//
// The sockets are connected to a second process of the same program on loopback, which reads and drops.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

func main() {
	tasks := flag.Int("tasks", 10000, "tasks, at most 100000")
	rate := flag.Float64("rate", 10, "calls per second and task")
	busy := flag.Int("busy", 0, "tasks that write")
	sockets := flag.Int("sockets", 0, "sockets of each task that writes")
	size := flag.Int("bytes", 230, "bytes of each write")
	duration := flag.Duration("duration", 8*time.Second, "how long to measure, at most 5m")
	sink := flag.String("sink", "", "internal: connect to this address, read and drop")
	conns := flag.Int("conns", 0, "internal: so many connections")
	flag.Parse()
	if *sink != "" {
		drain(*sink, *conns)
		return
	}
	if *tasks > 100_000 || *duration > 5*time.Minute || *busy**sockets > 20_000 {
		fmt.Fprintln(os.Stderr, "bareheap: too much")
		os.Exit(2)
	}
	fds := connect(*busy * *sockets)
	measure(*tasks, *busy, *sockets, *size, *rate, *duration, fds)
}

// drain is the second process.
func drain(addr string, n int) {
	var wg sync.WaitGroup
	for range n {
		c, err := net.Dial("tcp", addr)
		check(err)
		wg.Go(func() { _, _ = io.Copy(io.Discard, c) })
	}
	wg.Wait()
}

// connect returns n sockets whose other ends are read by a second process.
func connect(n int) []int {
	if n == 0 {
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	self, err := os.Executable()
	check(err)
	check(exec.Command(self, "-sink", l.Addr().String(), "-conns", fmt.Sprint(n)).Start())
	fds := make([]int, n)
	for i := range fds {
		c, err := l.Accept()
		check(err)
		f, err := c.(*net.TCPConn).File()
		check(err)
		fds[i] = int(f.Fd())
		check(syscall.SetNonblock(fds[i], true))
		kept = append(kept, f, c)
	}
	return fds
}

var kept []io.Closer // so that the collector leaves them alone

type task struct {
	due int64
	fds []int
}

// down restores the heap after the first task has changed.
func down(h []task) {
	first := h[0]
	i := 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].due < h[c].due {
			c++
		}
		if first.due <= h[c].due {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = first
}

func measure(tasks, busy, sockets, size int, rate float64, duration time.Duration, fds []int) {
	cores := runtime.GOMAXPROCS(0)
	every := int64(float64(time.Second) / rate)
	payload := make([]byte, size)
	heaps := make([][]task, cores)
	phases := rand.Perm(tasks)
	for i := range tasks {
		t := task{due: int64(float64(phases[i]) / float64(tasks) * float64(every))}
		if i < busy {
			t.fds = fds[i*sockets : (i+1)*sockets]
		}
		heaps[i%cores] = append(heaps[i%cores], t)
	}
	const warmup = time.Second
	epoch := time.Now()
	from, to := int64(warmup), int64(warmup+duration)
	lates := make([][]int32, cores)
	var wg sync.WaitGroup
	for c, h := range heaps {
		slices.SortFunc(h, func(a, b task) int { return int(a.due - b.due) })
		wg.Go(func() { lates[c] = work(h, every, epoch, from, to, payload) })
	}
	time.Sleep(warmup)
	before := cpu()
	time.Sleep(duration)
	used := cpu() - before
	wg.Wait()
	late := slices.Concat(lates...)
	slices.Sort(late)
	at := func(share float64) float64 { return float64(late[int(share*float64(len(late)-1))]) }
	fmt.Printf("tasks %d, %g/s, sockets %d: CPU %.4f cores, %.3f us per tick; late p50 %.0f us, p99 %.0f us, p99.9 %.0f us; ticks %d\n",
		tasks, rate, len(fds), used.Seconds()/duration.Seconds(), float64(used.Microseconds())/float64(len(late)),
		at(0.5), at(0.99), at(0.999), len(late))
}

// work runs one core's tasks and returns how late they were, in microseconds.
func work(h []task, every int64, epoch time.Time, from, to int64, payload []byte) []int32 {
	lates := make([]int32, 0, int64(len(h)+1)*(to-from)/every*2)
	timer := time.NewTimer(0)
	<-timer.C
	for {
		now := int64(time.Since(epoch))
		if now > to {
			return lates
		}
		for h[0].due <= now {
			if now > from {
				lates = append(lates, int32((now-h[0].due)/1000))
			}
			for _, fd := range h[0].fds {
				_, _ = syscall.Write(fd, payload) // a full socket loses it
			}
			h[0].due += every
			down(h)
		}
		timer.Reset(time.Duration(h[0].due - now))
		<-timer.C
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bareheap:", err)
		os.Exit(1)
	}
}
