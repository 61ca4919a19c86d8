// Many clients that want one lock, each with a connection of its own.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"time"
)

type waits struct {
	guard    sync.Mutex
	counting bool
	asked    time.Time
	us       []int64
}

func (w *waits) ask() {
	w.guard.Lock()
	w.asked = time.Now()
	w.guard.Unlock()
}

func (w *waits) got() {
	w.guard.Lock()
	if w.counting {
		w.us = append(w.us, time.Since(w.asked).Microseconds())
	}
	w.asked = time.Time{}
	w.guard.Unlock()
}

func (w *waits) count(on bool) {
	w.guard.Lock()
	w.counting = on
	w.guard.Unlock()
}

func (w *waits) print(to *bufio.Writer, now time.Time) {
	w.guard.Lock()
	defer w.guard.Unlock()
	fmt.Fprint(to, "waits")
	for _, us := range w.us {
		fmt.Fprint(to, " ", us)
	}
	if !w.asked.IsZero() {
		fmt.Fprint(to, " +", now.Sub(w.asked).Microseconds())
	}
	fmt.Fprintln(to)
}

func takeTurns(mine lock, seen *waits, hold time.Duration) {
	for {
		seen.ask()
		if _, err := mine.take(true); err != nil {
			fail(err)
		}
		seen.got()
		if hold > 0 {
			time.Sleep(hold)
		}
		if _, err := mine.give(); err != nil {
			fail(err)
		}
	}
}

func contend(library, port string, clients int, warm, span, hold time.Duration) {
	all := make([]*waits, clients)
	locks := make([]lock, clients)
	for i := range all {
		to := connect(port)
		if err := to.Ping(background).Err(); err != nil {
			fail(err)
		}
		mine, err := newLock(library, to, "bench:contended", 30*time.Second)
		if err != nil {
			fail(err)
		}
		all[i], locks[i] = &waits{}, mine
	}
	say("ready " + versionOf(library))
	for i := range all {
		go takeTurns(locks[i], all[i], hold)
	}
	time.Sleep(warm)
	for _, one := range all {
		one.count(true)
	}
	say("begin")
	time.Sleep(span)
	for _, one := range all {
		one.count(false)
	}
	say("end")
	out := bufio.NewWriter(os.Stdout)
	now := time.Now()
	for _, one := range all {
		one.print(out, now)
	}
	fmt.Fprintln(out, "done")
	out.Flush()
}
