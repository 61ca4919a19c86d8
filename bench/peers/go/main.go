// Go's distributed locks as programs: the lines that docs/benchmarks.md describes.
//
//	run contend LIBRARY PORT CLIENTS WARM_MS SPAN_MS HOLD_US
//	run hold LIBRARY PORT NAME TTL_MS
//	run count LIBRARY PORT NAME TIMES
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var background = context.Background()

func fail(why any) {
	fmt.Fprintln(os.Stderr, "peer:", why)
	os.Exit(1)
}

func say(line string) { fmt.Println(line) }

func number(word string) time.Duration {
	n, err := strconv.Atoi(word)
	if err != nil {
		fail(err)
	}
	return time.Duration(n)
}

// The library with its version, as the build recorded it.
func versionOf(library string) string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if strings.Contains(module.Path, "/"+library) {
			return library + " " + module.Version
		}
	}
	return library
}

// Says "held" or "busy"; gives the lock back when told to end.
func hold(mine lock) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	held, err := mine.take(false)
	if err != nil {
		fail(err)
	}
	if !held {
		say("busy")
		return
	}
	say("held")
	<-told
	ours, err := mine.give()
	if err != nil {
		fail(err)
	}
	if ours {
		say("released")
	} else {
		say("gone")
	}
}

// Reads a number and writes the next one, under the lock: two at once lose a count.
func count(mine lock, port, key string, times int) {
	to := connect(port)
	for i := 0; i < times; i++ {
		if _, err := mine.take(true); err != nil {
			fail(err)
		}
		seen, _ := to.Get(background, key).Int()
		if err := to.Set(background, key, seen+1, 0).Err(); err != nil {
			fail(err)
		}
		if _, err := mine.give(); err != nil {
			fail(err)
		}
	}
	say("counted")
}

func main() {
	words := os.Args[1:]
	if len(words) == 7 && words[0] == "contend" {
		contend(words[1], words[2], int(number(words[3])), number(words[4])*time.Millisecond,
			number(words[5])*time.Millisecond, number(words[6])*time.Microsecond)
		return
	}
	if len(words) != 5 {
		fail("usage: run contend LIBRARY PORT CLIENTS WARM_MS SPAN_MS HOLD_US | " +
			"hold LIBRARY PORT NAME TTL_MS | count LIBRARY PORT NAME TIMES")
	}
	ttl := 30 * time.Second
	if words[0] == "hold" {
		ttl = number(words[4]) * time.Millisecond
	}
	mine, err := newLock(words[1], connect(words[2]), words[3], ttl)
	if err != nil {
		fail(err)
	}
	if words[0] == "hold" {
		hold(mine)
	} else {
		count(mine, words[2], words[3]+":count", int(number(words[4])))
	}
}
